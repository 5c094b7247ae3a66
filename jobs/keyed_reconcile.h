#pragma once

#include <memory>

#include "jobs/job.h"

namespace tallymill {

/// A reconcile job whose rows meet by key.
std::unique_ptr<Job> make_keyed_reconcile(const JobSpec& spec);

}  // namespace tallymill
