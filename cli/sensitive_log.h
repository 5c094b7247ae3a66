#pragma once

#include "cli/invocation.h"
#include "scheduler/control_events.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// With --reveal: puts into the journal what is about to be shown to whom, before anything is.
/// `shown` comes without command and reason, which the invocation knows. Throws Error(transient) if
/// the journal cannot be written, and then nothing may be shown.
void record_reveal(const Invocation& invocation, const Workspace& workspace, SensitiveShown shown);

/// --reveal and --reason.
std::vector<Flag> reveal_flags();

}  // namespace tallymill
