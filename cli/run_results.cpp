#include "cli/run_results.h"

#include <algorithm>
#include <array>
#include <map>

#include "cli/attempt_results.h"
#include "cli/check_source.h"
#include "cli/dataset_query.h"
#include "cli/run_words.h"
#include "rules/check_report.h"
#include "scheduler/job_name.h"
#include "scheduler/recorded_run.h"

namespace tallymill {
namespace {

constexpr int kResultsFormat = 1;
constexpr const char* kCheckColumn = "_check";

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

/// The cells of a row by column; `check` is where the name of its check goes, which is none of
/// them.
json::object row_json(const RowAnswer& answer, std::size_t row, std::string& check) {
  json::object object;
  for (std::size_t c = 0; c < answer.columns.size(); ++c) {
    const auto& cell = answer.rows[row][c];
    if (answer.columns[c] == kCheckColumn)
      check = cell.value_or("");
    else
      object[answer.columns[c]] = cell ? json::value(*cell) : json::value(nullptr);
  }
  return object;
}

/// Makes the part of one job.
class JobPart {
 public:
  JobPart(const Workspace& workspace, const UnitCatalog& catalog, StoreView& store,
          const RunRecord& run, const ResultsWanted& wanted)
      : workspace_(workspace),
        catalog_(catalog),
        store_(store),
        run_(run),
        wanted_(wanted),
        state_(workspace.state),
        finder_(store, run) {
    finder_.load_all();
  }

  json::object results(const JobRunRecord& job) {
    attempt_ = finder_.find(job);
    task_ = attempt_ ? task_of(state_, *attempt_) : std::nullopt;
    result_ = attempt_ ? result_left_by(state_, *attempt_) : std::nullopt;
    json::object part = head(job);
    if (!result_) {
      for (const char* key : {"inputs", "outputs", "checks", "indicators"})
        part[key] = json::array();
      for (const char* key : {"rows", "findings", "books", "gate", "turned_away"})
        part[key] = nullptr;
      part["report"] = json::object();
      return part;
    }
    part["inputs"] = inputs("digest");
    part["outputs"] = outputs();
    part["rows"] = json::object{{"in", json_integer(*result_, "rows_in")},
                                {"out", json_integer(*result_, "rows_out")},
                                {"rejected", json_integer(*result_, "rows_rejected")}};
    part["findings"] = json::object{{"error", json_integer(*result_, "findings_error")},
                                    {"warn", json_integer(*result_, "findings_warn")}};
    part["books"] = empty_is_null("ledger");
    part["gate"] = empty_is_null("gate");
    part["checks"] = json::array();
    part["indicators"] = json_at(*result_, "indicators");
    part["report"] = json_at(*result_, "report");
    part["turned_away"] = nullptr;
    add_rows(part);
    return part;
  }

  /// Of the job that results() was asked for last.
  json::object metrics(const JobRunRecord& job) const {
    json::object part{{"job", job.job}};
    if (!attempt_) return part;
    part["started_at"] = attempt_->started_at;
    part["ended_at"] = text_or_null(attempt_->ended_at);
    part["time"] = text_or_null(time_between(attempt_->started_at, attempt_->ended_at));
    part["cpu_ms"] = attempt_->cpu_ms;
    part["memory_bytes"] = attempt_->memory_bytes;
    part["threads"] = attempt_->threads;
    part["attempt"] = attempt_->id;
    part["inputs"] = inputs("version");
    part["measured"] = result_ ? json_at(*result_, "metrics") : json::value(nullptr);
    return part;
  }

 private:
  json::object head(const JobRunRecord& job) {
    const JobName name = split_job_name(job.job);
    const auto graph = workspace_.graphs.find(run_.graph);
    const JobNode* node =
        graph == workspace_.graphs.end() ? nullptr : graph->second->find_job(std::string(name.job));
    std::string type = task_ ? task_->type : "";
    if (type.empty() && node != nullptr) type = node->spec.type;
    json::object part{{"job", job.job},
                      {"type", type},
                      {"partition", text_or_null(std::string(name.partition))},
                      {"state", to_string(job.state)},
                      {"reason", text_or_null(job.reason)},
                      {"made_by", attempt_ ? json::value(attempt_->run) : json::value(nullptr)},
                      {"attempt", attempt_ ? json::value(attempt_->number) : json::value(nullptr)},
                      {"error", nullptr},
                      {"fingerprint", text_or_null(job.fingerprint)}};
    if (attempt_ && !attempt_->error.empty())
      part["error"] = json::object{{"class", attempt_->error_class},
                                   {"message", without_prefix(attempt_->error)}};
    part["rules"] =
        attempt_
            ? json::value_from(rules_of(workspace_, store_, run_.graph, job.job, attempt_->run))
            : json::value(json::object());
    return part;
  }

  /// What it read: `name` is "digest", which content alone decides, or "version".
  json::array inputs(const std::string& name) const {
    json::array list;
    if (!task_) return list;
    for (const auto& [input, versions] : task_->inputs)
      for (const InputVersion& version : versions)
        list.push_back(json::object{{"input", input},
                                    {"dataset", version.dataset.empty() ? input : version.dataset},
                                    {"period", version.period},
                                    {"partition", text_or_null(version.partition)},
                                    {name, name == "digest" ? version.digest : version.version}});
    return list;
  }

  json::array outputs() const {
    json::array list;
    for (const json::value& item : json_at(*result_, "outputs").as_array()) {
      const json::object& output = item.as_object();
      list.push_back(json::object{{"dataset", output.at("dataset")},
                                  {"evidence", output.at("evidence")},
                                  {"rows", output.at("rows")},
                                  {"digest", output.at("digest")},
                                  {"amounts", output.at("amounts")}});
    }
    return list;
  }

  json::value empty_is_null(const char* key) const {
    const json::value& value = json_at(*result_, key);
    return value.as_object().empty() ? json::value(nullptr) : value;
  }

  /// The checks, and what the job turned away, both with a sample of rows if any are wanted.
  void add_rows(json::object& part) {
    const auto rows = turned_away_by(state_, store_, run_, *attempt_, *result_);
    const bool is_check = task_ && task_->type == "check";
    std::map<std::string, json::array> by_check;
    json::array sample;
    if (wanted_.sample > 0 && rows && rows->folder && rows->rows > 0)
      read_sample(*rows, is_check, by_check, sample);
    part["checks"] = checks(by_check, rows && !rows->folder);
    if (rows)
      part["turned_away"] = json::object{{"dataset", rows->dataset},
                                         {"rows", rows->rows},
                                         {"kept", rows->folder.has_value()},
                                         {"sample", std::move(sample)}};
  }

  void read_sample(const TurnedAway& rows, bool is_check,
                   std::map<std::string, json::array>& by_check, json::array& sample) const {
    RowQuery query;
    query.dataset = rows.dataset;
    query.limit = wanted_.sample;
    if (is_check) query.limit_per = kCheckColumn;
    const RowAnswer answer = read_rows(workspace_, *rows.folder, run_.period, query);
    for (std::size_t i = 0; i < answer.rows.size(); ++i) {
      std::string check;
      json::object row = row_json(answer, i, check);
      (is_check ? by_check[check] : sample).push_back(std::move(row));
    }
  }

  json::array checks(std::map<std::string, json::array>& samples, bool are_rows_gone) const {
    const CheckSource source = task_ ? CheckSource(*task_, catalog_.checks()) : CheckSource();
    json::array digests;
    if (task_)
      if (const auto input = task_->inputs.find(source.dataset()); input != task_->inputs.end())
        for (const InputVersion& version : input->second) digests.emplace_back(version.digest);
    json::array list;
    for (const json::value& item : json_at(*result_, "checks").as_array()) {
      const json::object& found = item.as_object();
      const std::string name = json_text(found, "name");
      const std::string outcome = outcome_of_check(found);
      json::object check{{"name", name},
                         {"check", json_text(found, "check")},
                         {"dataset", text_or_null(source.dataset())},
                         {"digests", digests},
                         {"where", source.where(name)},
                         {"outcome", outcome},
                         {"success", outcome == "not_applicable" ? json::value(nullptr)
                                                                 : json::value(outcome == "pass")}};
      for (const auto& entry : found) check[entry.key()] = entry.value();
      check["tolerance"] = source.tolerance(name);
      check["sample"] =
          wanted_.sample > 0 && !are_rows_gone ? json::value(samples[name]) : json::value(nullptr);
      list.push_back(std::move(check));
    }
    return list;
  }

  const Workspace& workspace_;
  const UnitCatalog& catalog_;
  StoreView& store_;
  const RunRecord& run_;
  ResultsWanted wanted_;
  StateFolder state_;
  AttemptFinder finder_;
  std::optional<AttemptRecord> attempt_;
  std::optional<Task> task_;
  std::optional<json::object> result_;
};

/// How many there are of each, in a fixed order.
class Counts {
 public:
  explicit Counts(std::vector<std::string> names) : names_(std::move(names)) {}
  void add(const std::string& name) {
    ++total_;
    ++counts_[name];
  }
  std::int64_t operator[](const std::string& name) { return counts_[name]; }
  json::object to_json() {
    json::object object{{"total", total_}};
    for (const std::string& name : names_) object[name] = counts_[name];
    return object;
  }

 private:
  std::vector<std::string> names_;
  std::int64_t total_ = 0;
  std::map<std::string, std::int64_t> counts_;
};

json::object statistics_of(const json::array& jobs) {
  Counts states({"succeeded", "up_to_date", "failed", "skipped", "cancelled", "waiting", "ready",
                 "running", "retry_wait"});
  Counts outcomes({"pass", "warn", "fail", "not_applicable"});
  for (const json::value& job : jobs) {
    states.add(json_text(job.as_object(), "state"));
    for (const json::value& check : json_at(job.as_object(), "checks").as_array())
      outcomes.add(json_text(check.as_object(), "outcome"));
  }
  json::object checks = outcomes.to_json();
  const std::int64_t judged = outcomes["pass"] + outcomes["warn"] + outcomes["fail"];
  checks["pass_ratio"] =
      judged == 0 ? json::value(nullptr) : json::value(exact_ratio(outcomes["pass"], judged));
  return {{"jobs", states.to_json()}, {"checks", std::move(checks)}};
}

}  // namespace

std::string outcome_of_check(const json::object& check) {
  const std::string verdict = json_text(check, "verdict");
  return verdict == "fail" && json_text(check, "severity") == "warn" ? "warn" : verdict;
}

json::object run_results(const Workspace& workspace, const UnitCatalog& catalog, StoreView& store,
                         const RunRecord& run, const ResultsWanted& wanted) {
  JobPart part(workspace, catalog, store, run, wanted);
  json::array jobs;
  json::array metrics;
  for (const JobRunRecord& job : store.job_runs(run.id)) {
    jobs.push_back(part.results(job));
    if (wanted.metrics) metrics.push_back(part.metrics(job));
  }
  const RunVerdict verdict = recorded_verdict(run);
  json::object params;
  for (const auto& [name, param] : run.params) params[name] = param.value;
  json::object results{{"format", kResultsFormat},
                       {"run", run.id},
                       {"graph", run.graph},
                       {"period", run.period},
                       {"rerun_of", text_or_null(run.of)},
                       {"parameters", std::move(params)},
                       {"verdict", to_string(verdict)},
                       {"exit", static_cast<int>(exit_of(verdict))},
                       {"success", exit_of(verdict) == Exit::ok},
                       {"statistics", statistics_of(jobs)},
                       {"jobs", std::move(jobs)}};
  if (wanted.metrics)
    results["metrics"] = json::object{{"started_at", run.started_at},
                                      {"ended_at", text_or_null(run.ended_at)},
                                      {"as_of", run.as_of},
                                      {"who", run.who},
                                      {"jobs", std::move(metrics)}};
  return results;
}

}  // namespace tallymill
