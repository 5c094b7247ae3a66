#pragma once

#include <string>

#include "core/diagnostics.h"
#include "datasets/engine.h"

namespace tallymill {

/// Reports casts to integers and decimals in `sql` (which binds) that may round or read text
/// loosely: '12.345'::decimal(18,2), price::bigint. Casting is refused from DOUBLE, from text and
/// from a larger scale; widening passes. True if there is nothing to report.
bool check_casts(Engine& engine, const std::string& sql, const SourcePosition& where,
                 Diagnostics& diagnostics);

}  // namespace tallymill
