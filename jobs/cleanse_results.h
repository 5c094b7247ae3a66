#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "jobs/cleanse_flow.h"

namespace tallymill {

/// What a cleanse has written, for its books and its report.
struct CleanseOutputs {
  std::string input;         ///< relation of what came in
  std::int64_t rows_in = 0;  ///< of it
  std::string rows;          ///< relation of CleanseFlow::select(), stored or not
  std::string into;          ///< dataset
  Schema schema;             ///< of `into`
  std::vector<std::pair<Leaving, std::string>> evidence;  ///< dataset by kind
  std::vector<std::int64_t> changed;  ///< cells of rows that stay, by CleanseFlow::changes()
};

/// A relation of _reason, _reasons and _message of the rows that left, as written.
std::string left_relation(JobContext& context, const CleanseOutputs& outputs);

/// Counts and sums over a flow's rows, all in one pass.
class CleanseTotals {
 public:
  CleanseTotals(JobContext& context, const CleanseFlow& flow, const CleanseOutputs& outputs);

  /// Rows, in the order of CleanseFlow::tallies().
  const std::vector<std::int64_t>& tallied() const { return tallied_; }
  /// The sum of a balanced column, or of one of its stages, in units of 10^-scale.
  Int128 sum(const std::string& column, int scale) const;

 private:
  std::vector<std::int64_t> tallied_;
  std::map<std::string, std::string> sums_;  ///< by SQL
};

/// in = out + rejected + merged + filtered; amounts also + adjusted, what steps took away (or, if
/// negative, added) by writing a balanced column. Both sides are counted from files: the input as
/// published, and what was written. Throws Error(data) if the books do not close.
void close_cleanse_books(JobContext& context, const CleanseFlow& flow,
                         const CleanseOutputs& outputs, const CleanseTotals& totals);

/// Rows by reason, every label a row carries and the first one, by which the ledger counts it; what
/// steps tallied, and the cells each step changed; the result's counts.
void report_cleanse(JobContext& context, const CleanseFlow& flow, const CleanseOutputs& outputs,
                    const CleanseTotals& totals);

}  // namespace tallymill
