#include "scheduler/retry.h"

namespace tallymill {

std::chrono::milliseconds backoff_delay(const Backoff& backoff, int failures) {
  double delay = static_cast<double>(backoff.first.count());
  const auto longest = static_cast<double>(backoff.max.count());
  for (int i = 1; i < failures && delay < longest; ++i) delay *= backoff.factor;
  return delay < longest ? std::chrono::milliseconds(static_cast<std::int64_t>(delay))
                         : backoff.max;
}

std::optional<Retry> next_try(ErrorClass error_class, const JobNode& job, TryCount& count) {
  if (error_class == ErrorClass::memory) {
    if (++count.out_of_memory > job.retries.memory) return std::nullopt;
    return Retry{.delay = {}, .one_thread = true};
  }
  if (error_class != ErrorClass::transient) return std::nullopt;
  if (++count.failed > job.retries.transient) return std::nullopt;
  return Retry{.delay = backoff_delay(job.backoff, count.failed),
               .one_thread = count.out_of_memory > 0};
}

}  // namespace tallymill
