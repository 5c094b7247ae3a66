#include <filesystem>

#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/job_report.h"
#include "cli/load_workspace.h"
#include "cli/run_words.h"
#include "cli/state_access.h"
#include "core/error.h"
#include "core/files.h"
#include "scheduler/job_name.h"
#include "scheduler/rule_book.h"
#include "scheduler/state_folder.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

/// The attempt that made the result an up-to-date job reuses.
std::optional<AttemptRecord> reused_attempt(StoreView& store, const RunRecord& run,
                                            const std::string& job) {
  constexpr int kMostRuns = 10'000;
  std::string id;
  for (const ResultRecord& result : store.results(run.graph, run.period))
    if (result.job == job) id = result.attempt;
  for (const RunRecord& earlier : store.runs(run.graph, kMostRuns)) {
    if (earlier.period != run.period) continue;
    for (AttemptRecord& attempt : store.attempts(earlier.id, job))
      if (attempt.id == id) return std::move(attempt);
  }
  return std::nullopt;
}

/// The attempt whose counts are the job's in this run.
AttemptRecord attempt_of(StoreView& store, const RunRecord& run, const JobRunRecord& job) {
  std::optional<AttemptRecord> attempt;
  if (job.state == JobRunState::up_to_date)
    attempt = reused_attempt(store, run, job.job);
  else if (auto attempts = store.attempts(run.id, job.job); !attempts.empty())
    attempt = std::move(attempts.back());
  if (attempt) return *attempt;
  throw Error(ErrorClass::config, "job '" + job.job + "' has counted nothing in " + run.id +
                                      ": it is " + std::string(to_string(job.state)) +
                                      "; 'tallymill why " + run.id + " " + job.job + "' says why");
}

json::object result_of(const StateFolder& state, const AttemptRecord& attempt) {
  const fs::path file = state.attempt(attempt.run, attempt.job, attempt.number) / "result.json";
  if (!fs::exists(file))
    throw Error(ErrorClass::config, "attempt " + std::to_string(attempt.number) + " of '" +
                                        attempt.job + "' in " + attempt.run +
                                        " left no result; 'tallymill logs " + attempt.run + " " +
                                        attempt.job + "' says what happened");
  return parse_json(read_file(file), file.string()).as_object();
}

/// The versions of the rules the job asked; none if the graph has no such job any more.
std::map<std::string, std::string> rules_of(const Workspace& workspace, StoreView& store,
                                            const std::string& graph, const std::string& job,
                                            const std::string& run) {
  const auto found = workspace.graphs.find(graph);
  const std::string_view name = split_job_name(job).job;
  const JobNode* node =
      found == workspace.graphs.end() ? nullptr : found->second->find_job(std::string(name));
  return node == nullptr ? std::map<std::string, std::string>()
                         : rules_that_judged(store, run, *node);
}

Exit run_report_command(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  if (const auto exit = read_through_scheduler(invocation, workspace)) return *exit;
  StoreView store = open_store(workspace);
  const RunRecord run = store.find_run(invocation.text("RUN"));
  const JobRunRecord job = find_job_run(store, run, job_run_of(invocation));
  const AttemptRecord attempt = attempt_of(store, run, job);
  const json::object result = result_of(StateFolder(workspace.state), attempt);
  const std::string state(to_string(job.state));
  const auto rules = rules_of(workspace, store, run.graph, job.job, attempt.run);
  if (invocation.json()) {
    json::object object{{"run", run.id},
                        {"job", job.job},
                        {"state", state},
                        {"made_by", attempt.run},
                        {"attempt", attempt.number}};
    for (const char* key : {"outcome", "ledger", "checks", "indicators", "gate", "report"})
      object[key] = json_at(result, key);
    if (!rules.empty()) object["rules"] = json::value_from(rules);
    const json::object& metrics = json_at(result, "metrics").as_object();
    if (const json::value* profile = metrics.if_contains("rules"))
      object["rule_profile"] = *profile;
    if (const json::value* costs = metrics.if_contains("checks"); costs && invocation.has("cost"))
      object["check_costs"] = *costs;
    invocation.out() << pretty_json(object);
    return Exit::ok;
  }
  invocation.out() << job.job << " in " << run.id << ": "
                   << (attempt.run == run.id ? state : "up to date, as made in " + attempt.run)
                   << ", attempt " << attempt.number << "\n";
  if (!attempt.error.empty()) invocation.out() << without_prefix(attempt.error) << "\n";
  for (const auto& [rule, version] : rules)
    invocation.out() << "judged by rule " << rule << ", version " << short_version(version) << "\n";
  invocation.out() << (invocation.has("cost") ? check_costs(result) : job_report(result));
  return Exit::ok;
}

}  // namespace

void register_report(Registry<Command>& commands) {
  commands.add({
      .name = "report",
      .summary =
          "Shows a job's books, what each of its checks and steps counted, and how its rules did.",
      .example = "tallymill report cost_attribution cost_is_sound",
      .arguments = {{"RUN", "A run, or a graph's name for its newest one."},
                    {"JOB", "A job of the run."}},
      .flags = {{.name = "cost",
                 .summary =
                     "Show what each pass of a check job took instead, and for which checks."},
                partition_flag("Of this partition; JOB may also be job[value]."),
                json_flag()},
      .run = run_report_command,
  });
}

}  // namespace tallymill
