#pragma once

#include <cstdint>
#include <string>

#include "core/json.h"
#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill {

/// Rows that can stand behind FROM, and what they are.
struct ComparedRows {
  std::string relation;
  Schema schema;
};

/// What `fresh` would change of `visible`. Rows are matched by the key of `fresh` and compared in
/// the columns both have, the provenance apart; a value that reads the same in another type is the
/// same. Without such a key whole rows are counted: {"matched_by": [], "added", "removed"}.
///
///     {"matched_by": [...], "equal", "added", "removed", "changed",
///      "new_columns": [...], "gone_columns": [...], "columns": [{"column", "rows"}],
///      "samples": [{"what", "row", "column", "visible", "preview"}]}
///
/// `samples`: at most so many rows of each kind, in the order of what a row is known by; sensitive
/// values are masked.
json::object compare_versions(Engine& engine, const ComparedRows& fresh,
                              const ComparedRows& visible, std::int64_t samples);

}  // namespace tallymill
