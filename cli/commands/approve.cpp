#include "cli/common_flags.h"
#include "cli/run_operation.h"

namespace tallymill {
namespace {

Exit run_approve(const Invocation& invocation) {
  return operate(invocation, RunOperationKind::approve,
                 "job " + invocation.text("JOB") + " is approved");
}

}  // namespace

void register_approve(Registry<Command>& commands) {
  commands.add({
      .name = "approve",
      .summary = "Says yes to an approval job: what comes after it goes on.",
      .example = "tallymill approve month_end.2026-01.1 chief_agrees --reason 'seen with finance'",
      .arguments = {run_argument(), job_argument()},
      .flags = {reason_flag(), wait_flag(), json_flag()},
      .run = run_approve,
  });
}

}  // namespace tallymill
