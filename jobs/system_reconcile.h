#pragma once

#include <memory>
#include <vector>

#include "jobs/job.h"

namespace tallymill {

/// The option `systems:`; `side_fields` are the keys a side has.
OptionSpec systems_option(std::vector<OptionSpec> side_fields);

/// A reconcile job of three and more systems.
std::unique_ptr<Job> make_system_reconcile(const JobSpec& spec);

}  // namespace tallymill
