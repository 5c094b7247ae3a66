#pragma once

#include <span>
#include <string>

#include "rules/rule_evaluator.h"

namespace tallymill {

/// Makes `text` the findings of one row: per finding
/// `<rule>:<state letter>:<bytes of code>:<bytes of message>:<code><message>`. Lengths instead of
/// separators, because codes and messages may hold anything.
void encode_verdicts(std::span<const Finding> findings, std::string& text);

}  // namespace tallymill
