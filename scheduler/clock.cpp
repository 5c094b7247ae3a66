#include "scheduler/clock.h"

#include <poll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "core/error.h"

namespace tallymill {
namespace {

UniqueFd make_timer(int clock) {
  UniqueFd timer(::timerfd_create(clock, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer.is_open())
    throw Error(ErrorClass::transient, std::string("cannot make a timer: ") + std::strerror(errno));
  return timer;
}

/// Also takes in that the wall clock was set (ECANCELED): the timer is then armed anew.
void drain(const UniqueFd& timer) {
  std::uint64_t expirations = 0;
  (void)!::read(timer.get(), &expirations, sizeof expirations);
}

}  // namespace

BootTime boot_time_now() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

SystemClock::SystemClock()
    : boot_timer_(make_timer(CLOCK_BOOTTIME)), wall_timer_(make_timer(CLOCK_REALTIME)) {}

Instant SystemClock::wall() const {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return {now.tv_sec};
}

void SystemClock::wait(std::span<const int> fds, std::optional<BootTime> until,
                       std::optional<Instant> wall_until) {
  arm(until);
  arm_wall(wall_until);
  std::vector<pollfd> sources;
  sources.reserve(fds.size() + 2);
  for (const int fd : fds) sources.push_back({.fd = fd, .events = POLLIN, .revents = 0});
  sources.push_back({.fd = boot_timer_.get(), .events = POLLIN, .revents = 0});
  sources.push_back({.fd = wall_timer_.get(), .events = POLLIN, .revents = 0});
  const int timeout = until && *until <= now() ? 0 : -1;
  if (::poll(sources.data(), sources.size(), timeout) <= 0) return;
  if (sources[fds.size()].revents != 0) {
    drain(boot_timer_);
    armed_.reset();
  }
  if (sources[fds.size() + 1].revents != 0) {
    drain(wall_timer_);
    wall_armed_.reset();
  }
}

void SystemClock::arm(std::optional<BootTime> until) {
  if (until == armed_) return;
  itimerspec when{};
  if (until) {
    // Zero would disarm; an instant long ago fires at once just the same.
    const auto at = std::max<std::int64_t>(until->count(), 1);
    when.it_value.tv_sec = at / 1'000'000'000;
    when.it_value.tv_nsec = at % 1'000'000'000;
  }
  ::timerfd_settime(boot_timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
  armed_ = until;
}

void SystemClock::arm_wall(std::optional<Instant> until) {
  if (until == wall_armed_) return;
  itimerspec when{};
  if (until) when.it_value.tv_sec = std::max<std::int64_t>(until->seconds, 1);
  ::timerfd_settime(wall_timer_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, nullptr);
  wall_armed_ = until;
}

}  // namespace tallymill
