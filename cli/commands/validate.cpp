#include <optional>

#include "cli/application.h"
#include "cli/invocation.h"
#include "cli/load_workspace.h"
#include "cli/schedule_outlook.h"
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

/// Schedules that ask calendars for days they do not know, soon enough to matter.
void warn_of_unknown_days(const Workspace& workspace, Instant now, Diagnostics& diagnostics) {
  constexpr std::int64_t kSoon = 31 * kSecondsPerDay;
  constexpr int kMostFires = 1000;
  for (const auto& [name, graph] : workspace.graphs) {
    if (!graph->schedule || !graph->schedule->days.needs_calendar()) continue;
    const Outlook outlook = look_ahead(*graph, now, kMostFires, {now.seconds + kSoon});
    if (!outlook.problem) continue;
    diagnostics.add_source(graph->file, graph->document->shared_text());
    diagnostics.warning(outlook.problem->where(), outlook.problem->message());
  }
}

/// Where the first deadline of a graph stands; empty: it has none.
std::optional<SourcePosition> first_deadline(const Graph& graph) {
  if (const YamlNode datasets = graph.document->root().find("deadlines"))
    return datasets.key(0).position();
  for (const JobNode& job : graph.jobs)
    if (const YamlNode deadline = job.spec.options.node().find("deadline"))
      return deadline.position();
  return std::nullopt;
}

/// The service looks for runs that were not begun only where a schedule says which there should be.
void warn_of_unwatched_deadlines(const Workspace& workspace, Diagnostics& diagnostics) {
  for (const auto& [name, graph] : workspace.graphs) {
    if (graph->schedule) continue;
    const auto deadline = first_deadline(*graph);
    if (!deadline) continue;
    diagnostics.add_source(graph->file, graph->document->shared_text());
    diagnostics.warning(*deadline,
                        "graph '" + name +
                            "' has no schedule: its deadlines are watched only while a run of the "
                            "period is at work, and a run that nobody begins is never late",
                        "give the graph a 'schedule:'");
  }
}

Exit run_validate(const Invocation& invocation) {
  const UnitCatalog catalog;
  Diagnostics diagnostics;
  const Workspace workspace =
      Workspace::load(invocation.workspace_root(), catalog, diagnostics, invocation.text("GRAPH"));
  const bool is_sound = !diagnostics.has_errors();
  diagnostics.add_all(bind_workspace(workspace, diagnostics).diagnostics);
  if (is_sound) warn_of_unknown_days(workspace, clock_now(), diagnostics);
  if (is_sound) warn_of_unwatched_deadlines(workspace, diagnostics);
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
