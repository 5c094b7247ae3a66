#include "scheduler/backfill.h"

#include <algorithm>
#include <cctype>

#include "core/digest.h"
#include "core/error.h"
#include "core/text.h"
#include "scheduler/backfill_store.h"
#include "scheduler/plan_judge.h"
#include "scheduler/requests.h"
#include "scheduler/scheduler.h"

namespace tallymill {
namespace {

constexpr std::size_t kDigestDigits = 12;

Error refusal(const std::string& what) { return Error(ErrorClass::config, what); }

std::shared_ptr<const Graph> require_graph(const Workspace& workspace, const std::string& name) {
  const auto found = workspace.graphs.find(name);
  if (found != workspace.graphs.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& entry : workspace.graphs) names.push_back(entry.first);
  const std::string meant = did_you_mean(name, names);
  throw refusal("unknown graph '" + name + "'; " +
                (meant.empty() ? "the graphs are " + join(names, ", ") : meant));
}

std::vector<Period> periods_of(const Graph& graph, const BackfillRequest& request) {
  for (const auto& [flag, period] :
       {std::pair{"--from", request.from}, std::pair{"--to", request.to}})
    if (period.kind() != graph.period)
      throw refusal("graph '" + graph.name + "' runs per " + std::string(to_string(graph.period)) +
                    ", and " + flag + " '" + period.text() + "' is a " +
                    std::string(to_string(period.kind())));
  if (request.to < request.from)
    throw refusal("--from " + request.from.text() + " comes after --to " + request.to.text() +
                  "; the later period is the last one, also with --reverse");
  std::vector<Period> periods;
  for (Period period = request.from; period <= request.to; period = period.next()) {
    if (periods.size() == kMostBackfillPeriods)
      throw refusal("from " + request.from.text() + " to " + request.to.text() + " are more than " +
                    std::to_string(kMostBackfillPeriods) +
                    " periods; a backfill takes no more at once");
    periods.push_back(period);
  }
  if (request.reverse) std::reverse(periods.begin(), periods.end());
  return periods;
}

bool is_valid_name(const std::string& name) {
  return !name.empty() && name.size() <= 128 &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
         });
}

bool is_same(const BackfillRecord& record, const BackfillRequest& request) {
  const json::object options = backfill_options(request);
  return record.graph == request.graph && record.from == request.from.text() &&
         record.to == request.to.text() && record.options.at("force") == options.at("force") &&
         record.options.at("params") == options.at("params");
}

std::string range_name(const BackfillRequest& request) {
  return request.graph + "." + request.from.text() + ".." + request.to.text();
}

class BackfillPlanner {
 public:
  BackfillPlanner(const Workspace& workspace, StoreView* view, const BackfillRequest& request)
      : workspace_(workspace), view_(view) {
    plan_.request = request;
    plan_.graph = require_graph(workspace, request.graph);
  }

  BackfillPlan plan() {
    const std::vector<Period> periods = periods_of(*plan_.graph, plan_.request);
    params_ = run_params(workspace_, *plan_.graph, plan_.request.params);
    plan_.in_order = reads_own_past(workspace_, *plan_.graph);
    if (plan_.in_order && plan_.request.reverse)
      throw refusal("graph '" + plan_.graph->name +
                    "' reads what it made for the period before; it cannot be run with --reverse");
    find_record();
    if (plan_.is_known) runs_ = backfill_runs(*view_, plan_.request.name);
    // Where the store says which version of a rule counts, that differs by period.
    files_ = std::make_shared<const PinnedFiles>(hash_files(workspace_, *plan_.graph));
    plan_.periods.reserve(periods.size());
    for (const Period& period : periods) add_period(period);
    plan_.job_runs = static_cast<std::int64_t>(periods.size()) *
                     static_cast<std::int64_t>(plan_.graph->jobs.size());
    plan_.digest = digest();
    return std::move(plan_);
  }

 private:
  void find_record() {
    BackfillRequest& request = plan_.request;
    if (!request.name.empty() && !is_valid_name(request.name))
      throw refusal("a backfill's name is made of letters, digits, '.', '_' and '-', got '" +
                    request.name + "'");
    std::optional<BackfillRecord> record;
    if (!request.name.empty())
      record = view_ ? find_backfill(*view_, request.name) : std::nullopt;
    else
      record = name_it();
    if (!record) return;
    if (!is_same(*record, request))
      throw refusal("backfill '" + record->name + "' is of graph '" + record->graph + "' from " +
                    record->from + " to " + record->to + parameters(*record) + ", begun by " +
                    record->who + " at " + record->started_at + "; give this one another --name");
    plan_.is_known = true;
    plan_.is_done = !record->ended_at.empty();
    plan_.was_stopped = record->is_stopped();
    plan_.who = record->who;
    plan_.ended_at = record->ended_at;
    if (const auto verdict = run_verdict_from(record->verdict)) plan_.verdict = *verdict;
  }

  static std::string parameters(const BackfillRecord& record) {
    std::string text;
    for (const auto& [name, value] : record.options.at("params").as_object())
      text += ", with " + std::string(name) + "=" + std::string(value.as_string());
    return record.options.at("force").as_bool() ? text + ", with --force" : text;
  }

  /// Without a name: the open one of the same kind, else a name that is free.
  std::optional<BackfillRecord> name_it() {
    BackfillRequest& request = plan_.request;
    const std::string base = range_name(request);
    int number = 1;
    if (view_)
      for (const BackfillRecord& record : backfills_of(*view_, request.graph)) {
        if (!record.name.starts_with(base)) continue;
        if (record.ended_at.empty() && is_same(record, request)) {
          request.name = record.name;
          return record;
        }
        ++number;
      }
    do request.name = number == 1 ? base : base + "." + std::to_string(number);
    while (view_ && find_backfill(*view_, request.name) && ++number > 0);
    return std::nullopt;
  }

  void add_period(const Period& period) {
    BackfillPeriod entry;
    entry.period = period;
    if (const auto run = runs_.find(period.text()); run != runs_.end()) {
      entry.run = run->second.id;
      // An interrupted run, or one whose jobs others took over, has not done its period.
      const auto verdict = run_verdict_from(run->second.verdict);
      if (run->second.state == RunState::ended && verdict && *verdict != RunVerdict::interrupted)
        entry.verdict = verdict;
    }
    if (!entry.verdict) judge_period(entry);
    plan_.periods.push_back(std::move(entry));
  }

  void judge_period(BackfillPeriod& entry) {
    const PlanJudge judge =
        view_ ? judge_by_store(workspace_, plan_.graph, entry.period, *view_, params_,
                               workspace_.rules_need_approval ? nullptr : files_)
              : judge_without_store(workspace_, plan_.graph, entry.period);
    // What the period before makes is not there yet when this is planned.
    const bool reads_planned = plan_.in_order && !plan_.periods.empty();
    for (const JobIndex job : plan_.graph->order) {
      const PlanEntry judged = judge(job);
      std::string action = judged.action;
      const bool waits = action == "wait" || action == "blocked";
      if (waits && reads_planned) action = "depends";
      if (plan_.request.force && !waits && action != "ask") action = "run";
      ++entry.actions[action];
      if (waits && !reads_planned && entry.note.empty()) entry.note = judged.reason;
      add_detail(job, action, judged.reason);
    }
  }

  /// What is done for the first time needs no word: so the plan of a workspace that was never used
  /// is still the plan when its store has been made.
  void add_detail(JobIndex job, const std::string& action, const std::string& reason) {
    if (action == "run" && reason == "no_result") return;
    details_ += std::to_string(job) + " " + action + " " + reason + "\n";
  }

  std::string digest() const {
    Fingerprint fingerprint;
    const BackfillRequest& request = plan_.request;
    fingerprint.add(request.name).add(plan_.graph->sha256);
    fingerprint.add(json::serialize(backfill_options(request)));
    for (const auto& [path, file] : *files_) fingerprint.add(path).add(file.sha256);
    for (const BackfillPeriod& period : plan_.periods)
      fingerprint.add(period.period.text())
          .add(period.run)
          .add(period.verdict ? to_string(*period.verdict) : "");
    return fingerprint.add(details_).hex().substr(0, kDigestDigits);
  }

  const Workspace& workspace_;
  StoreView* view_;
  BackfillPlan plan_;
  std::map<std::string, TaskParam> params_;
  std::map<std::string, RunRecord> runs_;
  std::shared_ptr<const PinnedFiles> files_;
  std::string details_;  ///< of all jobs of all periods, for the digest
};

}  // namespace

BackfillPlan plan_backfill(const Workspace& workspace, StoreView& view,
                           const BackfillRequest& request) {
  return BackfillPlanner(workspace, &view, request).plan();
}

BackfillPlan plan_backfill(const Workspace& workspace, const BackfillRequest& request) {
  return BackfillPlanner(workspace, nullptr, request).plan();
}

bool reads_own_past(const Workspace& workspace, const Graph& graph) {
  for (const JobNode& job : graph.jobs)
    for (const DatasetUse& use : job.shape.inputs) {
      const auto info = workspace.datasets.find(use.dataset);
      if (use.names_periods() && info != workspace.datasets.end() &&
          info->second.graph == graph.name)
        return true;
    }
  return false;
}

json::object to_wire(const BackfillRequest& request, const std::string& digest) {
  json::object object = backfill_options(request);
  object["format"] = kWireFormat;
  object["request"] = "backfill";
  object["graph"] = request.graph;
  object["from"] = request.from.text();
  object["to"] = request.to.text();
  object["name"] = request.name;
  object["digest"] = digest;
  return object;
}

BackfillRequest backfill_request_from(const json::object& object) {
  const auto period = [&](std::string_view key) {
    const std::string text = json_text(object, key);
    const auto parsed = Period::parse(text);
    if (!parsed) throw Error(ErrorClass::data, "'" + text + "' is no period");
    return *parsed;
  };
  BackfillRequest request{.graph = json_text(object, "graph"),
                          .from = period("from"),
                          .to = period("to"),
                          .name = json_text(object, "name"),
                          .reverse = json_boolean(object, "reverse"),
                          .force = json_boolean(object, "force"),
                          .stop_on_failure = json_boolean(object, "stop_on_failure"),
                          .parallel = static_cast<int>(json_integer(object, "parallel"))};
  for (const auto& [name, value] : json_at(object, "params").as_object())
    request.params[name] = std::string(value.as_string());
  request.reason = json_text(object, "reason");
  return request;
}

json::object backfill_json(const BackfillPlan& plan) {
  json::array periods;
  for (const BackfillPeriod& period : plan.periods) {
    json::object actions;
    for (const auto& [action, count] : period.actions) actions.emplace(action, count);
    periods.push_back({{"period", period.period.text()},
                       {"run", period.run},
                       {"verdict", std::string(period.verdict ? to_string(*period.verdict) : "")},
                       {"actions", std::move(actions)},
                       {"note", period.note}});
  }
  return {{"backfill", plan.request.name},
          {"graph", plan.request.graph},
          {"from", plan.request.from.text()},
          {"to", plan.request.to.text()},
          {"options", backfill_options(plan.request)},
          {"known", plan.is_known},
          {"done", plan.is_done},
          {"verdict", std::string(plan.is_done ? to_string(plan.verdict) : "")},
          {"in_order", plan.in_order},
          {"job_runs", plan.job_runs},
          {"digest", plan.digest},
          {"periods", std::move(periods)}};
}

}  // namespace tallymill
