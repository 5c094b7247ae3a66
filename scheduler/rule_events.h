#pragma once

#include <string>
#include <vector>

#include "core/rule_version.h"
#include "scheduler/events.h"

namespace tallymill {

// Events of rules: which texts there are, and what people decided about them. Who decided stands
// with the event.

/// The text of a version, kept for ever, before anything depends on it.
struct RuleKept {
  std::string rule;
  std::string version;
  RulePart part;
  std::string text;
  std::vector<RulePart> required = {};  ///< their texts are kept as versions of their own
  int rule_abi = kRuleAbi;
};

/// What a person says about a version of a rule.
enum class RuleWord { proposed, approved, activated, rolled_back, shadowed };
std::string_view to_string(RuleWord word);

struct RuleDecided {
  RuleWord word = RuleWord::proposed;
  std::string rule;
  std::string version;  ///< of shadowed: empty means that there is no shadow any more
  std::string from;     ///< of activated and rolled_back: the period from which it counts (counted)
  std::string why;
};

/// What a shadow would have said of an attempt's rows; see worker/rule_difference.h.
struct RuleShadowSeen {
  std::string run;
  std::string job;
  std::string attempt;
  std::string rule;
  std::string version;
  std::int64_t rows = 0;
  std::int64_t changed = 0;
  json::object answer;
};

Event to_event(const RuleKept& change);
Event to_event(const RuleDecided& change);
Event to_event(const RuleShadowSeen& change);

}  // namespace tallymill
