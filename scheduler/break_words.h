#pragma once

#include <string>
#include <string_view>

#include "core/break_word.h"
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

/// What was said of the breaks as one version of them shows them: not yet part of any state.
BreakWords words_about(StoreView& view, const std::string& graph, const std::string& job,
                       const std::string& version);

/// What a person saw: that version of the breaks, and all that had been said of it. "v1", "v1+17".
std::string break_stamp(StoreView& view, const std::string& graph, const std::string& job,
                        const std::string& version);

}  // namespace tallymill
