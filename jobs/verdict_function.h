#pragma once

#include <string>

#include "datasets/engine.h"

namespace tallymill {

/// An SQL call that reads the verdicts of check rules on a row (RuleRuntime::bind): STRUCT(reason,
/// reasons, message, warned): the first failing code, all of them joined by ';', their messages,
/// and whether there was a warning. Null fields where nothing failed; a rule that raised counts as
/// failed with code rule_error.
std::string verdict_sql(Engine& engine, const std::string& verdicts);

}  // namespace tallymill
