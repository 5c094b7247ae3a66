#include "scheduler/scheduler.h"

#include "cli/catalog.h"
#include "cli/invocation.h"
#include "cli/load_workspace.h"
#include "core/error.h"
#include "scheduler/service.h"

namespace tallymill {
namespace {

Exit run_scheduler(const Invocation& invocation) {
  const UnitCatalog catalog;
  const auto workspace = std::make_shared<const Workspace>(load_workspace(invocation, catalog));
  Scheduler scheduler(workspace, catalog,
                      {.doing = "tallymill scheduler",
                       .wait = invocation.has("wait"),
                       .waiting = [&invocation](const std::string& holder) {
                         invocation.err() << "waiting for " << holder << std::endl;
                       }});
  scheduler.set_workspace(workspace);
  scheduler.listen();
  ServiceLog log(invocation.err());
  Service(scheduler, workspace, catalog, log).run();
  return Exit::ok;
}

}  // namespace

void register_scheduler(Registry<Command>& commands) {
  commands.add({
      .name = "scheduler",
      .summary = "Runs graphs by their schedules and triggers, and takes requests, until it is "
                 "interrupted.",
      .example = "tallymill scheduler --workspace /srv/books",
      .flags = {{.name = "wait", .summary = "Wait while another tallymill works on the state."}},
      .run = run_scheduler,
  });
}

}  // namespace tallymill
