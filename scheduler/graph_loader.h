#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/diagnostics.h"
#include "scheduler/blocks.h"
#include "scheduler/graph.h"
#include "scheduler/job_catalog.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// One graph file as read: jobs with their shapes, without edges (see dependencies.h).
struct GraphDraft {
  std::shared_ptr<Graph> graph;  ///< null if the file is not YAML at all
  std::string file;
  /// Per job: its options were sound, so its shape tells all it reads and makes. What an unsound
  /// job would have made is not reported as missing.
  std::vector<bool> is_sound;
};

/// Reads `text` of `file` ("graphs/<name>.yaml"); reports everything that can be known from this
/// file, the blocks it takes in, the job types and what `workspace` says of currency, zone and
/// calendars.
GraphDraft load_graph(const std::string& file, std::string text, const Workspace& workspace,
                      const Blocks& blocks, const JobCatalog& catalog, Diagnostics& diagnostics);

}  // namespace tallymill
