#pragma once

#include <cstdint>
#include <string>

#include "datasets/engine.h"

namespace tallymill {

/// What a rule said of a row, as bits of verdict_bits().
enum RuleBits : std::int64_t {
  kRuleFailed = 1,
  kRuleWarned = 2,
  kRuleRaised = 4,
  kRuleNotApplicable = 8,
};
inline constexpr std::size_t kBitsPerRule = 4;
inline constexpr std::size_t kRulesPerWord = 15;

/// Registers the SQL functions that read a rule call's verdicts; once per engine.
void register_verdict_functions(Engine& engine);

/// SQL: BIGINT with RuleBits of rules [word * kRulesPerWord, ...) of a verdicts text.
std::string verdict_bits(const std::string& verdicts, std::size_t word);
/// SQL: STRUCT(code, message, is_warning) of what rule `slot` found; null fields if nothing.
std::string verdict_finding(const std::string& verdicts, std::size_t slot);

}  // namespace tallymill
