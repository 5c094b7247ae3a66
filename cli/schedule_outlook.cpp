#include "cli/schedule_outlook.h"

#include <chrono>

namespace tallymill {

Outlook look_ahead(const Graph& graph, Instant from, int count, Instant until) {
  Outlook outlook;
  try {
    while (static_cast<int>(outlook.fires.size()) < count) {
      const auto fire = next_fire(*graph.schedule, graph.period, from);
      if (!fire || fire->at > until) break;
      outlook.fires.push_back(*fire);
      from = fire->at;
    }
  } catch (const Error& error) {
    outlook.problem = error;
  }
  return outlook;
}

Instant clock_now() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return {now.time_since_epoch().count()};
}

}  // namespace tallymill
