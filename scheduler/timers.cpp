#include "scheduler/timers.h"

namespace tallymill {

std::optional<Timer> Timers::take_due(BootTime now) {
  if (timers_.empty() || timers_.begin()->first > now) return std::nullopt;
  const Timer timer = timers_.begin()->second;
  timers_.erase(timers_.begin());
  return timer;
}

std::optional<BootTime> Timers::next() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first;
}

}  // namespace tallymill
