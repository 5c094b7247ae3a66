#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/catalog.h"
#include "cli/invocation.h"
#include "core/task.h"
#include "scheduler/imagined_job.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// The job of an imagined run that JOB (and --partition) names; throws Error(config) with the
/// nearest name.
JobIndex imagined_job(const ImaginedRun& imagined, const Invocation& invocation);

/// The task of a job with other options. `changes`: texts "option=value", values as in YAML. Throws
/// Error(config) with all that does not fit: options that are no options, and such that would
/// have the job read or write other datasets.
Task changed_task(const Workspace& workspace, const UnitCatalog& catalog, const JobSpec& spec,
                  const JobShape& shape, Task task, const std::vector<std::string>& changes);

}  // namespace tallymill
