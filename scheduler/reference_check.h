#pragma once

#include <map>
#include <span>
#include <string>

#include "core/diagnostics.h"
#include "scheduler/graph_loader.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// Settles what jobs name outside the graphs, before datasets are indexed. A `tables/<name>.csv`
/// that does not exist becomes an input where some job makes dataset `<name>`: jobs name a table
/// and a dataset in the same way. A rule becomes the file it stands in and those it depends on.
/// Reports files and connectors that do not exist, with the
/// nearest one that does.
void check_references(const Workspace& workspace, const JobCatalog& catalog,
                      std::span<GraphDraft> drafts, Diagnostics& diagnostics);

}  // namespace tallymill
