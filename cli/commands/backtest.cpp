#include <algorithm>

#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/text_table.h"
#include "core/error.h"
#include "core/text.h"
#include "scheduler/query_runner.h"
#include "scheduler/scheduler.h"

namespace tallymill {
namespace {

constexpr std::int64_t kPeriods = 36;

const JobNode& job_of(const Workspace& workspace, const std::string& graph,
                      const std::string& job) {
  const auto found = workspace.graphs.find(graph);
  if (found == workspace.graphs.end())
    throw Error(ErrorClass::config, "there is no graph '" + graph + "'");
  std::vector<std::string> names;
  for (const JobNode& node : found->second->jobs) names.push_back(node.spec.name);
  const JobNode* node = found->second->find_job(job);
  if (node == nullptr) {
    const std::string meant = did_you_mean(job, names);
    throw Error(ErrorClass::config, "graph '" + graph + "' has no job '" + job + "'" +
                                        (meant.empty() ? "" : "; " + meant));
  }
  if (node->spec.type != "check")
    throw Error(ErrorClass::config, "job '" + job + "' is of type " + node->spec.type +
                                        "; only checks can be back-tested");
  return *node;
}

/// Of the newest periods, of one partition.
std::vector<VersionRecord> versions_of(StoreView& store, const std::string& dataset,
                                       PeriodKind kind, const std::string& partition,
                                       std::int64_t most) {
  std::vector<VersionRecord> newest = store.visible_versions(dataset);
  std::erase_if(newest, [&](const VersionRecord& version) {
    const auto period = Period::parse(version.period);
    return !period || period->kind() != kind || version.partition != partition;
  });
  const auto count = static_cast<std::int64_t>(newest.size());
  newest.erase(newest.begin(), newest.begin() + std::max<std::int64_t>(0, count - most));
  if (newest.empty())
    throw Error(ErrorClass::config,
                "dataset '" + dataset + "' has no visible version" +
                    (partition.empty() ? "" : " of partition '" + partition + "'") +
                    " to test on; 'tallymill datasets " + dataset + "' lists what there is");
  return newest;
}

/// "anomaly: 1 of 8 periods judged would have been an alarm: 2025-11"
std::string summary(const json::object& check) {
  std::int64_t judged = 0;
  std::vector<std::string> alarms;
  for (const json::value& entry : json_at(check, "periods").as_array()) {
    const std::string verdict = json_text(entry.as_object(), "verdict");
    judged += verdict == "not_applicable" ? 0 : 1;
    if (verdict == "fail") alarms.push_back(json_text(entry.as_object(), "period"));
  }
  const auto count = static_cast<std::int64_t>(alarms.size());
  return json_text(check, "name") + ": " + group_digits(count) + " of " + group_digits(judged) +
         " periods judged would have been " + (count == 1 ? "an alarm" : "alarms") +
         (alarms.empty() ? "" : ": " + join(alarms, ", "));
}

void print(const json::object& answer, std::ostream& out) {
  for (const json::value& value : json_at(answer, "checks").as_array()) {
    const json::object& check = value.as_object();
    TextTable table({{"period"}, {"value"}, {"verdict"}, {"expected"}});
    for (const json::value& entry : json_at(check, "periods").as_array()) {
      const json::object& period = entry.as_object();
      const json::value& measured = json_at(period, "value");
      table.add({json_text(period, "period"),
                 measured.is_null() ? "-" : std::string(measured.as_string()),
                 json_text(period, "verdict"), json_text(period, "expected")});
    }
    out << summary(check) << "\n" << table.text() << "\n";
  }
}

Exit run_backtest(const Invocation& invocation) {
  const UnitCatalog catalog;
  const std::string graph = invocation.text("GRAPH");
  const Workspace workspace = load_workspace(invocation, catalog, graph);
  const JobNode& job = job_of(workspace, graph, invocation.text("JOB"));
  StoreView store = open_store(workspace);
  const std::string dataset = job.shape.inputs.front().dataset;
  const auto partition = partition_of(invocation);
  const std::vector<VersionRecord> versions =
      versions_of(store, dataset, workspace.graphs.at(graph)->period,
                  partition ? partition->value : "", invocation.integer("periods", kPeriods));
  Task task;
  task.mode = TaskMode::query;
  task.graph = graph;
  task.job = job.spec.name;
  task.period = versions.back().period;
  task.spec = json::object{
      {"query", "backtest"}, {"dataset", dataset}, {"job_spec", job.spec.options.node().to_json()}};
  task.params = run_params(workspace, *workspace.graphs.at(graph), params_of(invocation));
  task.partition = partition ? partition->value : "";
  task.several = {dataset};
  pin_versions(workspace, versions, dataset, task);
  const json::value answer = run_query(workspace, std::move(task)).answer;
  if (invocation.json())
    invocation.out() << pretty_json(answer);
  else
    print(answer.as_object(), invocation.out());
  return Exit::ok;
}

}  // namespace

void register_backtest(Registry<Command>& commands) {
  commands.add({
      .name = "backtest",
      .summary = "What a check job's anomaly checks would have said of every period there is.",
      .example = "tallymill backtest cost_attribution cost_is_usual",
      .arguments = {{"GRAPH", "The graph, as its file stands."}, {"JOB", "A check job of it."}},
      .flags = {{.name = "periods",
                 .value = "N",
                 .summary = "Of the newest N periods; default 36."},
                partition_flag("Of this partition."),
                param_flag("A parameter of the graph, over its default."),
                json_flag()},
      .run = run_backtest,
  });
}

}  // namespace tallymill
