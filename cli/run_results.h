#pragma once

#include <cstdint>
#include <string>

#include "cli/catalog.h"
#include "core/json.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

struct ResultsWanted {
  /// Rows to show of each failing check, and of what other jobs turned away; 0: none is read.
  std::int64_t sample = 0;
  bool metrics = false;  ///< what differs from run to run: times, versions, people
};

/// The results of a whole run in one document, which docs/results.md describes and
/// docs/results.schema.json defines. Without metrics the same run gives the same bytes wherever and
/// whenever it is done.
json::object run_results(const Workspace& workspace, const UnitCatalog& catalog, StoreView& store,
                         const RunRecord& run, const ResultsWanted& wanted);

/// "pass", "warn" (a check of severity warn that failed), "fail" or "not_applicable".
std::string outcome_of_check(const json::object& check);

/// The results as people read them on a terminal: a table of all checks.
std::string results_text(const json::object& results);

}  // namespace tallymill
