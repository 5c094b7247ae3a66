#pragma once

#include <string>
#include <vector>

#include "jobs/job.h"

namespace tallymill {

/// A number in the units and with the sign it is compared in.
struct ScaledAmount {
  std::string sql;
  Type type;
};

/// Options `factor` and `negate`; `what` completes their sentences.
std::vector<OptionSpec> scale_options(const std::string& what);
/// `sql` of `type` times `factor`, with the other sign where `negate` says so: exact. Reports a
/// factor that is no positive decimal.
ScaledAmount scale_amount(JobContext& context, const Options& options, const std::string& sql,
                          const Type& type);
/// The narrowest type that holds both: money beside money stays money.
Type common_amount(const Type& a, const Type& b);

}  // namespace tallymill
