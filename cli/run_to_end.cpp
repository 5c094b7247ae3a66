#include "cli/run_to_end.h"

#include "cli/run_progress.h"
#include "cli/run_report.h"
#include "cli/run_words.h"

namespace tallymill {

SchedulerOptions scheduler_options(const Invocation& invocation, std::string doing) {
  return {.doing = std::move(doing),
          .wait = invocation.has("wait"),
          .waiting = [&invocation](const std::string& holder) {
            invocation.err() << "waiting for " << holder << std::endl;
          }};
}

Exit run_to_end(const Invocation& invocation, Scheduler& scheduler, const RunRequest& request,
                BootTime began) {
  auto progress = make_progress(invocation.terminal());
  const RunEnd end = scheduler.run(request, *progress);
  progress.reset();  // the live table goes, the report stays
  if (invocation.json())
    invocation.out() << pretty_json(run_json(*end.run, end.verdict));
  else
    invocation.out() << run_report(*end.run, end.verdict, boot_time_now() - began);
  return exit_of(end.verdict);
}

}  // namespace tallymill
