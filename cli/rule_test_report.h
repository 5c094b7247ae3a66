#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/diagnostics.h"
#include "core/json.h"
#include "core/task.h"

namespace tallymill {

/// What a workspace asks of every rule's tests, in percent.
struct RuleTestLimits {
  std::optional<std::int64_t> coverage = {};
  std::optional<std::int64_t> score = {};
};

/// What the query rules_test answered, for people: a line a rule, then its failed tests, conditions
/// its tests do not meet both ways and mutants they do not notice, with their source lines.
/// `sources` knows the texts of the files.
std::string rule_test_report(const json::array& rules, const Diagnostics& sources);

/// Suggested cases, written as the rule's tests are: for its table where `files` has one, else for
/// the rule's own list.
std::string suggestions_text(const json::array& rules,
                             const std::map<std::string, PinnedFile>& files);

bool has_failed_tests(const json::array& rules);

/// A line for every rule below a limit; empty if none is.
std::string shortfall_text(const json::array& rules, const RuleTestLimits& limits);

}  // namespace tallymill
