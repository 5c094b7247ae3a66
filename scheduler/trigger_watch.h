#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "scheduler/due_queue.h"
#include "scheduler/folder_watch.h"

namespace tallymill {

/// Makes runs due when files arrive and when other graphs publish.
///
/// What a trigger has taken up is recorded with the run it makes due: the same files, or the same
/// version, never count twice, and what came while nothing ran is found at the next start. What
/// was there before a trigger was first seen does not count.
class TriggerWatch {
 public:
  TriggerWatch(Scheduler& scheduler, DueQueue& queue) : scheduler_(scheduler), queue_(queue) {}

  int ready_fd() const { return watch_.ready_fd(); }
  /// When files will have been quiet for long enough; empty: nothing grows.
  std::optional<Instant> next() const { return next_quiet_; }
  /// Graphs were read anew: looks at every trigger.
  void reread() { look_at_all_ = true; }
  void published(const std::set<std::string>& datasets);
  void look(Instant now);

 private:
  void look_at(const Graph& graph, const GraphTrigger& trigger, Instant now);
  void look_at_files(const Graph& graph, const GraphTrigger& trigger, Instant now);
  void look_at_period(const Graph& graph, const GraphTrigger& trigger, const Period& period,
                      Instant now);
  void look_at_dataset(const Graph& graph, const GraphTrigger& trigger, Instant now);
  bool is_first_look(const Graph& graph, const GraphTrigger& trigger);
  WhileActive while_active(const Graph& graph) const;

  Scheduler& scheduler_;
  DueQueue& queue_;
  FolderWatch watch_;
  std::set<std::filesystem::path> folders_;
  std::set<std::string> published_;
  std::optional<Instant> next_quiet_;
  bool look_at_all_ = true;
};

}  // namespace tallymill
