#pragma once

#include <string>

#include "core/time/period.h"
#include "scheduler/graph.h"
#include "scheduler/pinned_files.h"
#include "scheduler/store_view.h"

namespace tallymill {

/// What the store knows that jobs of a run go by, by corrections_path() and history_path() of the
/// jobs: what people say of their rows, and what their checks measured in earlier periods. A run
/// pins it like files.
TextsInstead stored_texts(StoreView& view, const Graph& graph, const Period& period);

}  // namespace tallymill
