#pragma once

#include <chrono>
#include <optional>

#include "core/error.h"
#include "scheduler/graph.h"

namespace tallymill {

/// What a job run has tried so far. Lost attempts (the scheduler died, not the job) do not count.
struct TryCount {
  int failed = 0;         ///< transient failures
  int out_of_memory = 0;  ///< failures for lack of memory; from the first on, one thread
};

struct Retry {
  std::chrono::milliseconds delay{0};
  bool one_thread = false;
};

/// Whether a failure of class `error_class` is worth another try: those that `retries:` gives to
/// its class, with one thread from the first lack of memory on. Counts the failure in `count`.
std::optional<Retry> next_try(ErrorClass error_class, const JobNode& job, TryCount& count);

/// first * factor^(n-1), at most max; n counts from 1.
std::chrono::milliseconds backoff_delay(const Backoff& backoff, int failures);

}  // namespace tallymill
