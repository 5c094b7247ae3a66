#pragma once

#include <functional>
#include <string>

#include "core/json.h"
#include "core/registry.h"
#include "datasets/engine.h"
#include "worker/context.h"

namespace tallymill {

/// A question about data that people ask through a worker (show, rejects, rules try): one file
/// under worker/queries. The task's spec is {"query": name, ...}, its inputs are as in a run.
struct Query {
  std::string name;
  std::string summary;
  /// Gives the `answer` of the result; reports what is wrong with the question to
  /// context.diagnostics(), or throws Error.
  std::function<json::value(WorkerContext&)> answer;
};
void register_all_queries(Registry<Query>& queries);

/// Every row as a list of its cells: texts, or null.
json::array cells_json(const Rows& rows);

}  // namespace tallymill
