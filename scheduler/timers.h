#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "scheduler/clock.h"
#include "scheduler/graph.h"

namespace tallymill {

enum class TimerKind : std::uint8_t {
  timeout,  ///< the attempt has run longer than the job's timeout
  kill,     ///< it was asked to end and still runs
  retry,    ///< the job's waiting time is over
  queue,    ///< the job has been ready for as long as its queue_timeout
};

struct Timer {
  BootTime at{0};
  TimerKind kind = TimerKind::timeout;
  std::uint32_t run = 0;  ///< ActiveRun::number()
  JobIndex job = 0;
  int attempt = 0;  ///< number of the attempt it is about; a later one makes the timer void
};

/// The timers of all runs, in order.
class Timers {
 public:
  using Id = std::multimap<BootTime, Timer>::iterator;
  Id add(const Timer& timer) { return timers_.emplace(timer.at, timer); }
  /// Of a timer that has not come due yet.
  void cancel(Id id) { timers_.erase(id); }
  /// Takes out the earliest timer if it is due.
  std::optional<Timer> take_due(BootTime now);
  /// When the earliest one is due.
  std::optional<BootTime> next() const;

 private:
  std::multimap<BootTime, Timer> timers_;
};

}  // namespace tallymill
