#include "cli/load_workspace.h"
#include "cli/run_progress.h"
#include "cli/run_report.h"
#include "cli/run_words.h"
#include "core/error.h"
#include "core/text.h"
#include "scheduler/scheduler.h"

namespace tallymill {
namespace {

Period parse_period(const std::string& text) {
  if (const auto period = Period::parse(text)) return *period;
  throw Error(ErrorClass::config,
              "'" + text + "' is no period; write 2026, 2026-Q1, 2026-01, 2026-W05 or 2026-01-31");
}

std::map<std::string, std::string> parse_params(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> params;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      throw Error(ErrorClass::config,
                  "--param takes name=value, e.g. --param tolerance=1.00; got '" + text + "'");
    if (!params.emplace(text.substr(0, equals), text.substr(equals + 1)).second)
      throw Error(ErrorClass::config,
                  "--param " + text.substr(0, equals) + " is given more than once");
  }
  return params;
}

Exit run_run(const Invocation& invocation) {
  const UnitCatalog catalog;
  const RunRequest request{.graph = invocation.text("GRAPH"),
                           .period = parse_period(invocation.text("period")),
                           .params = parse_params(invocation.texts("param")),
                           .force = invocation.has("force"),
                           .fresh = invocation.has("new"),
                           .allow_stale = invocation.has("allow-stale")};
  Workspace workspace = load_workspace(invocation, catalog, request.graph);
  const SchedulerOptions options{
      .doing = "tallymill run " + request.graph + " --period " + request.period.text(),
      .wait = invocation.has("wait"),
      .waiting = [&](const std::string& holder) {
        invocation.err() << "waiting for " << holder << std::endl;
      }};
  const BootTime began = boot_time_now();
  Scheduler scheduler(std::move(workspace), catalog, options);
  auto progress = make_progress(invocation.terminal());
  const RunEnd end = scheduler.run(request, *progress);
  progress.reset();  // the live table goes, the report stays
  if (invocation.json())
    invocation.out() << pretty_json(run_json(*end.run, end.verdict));
  else
    invocation.out() << run_report(*end.run, end.verdict, boot_time_now() - began);
  return exit_of(end.verdict);
}

}  // namespace

void register_run(Registry<Command>& commands) {
  commands.add({
      .name = "run",
      .summary = "Runs a graph for a period, or goes on with its open run.",
      .example = "tallymill run cost_attribution --period 2026-01 --param tolerance=0.05",
      .arguments = {{"GRAPH", "The graph, graphs/<GRAPH>.yaml."}},
      .flags = {{.name = "period",
                 .value = "PERIOD",
                 .summary = "The business time, e.g. 2026-01.",
                 .required = true},
                {.name = "param",
                 .value = "NAME=VALUE",
                 .summary = "A parameter of the graph, over its default.",
                 .repeated = true},
                {.name = "force", .summary = "Run every job, also those that are up to date."},
                {.name = "new", .summary = "Give up an open run of the period, start a new one."},
                {.name = "wait", .summary = "Wait while another tallymill works on the state."},
                {.name = "allow-stale", .summary = "Let exports deliver stale data."},
                json_flag()},
      .run = run_run,
  });
}

}  // namespace tallymill
