#pragma once

#include <optional>

#include "cli/invocation.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// False for people who may not read the state folder: what they ask goes over the socket.
bool may_read_state(const Workspace& workspace);

/// For a command that looks: has the scheduler that is at work run it and print to this terminal,
/// if this user may not read the state. Empty: look at it here. Throws Error(config) if nobody
/// listens.
std::optional<Exit> read_through_scheduler(const Invocation& invocation,
                                           const Workspace& workspace);

}  // namespace tallymill
