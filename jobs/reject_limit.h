#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/diagnostics.h"
#include "core/error.h"
#include "core/options.h"

namespace tallymill {

/// `max_rejected` and `max_rejected_ratio`, the circuit breaker of jobs that turn rows away: so
/// many bad rows are no bad rows, but a broken feed.
std::vector<OptionSpec> reject_limit_options();

/// Reports a limit below zero.
void check_reject_limits(const Options& options, Diagnostics& diagnostics);

/// Rows that a job, or a part of it, has turned away.
struct RejectedRows {
  std::int64_t rejected = 0;
  std::int64_t of = 0;
  std::string whose;    ///< "rows of 'sales'"
  std::string dataset;  ///< where they stand
};

/// The limit of the options that they are beyond, as it is written there: "max_rejected 3".
struct ExceededLimit {
  std::string limit;
  SourcePosition where;
};
std::optional<ExceededLimit> exceeded_limit(const Options& options, const RejectedRows& rows);

/// Throws too_many_rejects() where they are more than the options allow.
void require_few_rejects(const Options& options, const RejectedRows& rows);

/// "`who` rejects 3 of 5 `whose`, more than `limit`; nothing is published, ..." of class data.
Error too_many_rejects(const std::string& who, const RejectedRows& rows, const std::string& limit,
                       const SourcePosition& where);

}  // namespace tallymill
