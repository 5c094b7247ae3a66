#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/options.h"

namespace tallymill {

/// What a rule is for; lua/tallymill/kinds.lua makes a constructor for each.
enum class RuleKind {
  check,
  transform,
  classify,
  driver,
  threshold,
  score,
  match,
  break_cause,
  group
};
std::string_view to_string(RuleKind kind);

/// How a rule of a kind is written.
struct RuleKindShape {
  RuleKind kind;
  std::string_view name;      ///< t.<name>_rule makes it
  std::string_view function;  ///< key of the rule's function
  std::string_view allowed;   ///< key of the list of what it may answer; empty: none
  std::string_view summary;   ///< what such a rule is for
  std::string_view answer;    ///< what its function gives back
};

/// In order of RuleKind.
std::span<const RuleKindShape> rule_kinds();
/// The fields of the table a rule file returns: what loading takes and `explain` shows.
std::vector<OptionSpec> rule_fields(const RuleKindShape& shape);

const RuleKindShape& shape_of(RuleKind kind);
/// The shape of this name; null if there is no such kind.
const RuleKindShape* find_rule_kind(std::string_view name);

}  // namespace tallymill
