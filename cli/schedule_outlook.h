#pragma once

#include <limits>
#include <optional>
#include <string>
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

/// The instant a person named: with an offset, or by the clock of `zone`. Throws Error(config) if
/// it is none, or no clock shows it.
Instant instant_of(const std::string& text, const Zone& zone);

/// Now, in whole seconds: for commands, which alone may look at the clock.
Instant clock_now();

}  // namespace tallymill
