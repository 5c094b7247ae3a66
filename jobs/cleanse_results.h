#pragma once

#include <string>
#include <utility>
#include <vector>

#include "jobs/cleanse_flow.h"

namespace tallymill {

/// What a cleanse has written, for its books and its report.
struct CleanseOutputs {
  std::string input;  ///< relation of what came in
  std::string rows;   ///< relation of CleanseFlow::select(), stored or not
  std::string left;   ///< relation of its rows that leave
  std::string into;   ///< dataset
  Schema schema;      ///< of `into`
  std::vector<std::pair<Leaving, std::string>> evidence;  ///< dataset by kind
};

/// in = out + rejected + merged + filtered; amounts also + adjusted, what steps took away (or, if
/// negative, added) by writing a balanced column. Both sides are counted from files: the input as
/// published, and what was written. Throws Error(data) if the books do not close.
void close_cleanse_books(JobContext& context, const CleanseFlow& flow,
                         const CleanseOutputs& outputs);

/// Rows by reason, every label a row carries and the first one, by which the ledger counts it; what
/// steps tallied; the result's counts.
void report_cleanse(JobContext& context, const CleanseFlow& flow, const CleanseOutputs& outputs);

}  // namespace tallymill
