#pragma once

#include <string>
#include <vector>

#include "datasets/sql_order.h"
#include "jobs/job.h"

namespace tallymill {

/// The declared keys of datasets, for check_total_order().
TableKeys input_keys(JobContext& context, const std::vector<std::string>& datasets);

/// Whether the input is read from versions of several periods or partitions: then one row may come
/// in each of them.
bool reads_several(JobContext& context, const std::string& input);

/// Whether no two rows of the input have the same values in these columns, by its declared key.
bool is_unique_by(JobContext& context, const std::string& input,
                  const std::vector<std::string>& columns);

}  // namespace tallymill
