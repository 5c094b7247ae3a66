#pragma once

#include <string>

#include "core/json.h"
#include "scheduler/store_view.h"

namespace tallymill {

/// The results of a run (run_results.h) as one page that needs nothing else: verdict, a table of
/// all checks, and for each job its books, what failed with values and sample rows, and how it did
/// in earlier periods, which the store knows. Every value is escaped; there is no script.
std::string results_page(const json::object& results, StoreView& store, const RunRecord& run);

}  // namespace tallymill
