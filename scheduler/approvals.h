#pragma once

#include <string>
#include <vector>

#include "scheduler/graph.h"
#include "scheduler/rerun_choice.h"
#include "scheduler/store_view.h"

namespace tallymill {

/// Nothing goes past a person. Where jobs of `choice` come after an approval that is no part of it,
/// the yes of an earlier run of the graph and period is carried over if what it was about is as it
/// was: no job before the approval is chosen, and nothing those make or it looks at has been
/// published since, or stands among `replaced`: what earlier steps may replace. Else the approval
/// becomes part of the choice, with what lies between, and is asked again. Returns what is carried
/// over, in the graph's order.
std::vector<CarriedApproval> ask_again(const Graph& graph, StoreView& view, const RunRecord& of,
                                       const std::vector<PinnedVersion>& replaced,
                                       RerunChoice& choice);

}  // namespace tallymill
