#pragma once

#include <string>

#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill {

/// An SQL call that reads the text `expression` as `type`, strictly (core's parse_* functions):
/// STRUCT(value, problem VARCHAR). A null text gives both null; a text that is no value gives the
/// reason code as `problem`. `format` is a pattern for dates and timestamps, empty: ISO.
/// Registers its function on first use. There is no other way from text to value: DuckDB's casts
/// round 12.345 to 12.35 and read '3.7' as 4.
std::string parse_sql(Engine& engine, const Type& type, const std::string& format,
                      const std::string& expression);

}  // namespace tallymill
