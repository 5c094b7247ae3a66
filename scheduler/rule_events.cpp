#include "scheduler/rule_events.h"

#include <array>

namespace tallymill {

std::string_view to_string(RuleWord word) {
  constexpr std::array<std::string_view, 5> kWords{"proposed", "approved", "activated",
                                                   "rolled_back", "shadowed"};
  return kWords[static_cast<std::size_t>(word)];
}

Event to_event(const RuleKept& change) {
  json::array required;
  for (const RulePart& part : change.required)
    required.push_back({{"file", part.file}, {"sha256", part.sha256}});
  return {"rule_kept",
          "",
          "",
          "",
          {{"rule", change.rule},
           {"version", change.version},
           {"file", change.part.file},
           {"sha256", change.part.sha256},
           {"text", change.text},
           {"requires", std::move(required)},
           {"rule_abi", change.rule_abi}}};
}

Event to_event(const RuleDecided& change) {
  return {"rule_" + std::string(to_string(change.word)),
          "",
          "",
          change.why,
          {{"rule", change.rule}, {"version", change.version}, {"from", change.from}}};
}

Event to_event(const RuleShadowSeen& change) {
  return {"rule_shadow_seen",
          change.run,
          change.job,
          "",
          {{"attempt", change.attempt},
           {"rule", change.rule},
           {"version", change.version},
           {"rows", change.rows},
           {"changed", change.changed},
           {"answer", change.answer}}};
}

}  // namespace tallymill
