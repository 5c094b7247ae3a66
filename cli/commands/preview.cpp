#include "cli/catalog.h"
#include "cli/changed_job.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/preview_report.h"
#include "core/error.h"
#include "core/text.h"
#include "scheduler/imagined_job.h"
#include "scheduler/query_runner.h"
#include "scheduler/scheduler.h"

namespace tallymill {
namespace {

constexpr std::int64_t kDefaultSamples = 3;
/// What the query calls the visible version; no dataset of the job can be called so.
constexpr const char* kVisible = "visible version";

/// The job's own task and, beside its inputs, the version to compare with.
Task make_query(const Workspace& workspace, Task task, const std::optional<VersionRecord>& visible,
                const std::string& dataset, std::int64_t samples) {
  const std::string period = task.period;
  Task query = query_about({std::move(task)}, {{"query", "preview"},
                                               {"dataset", dataset},
                                               {"samples", samples},
                                               {"visible", visible ? kVisible : ""}});
  query.period = period;
  if (!visible) return query;
  pin_versions(workspace, {*visible}, kVisible, query);
  query.inputs.at(kVisible).front().dataset = dataset;
  return query;
}

Exit run_preview(const Invocation& invocation) {
  const UnitCatalog catalog;
  const std::string name = invocation.text("GRAPH");
  const Period period = period_of(invocation);
  const Workspace workspace = load_workspace(invocation, catalog, name);
  require_param_values(workspace, name, period, RulesOf::period);
  const std::shared_ptr<const Graph>& graph = workspace.graphs.at(name);
  StoreView store = open_store(workspace);
  ImaginedRun imagined(workspace, store, graph, period,
                       run_params(workspace, *graph, params_of(invocation)));
  const JobIndex index = imagined_job(imagined, invocation);
  const JobNode& job = imagined.run().node(index);
  if (job.spec.type != "cleanse")
    throw Error(ErrorClass::config, "job '" + job.spec.name + "' is of type " + job.spec.type +
                                        "; preview shows what cleanse jobs would do");
  ImaginedRun::Answer answer = imagined.ask(index);
  if (!answer.task) throw Error(ErrorClass::config, "there are no rows to show: " + answer.why);
  const std::string& dataset = job.shape.outputs.front().dataset;
  const std::optional<VersionRecord> visible = store.visible(dataset, period.text(), job.partition);
  Task query = make_query(workspace, std::move(*answer.task), visible, dataset,
                          invocation.integer("samples", kDefaultSamples));
  json::object preview{{"graph", name},      {"job", job.spec.name}, {"period", period.text()},
                       {"dataset", dataset}, {"visible", nullptr},   {"compared", nullptr}};
  if (visible) preview["visible"] = {{"version", visible->id}, {"run", visible->run}};
  json::object found;
  try {
    found = run_query(workspace, std::move(query)).answer.as_object();
  } catch (Error& error) {
    error.add_context("previewing job '" + job.spec.name + "', which would fail so");
    throw;
  }
  for (auto& entry : found) preview[entry.key()] = std::move(entry.value());
  invocation.out() << (invocation.json() ? pretty_json(preview) : preview_text(preview));
  return Exit::ok;
}

}  // namespace

void register_preview(Registry<Command>& commands) {
  commands.add({
      .name = "preview",
      .summary =
          "Shows what a cleanse job would change, step by step, without publishing anything.",
      .example = "tallymill preview customers standard_customers --period 2024-03",
      .arguments = {{"GRAPH", "The graph."}, {"JOB", "One of its cleanse jobs."}},
      .flags = {period_flag(),
                partition_flag("One partition of the job, e.g. city=beijing."),
                param_flag("A parameter of the graph."),
                {.name = "samples",
                 .value = "N",
                 .summary = "Cells and rows to show of each kind; default 3."},
                json_flag()},
      .run = run_preview,
  });
}

}  // namespace tallymill
