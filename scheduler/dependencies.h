#pragma once

#include <span>

#include "core/diagnostics.h"
#include "scheduler/dataset_index.h"

namespace tallymill {

/// Fills needs, dependents and order of every graph from `needs:`, datasets and gates, and reports
/// unknown jobs and cycles, also those that run through several graphs.
///
/// A gate of dataset D stands between D and every job of the same graph that reads D, except the
/// gates of D themselves and the jobs that some gate of D depends on: those must run before it.
void link_jobs(std::span<GraphDraft> drafts, const DatasetIndex& datasets,
               Diagnostics& diagnostics);

}  // namespace tallymill
