#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/diagnostics.h"
#include "scheduler/graph_loader.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// A job among all graphs of a load.
struct JobRef {
  std::uint32_t graph = 0;  ///< index into the drafts
  JobIndex job = 0;
  friend auto operator<=>(const JobRef&, const JobRef&) = default;
};

/// Who writes, reads and gates one dataset.
struct DatasetEntry {
  JobRef writer;
  bool evidence = false;
  std::vector<JobRef> readers;  ///< ascending, each once
  std::vector<JobRef> waiting;  ///< those that read what a run for their own period makes
  std::vector<JobRef> gates;    ///< ascending, each once
};
using DatasetIndex = std::map<std::string, DatasetEntry, std::less<>>;

/// Connects every dataset name to its jobs. Reports datasets written twice, read but never
/// written, never read, and gates that stand in the wrong graph.
DatasetIndex index_datasets(std::span<const GraphDraft> drafts, Diagnostics& diagnostics);

}  // namespace tallymill
