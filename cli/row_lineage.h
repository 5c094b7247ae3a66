#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

struct LineageWanted {
  std::vector<std::pair<std::string, std::string>> key;  ///< column, value
  bool down = false;
  std::int64_t limit = 20;
  bool reveal = false;
};

/// Walks rows of `version` through the allocations that made it (and those that made their pools),
/// or down through those that read it; in one worker. See worker/row_lineage.h for the answer.
json::object row_lineage(const Workspace& workspace, StoreView& store, const VersionRecord& version,
                         const LineageWanted& wanted);

/// For people: every row with what hangs under it, indented.
void print_lineage(const json::object& lineage, std::ostream& out);

}  // namespace tallymill
