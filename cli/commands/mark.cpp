#include "cli/common_flags.h"
#include "cli/run_operation.h"
#include "core/error.h"

namespace tallymill {
namespace {

JobRunState state_of(const std::string& word) {
  if (word == "success") return JobRunState::succeeded;
  if (word == "skipped") return JobRunState::skipped;
  if (word == "failed") return JobRunState::failed;
  throw Error(ErrorClass::config, "a job is marked success, skipped or failed, not '" + word + "'");
}

Exit run_mark(const Invocation& invocation) {
  const std::string word = invocation.text("STATE");
  return operate(invocation, RunOperationKind::mark,
                 "job " + invocation.text("JOB") + " is marked " + word, false, state_of(word));
}

}  // namespace

void register_mark(Registry<Command>& commands) {
  commands.add({
      .name = "mark",
      .summary = "Says what a job came to that does not run; success needs a visible version.",
      .example =
          "tallymill mark cost_attribution.2026-01.1 m8_cost skipped --reason 'none this month'",
      .arguments = {run_argument(),
                    job_argument(),
                    {.name = "STATE", .summary = "success, skipped or failed."}},
      .flags = {reason_flag(true), wait_flag(), json_flag()},
      .run = run_mark,
  });
}

}  // namespace tallymill
