#pragma once

#include <span>
#include <string>

#include "rules/rule_evaluator.h"

namespace tallymill {

/// The findings of one row as one text: per finding
/// `<rule>:<state letter>:<bytes of code>:<bytes of message>:<code><message>`. Lengths instead of
/// separators, because codes and messages may hold anything.
std::string encode_verdicts(std::span<const Finding> findings);

}  // namespace tallymill
