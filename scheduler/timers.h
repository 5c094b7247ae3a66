#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <queue>
#include <vector>

#include "core/files.h"
#include "scheduler/graph.h"

namespace tallymill {

/// Instants of CLOCK_BOOTTIME: it goes on while the machine sleeps and knows no clock changes.
using BootTime = std::chrono::nanoseconds;
BootTime boot_time_now();

enum class TimerKind : std::uint8_t {
  timeout,  ///< the attempt has run longer than the job's timeout
  kill,     ///< it was asked to end and still runs
  retry,    ///< the job's waiting time is over
};

struct Timer {
  BootTime at{0};
  TimerKind kind = TimerKind::timeout;
  JobIndex job = 0;
  int attempt = 0;  ///< number of the attempt it is about; a later one makes the timer void
};

/// Timers in order, behind one descriptor to wait on.
class Timers {
 public:
  Timers();
  void add(const Timer& timer);
  /// Timers that are due, earliest first.
  std::vector<Timer> due();
  bool empty() const { return queue_.empty(); }
  /// Readable (poll) when the earliest timer is due.
  int ready_fd() const { return fd_.get(); }

 private:
  struct Later {
    bool operator()(const Timer& a, const Timer& b) const { return a.at > b.at; }
  };
  void arm();

  UniqueFd fd_;
  std::priority_queue<Timer, std::vector<Timer>, Later> queue_;
};

}  // namespace tallymill
