#pragma once

#include <string_view>

#include "core/job_shape.h"
#include "core/time/period.h"
#include "scheduler/graph.h"
#include "scheduler/pinned_files.h"
#include "scheduler/store_view.h"

namespace tallymill {

/// Whether the job of that name, without partition, carries breaks forward, so that people can say
/// something of them.
bool carries_breaks(const JobShape& shape, std::string_view job);

/// What people said of breaks in a period or an earlier one, by corrections_path() of the jobs: an
/// open break is still the one they spoke of.
TextsInstead break_words_in_effect(StoreView& view, const Graph& graph, const Period& period);

}  // namespace tallymill
