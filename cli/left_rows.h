#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/dataset_query.h"
#include "core/task.h"
#include "scheduler/state_folder.h"

namespace tallymill {

/// Evidence of a job's newest attempt, published or not: where it is, and what it is from.
struct Evidence {
  std::filesystem::path folder;
  std::string dataset;
  std::string version;  ///< the attempt that made it
  std::string made_by;  ///< the run of that attempt
  RunRecord run;
};

/// Evidence of the first of `kinds` ("rejects", "failures", ...) that the job has, in the run that
/// `run_text` names or else in the newest. Throws Error(config) that says what there is.
Evidence find_evidence(StoreView& store, const StateFolder& state, const std::string& job,
                       const std::vector<std::string>& kinds, const std::string& run_text);

/// A question to a worker about rows that left a job and can be corrected: what it read is among
/// the query's inputs, and what has been corrected before among its files. Throws Error(config) if
/// its rows cannot be corrected, or the attempt's folder is gone.
Task correction_task(const Workspace& workspace, StoreView& store, const std::string& job,
                     const Evidence& evidence, const std::string& query);

}  // namespace tallymill
