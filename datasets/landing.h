#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "datasets/type.h"

namespace tallymill {

/// Our type for DuckDB's type text: any whole number is an integer, "DECIMAL(38,2)" a
/// decimal(38,2). Empty for DOUBLE, lists and everything else we have no exact type for.
std::optional<Type> type_from_sql(std::string_view sql_type);

/// Why a value of DuckDB's `sql_type` may not become a `target` by widening alone; empty if it may.
/// More digits before the point may come: a value that does not fit then ends the statement.
std::string landing_problem(std::string_view sql_type, const Type& target);

}  // namespace tallymill
