#pragma once

#include <string>
#include <vector>

#include "datasets/ledger.h"
#include "jobs/job.h"

namespace tallymill {

/// What this attempt has staged as `dataset`; throws Error(bug) if it has not.
const TaskOutput& staged(JobContext& context, const std::string& dataset);
/// A relation over it: what was written, not what was meant to be.
std::string staged_relation(JobContext& context, const std::string& dataset);

/// An exact sum as text ("12.30", "-5") in units of 10^-scale. Throws Error(bug) if it does not
/// fit; `scale` is at least the text's own.
Int128 units_of_text(const std::string& text, int scale);

/// Adds what was staged as `dataset` to the credit `entry`: rows, and sums of `scales`' columns.
void credit_staged(Ledger& ledger, const std::string& entry, JobContext& context,
                   const std::string& dataset, const std::map<std::string, int>& scales);

/// The exact sum of `column` (SQL) over a relation, nulls as nothing, in units of 10^-scale.
Int128 sum_of(JobContext& context, const std::string& column, const std::string& relation,
              int scale);
std::int64_t count_of(JobContext& context, const std::string& relation);

/// Reports at `where` the columns of `balance:` that there are not, or that have no sum.
void check_balanced_columns(const std::vector<std::string>& columns, const Schema& schema,
                            const SourcePosition& where, Diagnostics& diagnostics);

/// Puts the ledger into the result, also if it does not balance, then requires that it does.
void close_books(JobContext& context, const Ledger& ledger);

}  // namespace tallymill
