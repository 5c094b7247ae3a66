#pragma once

#include <string>

#include "datasets/engine.h"

namespace tallymill::books {

/// SQL functions over whole minor units ("units"). DuckDB's own arithmetic would do, but it divides
/// 128-bit integers bit by bit (10 million divisions took 8.5 s against 0.1 s here) and has no
/// exact way from a decimal to its units. Each `..._sql` registers what it names on first use and
/// gives the call.

/// A decimal (up to 18 digits) or integer `column` of `type` as BIGINT units.
std::string units_sql(Engine& engine, const Type& type, const std::string& expression);

/// BIGINT units as `type` again; throws Error(data) where they need more than 18 digits.
std::string amount_sql(Engine& engine, const Type& type, const std::string& expression);

/// DECIMAL(38,0) units of 10^-scale as a plain decimal text.
std::string units_text_sql(Engine& engine, const std::string& units, const std::string& scale);

}  // namespace tallymill::books
