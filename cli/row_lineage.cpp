#include "cli/row_lineage.h"

#include <algorithm>
#include <optional>

#include "cli/attempt_results.h"
#include "cli/run_words.h"
#include "core/error.h"
#include "core/rule_version.h"
#include "core/text.h"
#include "core/yaml.h"
#include "jobs/dataset_input.h"
#include "scheduler/imagined_job.h"
#include "scheduler/query_runner.h"
#include "scheduler/state_folder.h"

namespace tallymill {
namespace {

constexpr const char* kAllocate = "allocate";

/// The stages of a question and the tasks that go with them.
class LineageStages {
 public:
  LineageStages(const Workspace& workspace, StoreView& store)
      : workspace_(workspace), store_(store), state_(workspace.state) {}

  void add_up(VersionRecord version);
  void add_down(const VersionRecord& version, std::int64_t before);
  Task question(const VersionRecord& version, const LineageWanted& wanted);
  bool is_empty() const { return stages_.empty(); }

 private:
  std::optional<Task> task_that_made(const VersionRecord& version);
  void add(const VersionRecord& parts, Task task, std::int64_t before);
  json::object version_json(const VersionRecord& version);
  void read_too(const std::filesystem::path& folder);

  const Workspace& workspace_;
  StoreView& store_;
  StateFolder state_;
  json::array stages_;
  std::vector<Task> tasks_;
  std::vector<InputVersion> more_;  ///< versions that are no inputs of those tasks
};

std::string pool_input(const Task& task) {
  const auto document = YamlDocument::from_json(task.spec);
  return input_name(Options(document->root()).object("pool").node());
}

std::optional<Task> LineageStages::task_that_made(const VersionRecord& version) {
  for (const AttemptRecord& attempt : store_.attempts(version.run))
    if (attempt.id == version.id) return task_of(state_, attempt);
  return std::nullopt;
}

json::object LineageStages::version_json(const VersionRecord& version) {
  const std::filesystem::path folder =
      state_.version(version.dataset, version.period, version.partition, version.id);
  more_.push_back({.version = version.id,
                   .folder = folder,
                   .period = version.period,
                   .partition = version.partition,
                   .digest = version.digest,
                   .dataset = version.dataset});
  return {{"dataset", version.dataset}, {"period", version.period}, {"folder", folder.string()}};
}

void LineageStages::add(const VersionRecord& parts, Task task, std::int64_t before) {
  VersionRecord trace = parts;
  trace.dataset = task.job + ".trace";
  stages_.push_back(json::object{
      {"parts", version_json(parts)}, {"trace", version_json(trace)}, {"before", before}});
  tasks_.push_back(std::move(task));
}

/// A pool that is itself a part leads on. What several versions make up is not walked further.
void LineageStages::add_up(VersionRecord version) {
  for (std::int64_t before = -1;; ++before) {
    auto task = task_that_made(version);
    if (!task || task->type != kAllocate) return;
    const std::vector<InputVersion> pools = task->inputs.at(pool_input(*task));
    const std::string input = pool_input(*task);
    add(version, std::move(*task), before);
    if (pools.size() != 1) return;
    const auto next = store_.version(pools.front().dataset.empty() ? input : pools.front().dataset,
                                     pools.front().version);
    if (!next || next->removed) return;
    version = *next;
  }
}

/// Jobs of today's graphs say who may have read the version; what they were asked says who did.
void LineageStages::add_down(const VersionRecord& version, std::int64_t before) {
  for (const auto& [name, graph] : workspace_.graphs)
    for (const JobNode& job : graph->jobs) {
      if (job.spec.type != kAllocate ||
          job.spec.options.object("pool").text("dataset") != version.dataset)
        continue;
      for (const VersionRecord& parts : store_.visible_versions(job.spec.options.text("into"))) {
        auto task = task_that_made(parts);
        if (!task || task->type != kAllocate) continue;
        const std::vector<InputVersion>& pools = task->inputs.at(pool_input(*task));
        const bool reads_it =
            std::any_of(pools.begin(), pools.end(),
                        [&](const InputVersion& pool) { return pool.version == version.id; });
        if (!reads_it) continue;
        const auto stage = static_cast<std::int64_t>(stages_.size());
        add(parts, std::move(*task), before);
        add_down(parts, stage);
      }
    }
}

Task LineageStages::question(const VersionRecord& version, const LineageWanted& wanted) {
  json::array key;
  for (const auto& [column, value] : wanted.key) key.push_back(json::array{column, value});
  json::object question{{"query", "lineage"},          {"rows", version_json(version)},
                        {"key", std::move(key)},       {"down", wanted.down},
                        {"limit", wanted.limit},       {"reveal", wanted.reveal},
                        {"stages", std::move(stages_)}};
  Task query = query_about(std::move(tasks_), std::move(question));
  query.period = version.period;
  for (std::size_t i = 0; i < more_.size(); ++i)
    query.inputs["version " + std::to_string(i)] = {more_[i]};
  return query;
}

/// Rows of most other jobs carry their place in the source.
std::string not_allocated(const VersionRecord& version, const LineageWanted& wanted) {
  std::vector<std::string> conditions;
  for (const auto& [column, value] : wanted.key)
    conditions.push_back(column + " = " + quote_literal(value));
  return " was made by job '" + version.job +
         "', which is no allocation; where its rows are from stands in _source and _line: "
         "tallymill show " +
         version.dataset + " --period " + version.period + " --where " +
         shell_word(join(conditions, " and ")) + "; --down asks where they went";
}

}  // namespace

json::object row_lineage(const Workspace& workspace, StoreView& store, const VersionRecord& version,
                         const LineageWanted& wanted) {
  LineageStages stages(workspace, store);
  if (wanted.down)
    stages.add_down(version, -1);
  else
    stages.add_up(version);
  if (stages.is_empty())
    throw Error(ErrorClass::config,
                "dataset '" + version.dataset + "' of " + version.period +
                    (wanted.down ? " was allocated by no job" : not_allocated(version, wanted)));
  return run_query(workspace, stages.question(version, wanted)).answer.as_object();
}

namespace {

std::string text_or(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

/// "by largest_remainder: visits 2 of 3; rule cost_driver, version 1f0c22ab"
std::string stage_text(const json::object& stage) {
  std::string text = "job " + json_text(stage, "job");
  if (const std::string method = text_or(stage, "method"); !method.empty()) text += ", " + method;
  if (const std::string outcome = text_or(stage, "outcome"); outcome == "even")
    text += ": every receiver alike, for all drivers are 0";
  else if (outcome == "previous")
    text += ": by the parts of an earlier period";
  else if (const std::string driver = text_or(stage, "driver"); !driver.empty())
    text += ": " + driver + " " + text_or(stage, "driver_value") + " of " +
            text_or(stage, "driver_total");
  if (const std::string rule = text_or(stage, "rule"); !rule.empty())
    text += "; rule " + rule + ", version " + short_version(text_or(stage, "rule_version"));
  return text;
}

void print_rows_under(const json::array& rows, const std::string& indent, std::ostream& out) {
  for (const json::value& value : rows) {
    const json::object& node = value.as_object();
    const std::string amount = json_text(node, "amount");
    const std::string piece = json_text(node, "piece");
    out << indent << json_text(node, "dataset") << " " << json_text(node, "period") << ": "
        << json_text(node, "row") << ": ";
    if (piece != amount)
      out << piece << " of " << amount << " (units " << json_integer(node, "first") << " to "
          << json_integer(node, "last") << ")";
    else
      out << amount;
    if (const std::string source = text_or(node, "source"); !source.empty())
      out << ", from " << source;
    out << "\n";
    for (const json::value& entry : json_at(node, "stages").as_array()) {
      const json::object& stage = entry.as_object();
      out << indent << "  " << stage_text(stage) << "\n";
      const json::array& under = json_at(stage, "rows").as_array();
      print_rows_under(under, indent + "    ", out);
      const auto shown = static_cast<std::int64_t>(under.size());
      if (shown == 0)
        out << indent << "    nothing: parked, or set off against rows of the other sign\n";
      if (const std::int64_t total = json_integer(stage, "total"); total > shown)
        out << indent << "    and " << group_digits(total - shown) << " more rows\n";
    }
  }
}

}  // namespace

void print_lineage(const json::object& lineage, std::ostream& out) {
  const json::array& rows = json_at(lineage, "rows").as_array();
  print_rows_under(rows, "", out);
  const std::int64_t total = json_integer(lineage, "total");
  if (rows.empty()) out << "no such row\n";
  if (const auto shown = static_cast<std::int64_t>(rows.size()); total > shown && shown > 0)
    out << "and " << group_digits(total - shown) << " more rows\n";
}

}  // namespace tallymill
