#include "scheduler/timers.h"

#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace tallymill {

BootTime boot_time_now() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

Timers::Timers() : fd_(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK)) {
  if (!fd_.is_open())
    throw Error(ErrorClass::transient, std::string("cannot make a timer: ") + std::strerror(errno));
}

void Timers::add(const Timer& timer) {
  const bool is_earliest = queue_.empty() || timer.at < queue_.top().at;
  queue_.push(timer);
  if (is_earliest) arm();
}

std::vector<Timer> Timers::due() {
  std::vector<Timer> timers;
  const BootTime now = boot_time_now();
  while (!queue_.empty() && queue_.top().at <= now) {
    timers.push_back(queue_.top());
    queue_.pop();
  }
  std::uint64_t expirations = 0;
  (void)!::read(fd_.get(), &expirations, sizeof expirations);
  if (!timers.empty()) arm();
  return timers;
}

void Timers::arm() {
  itimerspec when{};
  if (!queue_.empty()) {
    // Zero would disarm; an instant long ago fires at once just the same.
    const auto at = std::max<std::int64_t>(queue_.top().at.count(), 1);
    when.it_value.tv_sec = at / 1'000'000'000;
    when.it_value.tv_nsec = at % 1'000'000'000;
  }
  ::timerfd_settime(fd_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

}  // namespace tallymill
