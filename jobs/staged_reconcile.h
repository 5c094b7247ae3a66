#pragma once

#include <memory>

#include "jobs/job.h"

namespace tallymill {

/// A reconcile job whose rows match by a cascade of stages.
std::unique_ptr<Job> make_staged_reconcile(const JobSpec& spec);

}  // namespace tallymill
