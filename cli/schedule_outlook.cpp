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

Instant instant_of(const std::string& text, const Zone& zone) {
  if (const auto instant = parse_instant(text)) return *instant;
  const auto local = parse_local_time(text);
  if (!local)
    throw Error(ErrorClass::config, "'" + text +
                                        "' is no instant; write 2026-01-31, 2026-01-31T06:00 (by "
                                        "the clock of " +
                                        zone.name() + "), or with a Z or +08:00 behind it");
  const std::vector<Instant> instants = zone.instants(*local);
  if (instants.empty())
    throw Error(ErrorClass::config,
                "no clock of " + zone.name() + " shows '" + text + "'; name a time it does show");
  return instants.front();
}

Instant clock_now() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return {now.time_since_epoch().count()};
}

}  // namespace tallymill
