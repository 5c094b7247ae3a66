#pragma once

#include <filesystem>

#include "core/diagnostics.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// Reads every calendar of `root`/calendars into `workspace.calendars`, with all problems.
void read_calendars(const std::filesystem::path& root, Workspace& workspace,
                    Diagnostics& diagnostics);

/// What someone who named a calendar that is not there gets to hear.
std::string calendar_hint(const Workspace& workspace, const std::string& name);

}  // namespace tallymill
