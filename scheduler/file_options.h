#pragma once

#include <string>
#include <vector>

#include "core/options.h"

namespace tallymill {

// The keys of the files people write: one description for loading, `tallymill explain` and the
// JSON Schema.

/// tallymill.yaml. `connectors` is checked entry by entry by the JobCatalog.
const std::vector<OptionSpec>& workspace_options();
/// graphs/*.yaml. `params` and `jobs` are mappings whose values have the options below.
const std::vector<OptionSpec>& graph_options();
/// blocks/*.yaml.
const std::vector<OptionSpec>& block_options();
/// One entry of `params:`.
const std::vector<OptionSpec>& param_options();
/// The keys every job may have beside the options of its type.
const std::vector<OptionSpec>& common_job_options();
/// Their names, for JobCatalog::shape().
const std::vector<std::string>& common_job_keys();

}  // namespace tallymill
