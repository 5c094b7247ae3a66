#pragma once

#include <string>
#include <vector>

#include "datasets/sql_order.h"
#include "jobs/job.h"

namespace tallymill {

/// The declared keys of datasets, for check_total_order().
TableKeys input_keys(JobContext& context, const std::vector<std::string>& datasets);

}  // namespace tallymill
