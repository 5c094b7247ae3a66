#pragma once

#include <map>
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

/// What the job reads, from its YAML alone.
std::vector<DatasetUse> declared_inputs(const JobSpec& spec);
/// Datasets whose columns the job declares, before anything is bound; none of most jobs.
std::map<std::string, Schema> declared_outputs(const JobSpec& spec, int currency_scale);

/// Problems of graph, SQL or rules found while planning: throws Error(config) that renders them
/// all, and puts them into `result`. Warnings are only put there.
void refuse_problems(const Diagnostics& diagnostics, TaskResult& result);

}  // namespace tallymill
