#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scheduler/graph.h"

namespace tallymill {

/// `graph` with each job of declared partitions once per value. A partition comes after the same
/// partition of what it needs where both are partitioned alike, else after all of them; a job that
/// is not partitioned comes after every partition of what it needs.
std::shared_ptr<const Graph> spread_declared(std::shared_ptr<const Graph> graph);

/// `graph` with the jobs that await the list of `list_job` replaced by one per value, at the end of
/// Graph::jobs, so that the numbers of all others stay; what they stood for stays, too, without
/// edges. The order of the list does not matter.
std::shared_ptr<const Graph> spread_listed(const Graph& graph, const std::string& list_job,
                                           std::vector<std::string> values);

/// `graph` spread as the names of a run's jobs say.
std::shared_ptr<const Graph> spread_by_names(std::shared_ptr<const Graph> graph,
                                             const std::vector<std::string>& names);

/// The names of the job runs of `graph` that are about `value` of axis `name`, and of the jobs they
/// come after that no other partition comes into. Throws Error(config) if there is no such axis or
/// value.
std::vector<std::string> names_of_partition(const Graph& graph, const std::string& name,
                                            const std::string& value);

}  // namespace tallymill
