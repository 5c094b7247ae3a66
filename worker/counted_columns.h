#pragma once

#include <string>
#include <vector>

#include "worker/query.h"

namespace tallymill {

/// The columns "by" of a question about "dataset", quoted. What is no column, or a sensitive one
/// without "reveal", goes to context.diagnostics().
std::vector<std::string> counted_columns(WorkerContext& context, const json::object& question);

/// The rows of `select` in that order, at most "limit" of the question: {"columns", "rows",
/// "total"}.
json::value counts_answer(WorkerContext& context, const std::string& select,
                          const std::string& order);

}  // namespace tallymill
