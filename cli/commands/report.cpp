#include "cli/attempt_results.h"
#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/job_report.h"
#include "cli/junit.h"
#include "cli/load_workspace.h"
#include "cli/results_page.h"
#include "cli/run_results.h"
#include "cli/run_words.h"
#include "cli/state_access.h"
#include "core/error.h"
#include "core/files.h"
#include "core/rule_version.h"
#include "scheduler/recorded_run.h"
#include "scheduler/state_folder.h"

namespace tallymill {
namespace {

/// Rows of each failing check that a page shows.
constexpr std::int64_t kPageSample = 5;

/// The attempt whose counts are the job's in this run.
AttemptRecord attempt_of(StoreView& store, const RunRecord& run, const JobRunRecord& job) {
  if (auto attempt = AttemptFinder(store, run).find(job)) return *attempt;
  throw Error(ErrorClass::config, "job '" + job.job + "' has counted nothing in " + run.id +
                                      ": it is " + std::string(to_string(job.state)) +
                                      "; 'tallymill why " + run.id + " " + job.job + "' says why");
}

json::object result_of(const StateFolder& state, const AttemptRecord& attempt) {
  if (auto result = result_left_by(state, attempt)) return *result;
  throw Error(ErrorClass::config, "attempt " + std::to_string(attempt.number) + " of '" +
                                      attempt.job + "' in " + attempt.run +
                                      " left no result; 'tallymill logs " + attempt.run + " " +
                                      attempt.job + "' says what happened");
}

Exit report_job(const Invocation& invocation, const Workspace& workspace, StoreView& store,
                const RunRecord& run) {
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

Exit report_run(const Invocation& invocation, const UnitCatalog& catalog,
                const Workspace& workspace, StoreView& store, const RunRecord& run) {
  const ResultsWanted wanted{
      .sample = invocation.integer("sample", invocation.has("html") ? kPageSample : 0),
      .metrics = invocation.has("metrics")};
  const json::object results = run_results(workspace, catalog, store, run, wanted);
  if (invocation.has("junit")) {
    write_file_durably(invocation.text("junit"), junit_xml(results));
    invocation.err() << "written to " << invocation.text("junit") << std::endl;
  }
  if (invocation.has("html")) {
    write_file_durably(invocation.text("html"), results_page(results, store, run));
    invocation.err() << "written to " << invocation.text("html") << std::endl;
  }
  if (invocation.json())
    invocation.out() << pretty_json(results);
  else
    invocation.out() << run.graph << " " << run.period << ", run " << run.id << ": "
                     << sentence_of(recorded_verdict(run)) << "\n"
                     << results_text(results);
  return Exit::ok;
}

/// Throws Error(config) if a flag is about whole runs and one job is named, or the reverse.
void require_fitting_flags(const Invocation& invocation) {
  if (!invocation.has("JOB")) {
    if (invocation.has("partition"))
      throw Error(ErrorClass::config, "--partition is of a job; name the job, too");
    if (invocation.has("cost"))
      throw Error(ErrorClass::config, "--cost is of a check job; name the job, too");
    return;
  }
  for (const char* flag : {"junit", "html", "sample", "metrics"})
    if (invocation.has(flag))
      throw Error(ErrorClass::config,
                  "--" + std::string(flag) + " is of a whole run; leave out the job");
}

Exit run_report_command(const Invocation& invocation) {
  require_fitting_flags(invocation);
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  if (const auto exit = read_through_scheduler(invocation, workspace)) return *exit;
  StoreView store = open_store(workspace);
  const RunRecord run = store.find_run(invocation.text("RUN"));
  return invocation.has("JOB") ? report_job(invocation, workspace, store, run)
                               : report_run(invocation, catalog, workspace, store, run);
}

}  // namespace

void register_report(Registry<Command>& commands) {
  commands.add({
      .name = "report",
      .summary = "Shows what every check of a run found, also as JSON, JUnit XML or a page; or a "
                 "job's books, checks, steps and rules.",
      .example = "tallymill report cost_attribution cost_is_sound",
      .arguments = {{"RUN", "A run, or a graph's name for its newest one."},
                    {.name = "JOB",
                     .summary = "A job of the run; default: all of them.",
                     .required = false}},
      .flags =
          {partition_flag("Of this partition; JOB may also be job[value]."),
           {.name = "junit", .value = "FILE", .summary = "Write JUnit XML for build servers, too."},
           {.name = "html", .value = "FILE", .summary = "Write a page to hand around, too."},
           {.name = "sample",
            .value = "N",
            .summary = "Show N rows of each failing check; default 5 with --html, else 0."},
           {.name = "metrics",
            .summary = "Add times, versions and people, which differ from run to run."},
           {.name = "cost",
            .summary = "Show what each pass of a check job took instead, and for which checks."},
           json_flag()},
      .run = run_report_command,
  });
}

}  // namespace tallymill
