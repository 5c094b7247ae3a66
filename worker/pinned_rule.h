#pragma once

#include <optional>
#include <string>

#include "core/diagnostics.h"
#include "core/task.h"
#include "rules/rule_runtime.h"

namespace tallymill {

/// A rule among the task's files with what it depends on; empty if the task does not carry it.
std::optional<RuleSource> pinned_rule(const Task& task, const std::string& name,
                                      Diagnostics& diagnostics);

/// The version of rules/x.lua, or the one beside it: what stands under kShadowPrefix is the
/// other's.
RuleSource pinned_version(const Task& task, const std::string& file, bool is_shadow,
                          Diagnostics& diagnostics);

}  // namespace tallymill
