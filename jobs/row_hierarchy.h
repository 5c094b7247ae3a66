#pragma once

#include <optional>
#include <string>

#include "core/options.h"
#include "jobs/cleanse_flow.h"
#include "jobs/row_groups.h"

namespace tallymill {

/// Rows of one group whose registered names differ are not merged: they are linked by the id of the
/// group's first row, and listed for people to review.
struct RowHierarchy {
  Column differs;  ///< the registered name
  Column id;
  std::string into;  ///< column that gets the id of the first row
};

/// `hierarchy:` of a dedupe, which has it. Empty after reporting a column that is not there, or an
/// `into` that cannot hold the link.
std::optional<RowHierarchy> row_hierarchy(CleanseFlow& flow, const Options& options);

/// Takes rows with another registered name out of what is merged; one without a name goes with the
/// group's first.
void tell_apart(CleanseFlow& flow, const RowHierarchy& hierarchy, RowGroups& groups);

/// Hidden columns about a row that stays.
struct RowLinks {
  std::string differs;  ///< boolean: its group has several names
  std::string parent;   ///< id of the group's first row
};
RowLinks keep_links(CleanseFlow& flow, const RowHierarchy& hierarchy, const RowGroups& groups,
                    const std::string& survives);
/// Writes the links and notes the evidence `review`.
void set_links(CleanseFlow& flow, const RowHierarchy& hierarchy, const RowLinks& links);

OptionSpec hierarchy_option();

}  // namespace tallymill
