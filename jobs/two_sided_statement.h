#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "books/matching.h"
#include "jobs/job.h"

namespace tallymill {

/// What became of some rows of both sides.
struct StatementLine {
  books::MatchClass rows;
  std::optional<std::int64_t> ambiguous = {};  ///< groups that might have been others; of stages
};

/// The report's statement: what both sides have, what became of it, and that nothing is left
/// unexplained. Amounts are units of 10^-scale.
void state_two_sides(JobContext& context, const std::vector<StatementLine>& lines_of,
                     const books::MatchSideTotals& left, const books::MatchSideTotals& right,
                     int scale);
/// Requires every row of both sides to be in exactly one line, with its amount.
void close_two_sides(JobContext& context, const std::vector<StatementLine>& lines,
                     const books::MatchSideTotals& left, const books::MatchSideTotals& right,
                     int scale);

}  // namespace tallymill
