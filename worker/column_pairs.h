#pragma once

#include <vector>

#include "core/json.h"
#include "worker/column_profile.h"

namespace tallymill {

/// Columns, or pairs of them where no column alone does it, that no two rows share and that are
/// never null: [["bill"], ["customer", "day"]].
json::array find_keys(Engine& engine, const ProfileSubject& subject,
                      const std::vector<ColumnFacts>& facts);

/// Pairs where one column (nearly) decides another: {"determinant", "dependent", "rows", "holds"},
/// `holds` the most rows that could stay if the dependency were made true: at least 98 of a
/// hundred, and with a tenth of the exceptions that the most frequent value for all would have.
/// Columns that decide everything (keys) or are the same in every row say nothing and are left out.
json::array find_dependencies(Engine& engine, const ProfileSubject& subject,
                              const std::vector<ColumnFacts>& facts);

}  // namespace tallymill
