#pragma once

#include <vector>

#include "core/json.h"
#include "datasets/engine.h"
#include "worker/column_values.h"

namespace tallymill {

/// Named formats that most texts of a column have, for each of the columns of `values` as
/// [{"format", "rows"}], most rows first, ties by name. What few of a sample have, a thousand
/// frequent values and a thousand others, is not counted in the others.
std::vector<json::array> column_formats(Engine& engine, const ColumnValues& values);

}  // namespace tallymill
