#pragma once

#include <string>

#include "core/json.h"
#include "datasets/engine.h"

namespace tallymill {

/// Named formats that most texts of a column have, as [{"format", "rows"}], most rows first, ties
/// by name. `values` is a table of texts v and how many rows n have each. What most of a sample of
/// the most frequent values do not have is not counted in the others.
json::array column_formats(Engine& engine, const std::string& values);

}  // namespace tallymill
