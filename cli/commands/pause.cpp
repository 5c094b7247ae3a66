#include "cli/common_flags.h"
#include "cli/run_operation.h"

namespace tallymill {
namespace {

Exit run_pause(const Invocation& invocation) {
  return operate(invocation, RunOperationKind::pause, "paused");
}

}  // namespace

void register_pause(Registry<Command>& commands) {
  commands.add({
      .name = "pause",
      .summary = "Lets a run start nothing more; what runs goes on.",
      .example = "tallymill pause cost_attribution.2026-01.1 --reason 'tariffs are being checked'",
      .arguments = {run_argument()},
      .flags = {reason_flag(), wait_flag(), json_flag()},
      .run = run_pause,
  });
}

}  // namespace tallymill
