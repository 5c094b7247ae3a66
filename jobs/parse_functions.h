#pragma once

#include <string>
#include <vector>

#include "core/diagnostics.h"
#include "core/written_number.h"
#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill {

/// Whether `pattern` can be the format of texts of that type; reports at `where` what is wrong.
bool is_sound_format(const Type& type, const std::string& pattern, const SourcePosition& where,
                     Diagnostics& diagnostics);

/// An SQL call that reads the text `expression` as `type`, strictly (core's parse_* functions):
/// STRUCT(value, problem VARCHAR). A null text gives both null; a text that is no value gives the
/// reason code as `problem`. `format` is a pattern for dates and timestamps, empty: ISO.
/// Registers its function on first use. There is no other way from text to value: DuckDB's casts
/// round 12.345 to 12.35 and read '3.7' as 4.
std::string parse_sql(Engine& engine, const Type& type, const std::string& format,
                      const std::string& expression);

/// The same for texts as people write them: full-width forms and blanks at the ends are read as
/// their ASCII. Numbers: core/written_number.h.
std::string written_number_sql(Engine& engine, const Type& type, const NumberSigns& signs,
                               const std::string& expression);
/// Dates: core/time/written_date.h.
std::string written_date_sql(Engine& engine, const std::vector<std::string>& forms,
                             bool takes_first, const std::string& expression);

}  // namespace tallymill
