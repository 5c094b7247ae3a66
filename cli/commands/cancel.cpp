#include "cli/common_flags.h"
#include "cli/run_operation.h"

namespace tallymill {
namespace {

Exit run_cancel(const Invocation& invocation) {
  const bool whole = !invocation.has("JOB");
  const std::string what = whole ? "cancelled" : "job " + invocation.text("JOB") + " is cancelled";
  return operate(invocation, RunOperationKind::cancel, what, whole);
}

}  // namespace

void register_cancel(Registry<Command>& commands) {
  commands.add({
      .name = "cancel",
      .summary = "Cancels a run, or one job of it: what runs is asked to end, then killed.",
      .example = "tallymill cancel cost_attribution.2026-01.1 user_cost --reason 'wrong tariff'",
      .arguments = {run_argument(), job_argument(false)},
      .flags = {reason_flag(), wait_flag(), json_flag()},
      .run = run_cancel,
  });
}

}  // namespace tallymill
