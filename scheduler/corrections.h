#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/correction.h"
#include "scheduler/events.h"
#include "scheduler/pinned_files.h"
#include "scheduler/store_view.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// What a person says about rows of a job, as it is asked for and as the journal keeps it.
struct CorrectionOrder {
  std::string graph;
  std::string job;  ///< as its run calls it: of a partitioned job with the partition
  std::string period;
  std::string version;  ///< the attempt whose rows the person saw
  std::string file;     ///< the name of what was imported
  std::string why;
  std::string text;  ///< see corrections_text()
  /// Event of the newest import that the person's sheet was read beside; 0: there was none.
  std::int64_t beside = 0;
};

/// One import, as the store keeps it.
struct CorrectionImport {
  std::int64_t event = 0;
  std::string version;
  std::string file;
  std::int64_t rows = 0;
  std::string who;
  std::string at;
  std::string why;
};

/// A text that is longer would make every run of the job slow to begin.
inline constexpr std::size_t kMostCorrectionBytes = 16 * 1024 * 1024;

/// The event an order comes to. Throws Error(config) that says what stands against it: no such job,
/// a job whose rows cannot be corrected, rows that are not the newest any more, or of which
/// somebody else has said something meanwhile.
Event correction_event(const Workspace& workspace, StoreView& view, const CorrectionOrder& order);

/// Imports for a job of a period, oldest first.
std::vector<CorrectionImport> correction_imports(StoreView& view, const std::string& graph,
                                                 const std::string& job, const std::string& period);

/// Rows of which the imports from event `since` on say something together, each once.
std::int64_t rows_corrected_since(StoreView& view, const std::string& graph, const std::string& job,
                                  const std::string& period, std::int64_t since);

/// What counts of all imports for a period of a graph, by corrections_path() of the jobs.
TextsInstead corrections_in_effect(StoreView& view, const std::string& graph,
                                   const std::string& period);

json::object to_wire(const CorrectionOrder& order);
CorrectionOrder correction_order_from(const json::object& object);

}  // namespace tallymill
