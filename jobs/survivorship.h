#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/options.h"
#include "jobs/cleanse_flow.h"
#include "jobs/row_groups.h"

namespace tallymill {

/// How a column of the row that survives gets its value.
struct SurvivorRule {
  Column column;
  std::string order;  ///< terms that rank its values, as those of RowGroups::order
};

/// `survivors:` of a dedupe. Empty after reporting a column that is not there, or a rule that lacks
/// what it goes by.
std::optional<std::vector<SurvivorRule>> survivor_rules(CleanseFlow& flow, const Options& options);

/// The values that the rules choose, one hidden column each: of rows without a reason to leave, of
/// which `groups` merges one into the other; null where all of them lack it.
std::vector<std::string> keep_survivors(CleanseFlow& flow, const RowGroups& groups,
                                        const std::vector<SurvivorRule>& rules);
/// Writes them into the rows where `survives` is true. The merged rows keep their own, which is
/// what a merge is undone from.
void set_survivors(CleanseFlow& flow, const std::vector<SurvivorRule>& rules,
                   const std::vector<std::string>& values, const std::string& survives);

/// survivors, recency, sources, source.
std::vector<OptionSpec> survivorship_options();

}  // namespace tallymill
