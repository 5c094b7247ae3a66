#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tallymill {

/// Raised when the same text of a rule may judge otherwise: by a new meaning of the library or of
/// what a rule's table says. Part of every version.
inline constexpr int kRuleAbi = 1;

/// A text a rule is made of: its own file, or one that it requires.
struct RulePart {
  std::string file;    ///< relative to the workspace: rules/x.lua
  std::string sha256;  ///< of the text
};

/// 64 hex digits: what the rule is, all of it. Layout and comments count; nobody has to judge
/// whether they matter.
std::string rule_version(const RulePart& rule, const std::vector<RulePart>& required = {},
                         int rule_abi = kRuleAbi);

/// As people see it; also the fewest digits that commands print.
std::string short_version(std::string_view version);

/// Whether a pinned file is a rule, and of which name.
bool is_rule_file(std::string_view path);
std::string rule_name_of(std::string_view path);

}  // namespace tallymill
