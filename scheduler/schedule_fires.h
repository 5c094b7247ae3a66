#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/time/fire.h"
#include "scheduler/due_queue.h"

namespace tallymill {

/// Makes runs due by the schedules of the graphs. The next fire follows the last recorded one, so
/// a clock that is set neither repeats nor loses one; what was missed while nothing ran goes by
/// `catch_up:`.
class ScheduleFires {
 public:
  ScheduleFires(Scheduler& scheduler, DueQueue& queue, ServiceLog& log)
      : scheduler_(scheduler), queue_(queue), log_(log) {}

  /// Graphs were read anew.
  void reread();
  /// When the wall clock makes something due; empty: never.
  std::optional<Instant> next() const;
  /// Records everything that is due by now.
  void fire_due(Instant now);

 private:
  void look(const std::string& name, const Graph& graph, Instant now);
  void fire(const Graph& graph, const std::string& identity, const std::vector<Fire>& fires,
            Instant now);

  Scheduler& scheduler_;
  DueQueue& queue_;
  ServiceLog& log_;
  std::multimap<Instant, std::string> next_;  ///< graphs by their next fire
  bool must_look_ = true;
};

}  // namespace tallymill
