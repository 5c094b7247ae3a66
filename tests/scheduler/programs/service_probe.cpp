// `tallymill scheduler` reduced to what tests of the scheduler need, as a process that can be
// killed: service_probe WORKSPACE. Workers are test_worker beside it, and patience is short.
#include <iostream>

#include "core/error.h"
#include "core/files.h"
#include "scheduler/service.h"
#include "tests/scheduler/test_catalog.h"

using namespace tallymill;

namespace {

void serve(const std::string& root) {
  const TestCatalog catalog;
  Diagnostics diagnostics;
  const auto workspace =
      std::make_shared<const Workspace>(Workspace::load(root, catalog, diagnostics));
  std::cerr << diagnostics.render();
  SchedulerOptions options;
  options.doing = "service_probe";
  options.worker = executable_folder() / "test_worker";
  options.patience = std::chrono::milliseconds(200);
  Scheduler scheduler(*workspace, catalog, options);
  scheduler.set_workspace(workspace);
  scheduler.listen();
  ServiceLog log(std::cerr);
  Service(scheduler, workspace, catalog, log).run();
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return 2;
  try {
    serve(arguments[1]);
    return 0;
  } catch (const Error& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
}
