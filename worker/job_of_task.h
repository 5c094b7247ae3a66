#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/diagnostics.h"
#include "core/task.h"
#include "jobs/job.h"

namespace tallymill {

/// The job a task names, as its graph file declares it. `node` is its mapping.
JobSpec job_spec(const Task& task, YamlNode node);
/// Throws Error(config) if no such job type exists.
std::unique_ptr<Job> make_job(const JobSpec& spec);

/// Whether the job changes anything outside the state folder.
bool has_outside_effect(const JobSpec& spec);

/// Names of the datasets the job reads, from its YAML alone.
std::vector<std::string> declared_inputs(const JobSpec& spec);

/// Problems of graph, SQL or rules found while planning: throws Error(config) that renders them
/// all, and puts them into `result`. Warnings are only put there.
void refuse_problems(const Diagnostics& diagnostics, TaskResult& result);

}  // namespace tallymill
