#include "cli/common_flags.h"
#include "cli/run_operation.h"

namespace tallymill {
namespace {

Exit run_resume(const Invocation& invocation) {
  return operate(invocation, RunOperationKind::resume, "goes on");
}

}  // namespace

void register_resume(Registry<Command>& commands) {
  commands.add({
      .name = "resume",
      .summary = "Lets a paused run go on.",
      .example = "tallymill resume cost_attribution.2026-01.1",
      .arguments = {run_argument()},
      .flags = {reason_flag(), wait_flag(), json_flag()},
      .run = run_resume,
  });
}

}  // namespace tallymill
