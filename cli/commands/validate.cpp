#include "cli/application.h"
#include "cli/invocation.h"
#include "cli/load_workspace.h"
#include "core/error.h"
#include "scheduler/bind.h"

namespace tallymill {
namespace {

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string summary(const Workspace& workspace, std::size_t warnings) {
  std::size_t jobs = 0;
  for (const auto& entry : workspace.graphs) jobs += entry.second->jobs.size();
  return counted(workspace.graphs.size(), "graph") + ", " + counted(jobs, "job") + ": " +
         (warnings == 0 ? "no problems" : "no errors, " + counted(warnings, "warning")) + "\n";
}

Exit run_validate(const Invocation& invocation) {
  const UnitCatalog catalog;
  Diagnostics diagnostics;
  const Workspace workspace =
      Workspace::load(invocation.workspace_root(), catalog, diagnostics, invocation.text("GRAPH"));
  // Graphs that are wrong cannot be bound: their jobs would only be wrong once more.
  if (!diagnostics.has_errors()) diagnostics.add_all(bind_workspace(workspace).diagnostics);
  if (invocation.json()) {
    invocation.out() << pretty_json(
        json::object{{"valid", !diagnostics.has_errors()}, {"diagnostics", diagnostics.to_json()}});
    return diagnostics.has_errors() ? Exit::usage : Exit::ok;
  }
  if (diagnostics.has_errors()) throw InvalidInput(std::move(diagnostics));
  print_diagnostics(diagnostics, invocation.terminal());
  invocation.out() << summary(workspace, diagnostics.sorted().size());
  return Exit::ok;
}

}  // namespace

void register_validate(Registry<Command>& commands) {
  commands.add({
      .name = "validate",
      .summary = "Checks graphs, SQL and rules, and reports every problem with its place.",
      .example = "tallymill validate",
      .arguments = {{"GRAPH", "Only this graph and those it reads from.", false}},
      .flags = {json_flag()},
      .run = run_validate,
  });
}

}  // namespace tallymill
