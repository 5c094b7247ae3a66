#include "cli/common_flags.h"
#include "cli/run_operation.h"

namespace tallymill {
namespace {

Exit run_reject(const Invocation& invocation) {
  return operate(invocation, RunOperationKind::reject,
                 "job " + invocation.text("JOB") + " is rejected");
}

}  // namespace

void register_reject(Registry<Command>& commands) {
  commands.add({
      .name = "reject",
      .summary = "Says no to an approval job: it fails, and what comes after it is blocked.",
      .example = "tallymill reject month_end.2026-01.1 chief_agrees --reason 'totals differ from "
                 "the ledger'",
      .arguments = {run_argument(), job_argument()},
      .flags = {reason_flag(true), wait_flag(), json_flag()},
      .run = run_reject,
  });
}

}  // namespace tallymill
