#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scheduler/graph.h"
#include "scheduler/partition_axis.h"
#include "scheduler/store_view.h"

namespace tallymill {

/// The jobs of a run of one partition, and the unfinished job runs of open runs that it takes over.
struct PartitionRun {
  std::vector<std::string> jobs;
  std::vector<std::pair<std::string, std::string>> takes_over;  ///< run, job
  std::vector<RunRecord> open;  ///< open runs of just these jobs: such a one goes on instead
};

/// `graph` as it is spread by the lists that were made for `period` last.
std::shared_ptr<const Graph> spread_as_listed(std::shared_ptr<const Graph> graph,
                                              const std::string& period, StoreView& view);

/// Throws Error(config) if the graph has no such partition.
PartitionRun plan_partition_run(const std::shared_ptr<const Graph>& graph,
                                const std::string& period, const PartitionChoice& partition,
                                StoreView& view);

}  // namespace tallymill
