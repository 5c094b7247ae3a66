#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "core/error.h"
#include "core/time/fire.h"
#include "scheduler/graph.h"

namespace tallymill {

/// What a graph's schedule holds in store. The clock is the caller's: nothing here reads one.
struct Outlook {
  std::vector<Fire> fires;
  std::optional<Error> problem;  ///< why there are no more: a day the calendar does not know
};

/// Up to `count` fires after `from`, none after `until`. The graph must have a schedule.
Outlook look_ahead(const Graph& graph, Instant from, int count,
                   Instant until = {std::numeric_limits<std::int64_t>::max()});

/// Now, in whole seconds: for commands, which alone may look at the clock.
Instant clock_now();

}  // namespace tallymill
