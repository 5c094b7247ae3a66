#pragma once

#include <span>

#include "core/diagnostics.h"
#include "scheduler/dataset_index.h"
#include "scheduler/graph_loader.h"

namespace tallymill {

/// Reports jobs that read a dataset of another axis, or partitions that nobody makes; gates that
/// judge one partition of a dataset that has none.
void check_partitions(std::span<const GraphDraft> drafts, const DatasetIndex& datasets,
                      Diagnostics& diagnostics);

}  // namespace tallymill
