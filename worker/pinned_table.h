#pragma once

#include <optional>
#include <string>

#include "core/task.h"

namespace tallymill {

/// The content of a workspace file as the run pinned it; empty if the task does not carry `path`.
/// Throws Error(data) if the blob is not what was pinned.
std::optional<std::string> read_pinned(const Task& task, const std::string& path);

}  // namespace tallymill
