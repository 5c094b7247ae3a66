#pragma once

#include <chrono>
#include <optional>
#include <span>

#include "core/files.h"
#include "core/time/local_time.h"

namespace tallymill {

/// Instants of CLOCK_BOOTTIME: it goes on while the machine sleeps and knows no clock changes.
using BootTime = std::chrono::nanoseconds;
BootTime boot_time_now();

/// Time as the scheduler's loop sees it, and how the loop waits. Tests put a virtual one in its
/// place, whose wait() moves time on instead of letting it pass.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual BootTime now() const = 0;
  /// The clock on the wall, in whole seconds. Only schedules look at it.
  virtual Instant wall() const = 0;
  /// Returns when one of `fds` is readable, `until` is reached, or the wall clock shows
  /// `wall_until` or was set; it may return early. No instant: for ever.
  virtual void wait(std::span<const int> fds, std::optional<BootTime> until,
                    std::optional<Instant> wall_until) = 0;
};

/// The machine's clocks. Waits on kernel timers: no ticking.
class SystemClock final : public Clock {
 public:
  SystemClock();
  BootTime now() const override { return boot_time_now(); }
  Instant wall() const override;
  void wait(std::span<const int> fds, std::optional<BootTime> until,
            std::optional<Instant> wall_until) override;

 private:
  void arm(std::optional<BootTime> until);
  void arm_wall(std::optional<Instant> until);

  UniqueFd boot_timer_;
  UniqueFd wall_timer_;
  std::optional<BootTime> armed_;
  std::optional<Instant> wall_armed_;
};

}  // namespace tallymill
