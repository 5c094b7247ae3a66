#pragma once

#include <optional>

#include "scheduler/scheduler.h"
#include "scheduler/service_log.h"

namespace tallymill {

/// Applies the workspace's retention once a day, at the first midnight of its zone that a service
/// sees, so that nobody has to think of `tallymill gc`.
class DailyGc {
 public:
  DailyGc(Scheduler& scheduler, ServiceLog& log) : scheduler_(scheduler), log_(log) {}

  /// The next midnight; empty until look() was called.
  std::optional<Instant> next() const { return next_; }
  /// Takes garbage away if today has not seen that yet. A workspace that is served for the first
  /// time waits for its first midnight.
  void look(Instant now);

 private:
  Scheduler& scheduler_;
  ServiceLog& log_;
  std::optional<Instant> next_;
};

}  // namespace tallymill
