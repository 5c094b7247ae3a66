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

inline constexpr std::string_view kRuleFolder = "rules/";
inline constexpr std::string_view kParamFolder = "params/";

/// Where a rule may stand: rules/<name>.lua, or as a decision table .yaml or .csv.
std::vector<std::string> rule_paths(std::string_view name);
/// "cost_driver" of "rules/cost_driver.lua"; empty for other files.
std::string rule_name_of(std::string_view path);

/// What people propose, approve and activate: "cost_driver" of "rules/cost_driver.lua",
/// "params/rates" of the parameter table "params/rates.csv"; empty for other files.
std::string rule_subject_of(std::string_view path);
/// Where another version of a file stands among the files of a run and of a task, to be looked at
/// beside the one that counts: "shadow:rules/x.lua".
inline constexpr std::string_view kShadowPrefix = "shadow:";

/// "rule" or "parameter table": what such a subject is.
std::string_view subject_word(std::string_view subject);

}  // namespace tallymill
