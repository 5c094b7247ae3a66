#pragma once

#include <memory>
#include <ostream>

#include "cli/invocation.h"
#include "scheduler/run_observer.h"

namespace tallymill {

/// Tells people on `err` how a run goes: a table that redraws itself on a terminal, plain lines
/// otherwise. Jobs that were up to date get no line: they took no time.
std::unique_ptr<RunObserver> make_progress(const Terminal& terminal);

}  // namespace tallymill
