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

/// Both sides and what became of them. Where currencies are declared, totals and lines are of one
/// each.
struct TwoSides {
  std::vector<StatementLine> lines;
  std::vector<books::MatchSideTotals> left;
  std::vector<books::MatchSideTotals> right;
  int scale = 0;  ///< amounts are units of 10^-scale
  bool has_currencies = false;

  std::int64_t rows() const;  ///< of both
};

/// What one side has, for a statement: rows, amount (of each currency where they are declared) and
/// rows without a whole key, if there are.
json::object side_line(const std::vector<books::MatchSideTotals>& totals, int scale,
                       bool has_currencies);

/// The report's statement: what both sides have, what became of it, and that nothing is left
/// unexplained; amounts of several currencies stand beside each other.
void state_two_sides(JobContext& context, const TwoSides& sides);
/// Requires every row of both sides to be in exactly one line, with its amount.
void close_two_sides(JobContext& context, const TwoSides& sides);

}  // namespace tallymill
