#pragma once

#include "cli/changed_job.h"
#include "cli/command.h"
#include "cli/invocation.h"

namespace tallymill {

/// `preview` of a check job: runs its checks over the visible version, or with --file over a file
/// as the extract job that makes the dataset would read it, and publishes nothing. Gives
/// Exit::findings where a check of severity error fails.
Exit preview_check(const Invocation& invocation, ImaginedJob& imagined);

}  // namespace tallymill
