#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/run_words.h"
#include "cli/scheduler_link.h"
#include "cli/text_table.h"
#include "core/error.h"
#include "core/text.h"
#include "scheduler/rerun_plan.h"

namespace tallymill {
namespace {

/// --from JOB is short for --job JOB --downstream.
RerunSelection selection_of(const Invocation& invocation) {
  const auto refuse = [](const std::string& what) { throw Error(ErrorClass::config, what); };
  const bool has_job = invocation.has("job");
  if ((invocation.has("failed") ? 1 : 0) + (invocation.has("from") ? 1 : 0) + (has_job ? 1 : 0) > 1)
    refuse("--failed, --from and --job exclude each other; give one of them");
  const bool only = invocation.has("only");
  if (!has_job && (only || invocation.has("downstream")))
    refuse("--only and --downstream say how much of --job JOB is meant; name the job");
  if (has_job && only == invocation.has("downstream"))
    refuse("--job needs one of --only (this job alone) and --downstream (all after it, too)");
  if (only && invocation.has("cascade"))
    refuse("--only leaves what comes after a job alone, --cascade repeats it; give one of them");
  return {.failed = invocation.has("failed"),
          .job = has_job ? invocation.text("job") : invocation.text("from"),
          .downstream = !only,
          .partition = partition_of(invocation),
          .force = invocation.has("force"),
          .cascade = invocation.has("cascade"),
          .reason = invocation.text("reason"),
          .rules = rules_of(invocation)};
}

std::string selection_text(const RerunSelection& selection) {
  std::string text;
  if (selection.failed)
    text = " --failed";
  else if (!selection.job.empty())
    text =
        selection.downstream ? " --from " + selection.job : " --job " + selection.job + " --only";
  if (selection.partition)
    text +=
        " --partition " + shell_word(selection.partition->name + "=" + selection.partition->value);
  if (selection.force) text += " --force";
  if (selection.rules == RulesOf::now) text += " --rules current";
  return selection.cascade ? text + " --cascade" : text;
}

std::string apply_command(const RerunPlan& rerun, const RerunSelection& selection) {
  return "tallymill rerun " + rerun.of.id + selection_text(selection) + " --apply " + rerun.digest;
}

std::string versions_text(const std::string& title, const std::vector<PinnedVersion>& versions) {
  if (versions.empty()) return {};
  std::vector<std::string> names;
  for (const PinnedVersion& version : versions)
    names.push_back(version.dataset + " " + version.period);
  return "  " + title + ": " + join(names, ", ") + "\n";
}

std::string step_text(const RerunStep& step) {
  TextTable table({{"job"}, {"action"}, {"why"}});
  for (const PlanEntry& entry : step.plan.entries)
    table.add({step.plan.graph->jobs[entry.job].spec.name, entry.action, entry.reason});
  std::string text = table.text() + versions_text("reused", step.reused) +
                     versions_text("superseded by other data, if any", step.superseded);
  for (const CarriedApproval& carried : step.carried)
    text += "  not asked again, what it was about is as it was: " + carried.job + ", " +
            carried.reason + " in run " + carried.run + "\n";
  for (const auto& [name, value] : step.request.params)
    text += "  with " + name + "=" + value + "\n";
  if (!step.request.takes_over.empty())
    text += "  takes over " + std::to_string(step.request.takes_over.size()) +
            " unfinished jobs of " + step.request.takes_over.front().first + "\n";
  return text;
}

std::string plan_report(const RerunPlan& rerun, const RerunSelection& selection) {
  std::string text = "rerun of " + rerun.of.id + ", plan " + rerun.digest + "\n" + step_text(rerun);
  for (const RerunStep& step : rerun.cascade)
    text += "then of " + step.of.id + ", if what it read has changed\n" + step_text(step);
  return text + "\nto do this: " + apply_command(rerun, selection) + "\n";
}

json::array versions_json(const std::vector<PinnedVersion>& versions) {
  json::array list;
  for (const PinnedVersion& version : versions)
    list.push_back({{"dataset", version.dataset},
                    {"period", version.period},
                    {"partition", version.partition},
                    {"version", version.version}});
  return list;
}

json::object step_json(const RerunStep& step) {
  json::object object = plan_json(step.plan);
  json::array& jobs = object["jobs"].as_array();
  for (std::size_t i = 0; i < jobs.size(); ++i)
    jobs[i].as_object()["code"] = step.plan.entries[i].code;
  object["of"] = step.of.id;
  object["reused"] = versions_json(step.reused);
  object["superseded"] = versions_json(step.superseded);
  json::array carried;
  for (const CarriedApproval& approval : step.carried)
    carried.push_back({{"job", approval.job}, {"run", approval.run}, {"reason", approval.reason}});
  object["carried_approvals"] = std::move(carried);
  return object;
}

json::object plan_document(const RerunPlan& rerun) {
  json::object object = step_json(rerun);
  json::array cascade;
  for (const RerunStep& step : rerun.cascade) cascade.push_back(step_json(step));
  object["cascade"] = std::move(cascade);
  object["digest"] = rerun.digest;
  return object;
}

Exit apply(const Invocation& invocation, const UnitCatalog& catalog, const RunRecord& of,
           const RerunSelection& selection) {
  // A cascade leads to graphs that read from this one.
  const std::string graphs = selection.cascade ? std::string() : of.graph;
  const auto plan_now = [&] {
    const Workspace now = load_workspace(invocation, catalog, graphs);
    StoreView store = open_store(now);
    return plan_rerun(now, store, of, selection);
  };
  return SchedulerLink(invocation, catalog, load_workspace(invocation, catalog, graphs),
                       "tallymill rerun " + of.id + selection_text(selection))
      .rerun({of.id, selection, invocation.text("apply")},
             [&] { return plan_report(plan_now(), selection); });
}

Exit run_rerun(const Invocation& invocation) {
  const UnitCatalog catalog;
  const RerunSelection selection = selection_of(invocation);
  const Workspace workspace = load_workspace(invocation, catalog);
  StoreView store = open_store(workspace);
  const RunRecord of = store.find_run(invocation.text("RUN"));
  if (invocation.has("apply")) return apply(invocation, catalog, of, selection);
  const RerunPlan rerun = plan_rerun(workspace, store, of, selection);
  if (invocation.json())
    invocation.out() << pretty_json(plan_document(rerun));
  else
    invocation.out() << plan_report(rerun, selection);
  return Exit::ok;
}

}  // namespace

void register_rerun(Registry<Command>& commands) {
  commands.add({
      .name = "rerun",
      .summary = "Plans a new run of jobs of an earlier one, and does it with --apply.",
      .example = "tallymill rerun cost_attribution.2026-01.1 --failed",
      .arguments = {{"RUN", "A run, or a graph's name for its newest one."}},
      .flags = {{.name = "failed",
                 .summary = "What failed, was cancelled or blocked, and gates that refused."},
                {.name = "from", .value = "JOB", .summary = "This job and all that come after it."},
                {.name = "job",
                 .value = "JOB",
                 .summary = "This job, with --only or --downstream."},
                {.name = "only", .summary = "Nothing after the job: what reads it becomes stale."},
                {.name = "downstream", .summary = "Also all that come after the job."},
                partition_flag("Of those, only this partition's."),
                {.name = "force", .summary = "Run all of these jobs, also those up to date."},
                {.name = "cascade",
                 .summary = "Also what other graphs and periods have made from their results."},
                rules_flag(),
                {.name = "reason", .value = "TEXT", .summary = "Why, for the journal."},
                {.name = "apply",
                 .value = "PLAN",
                 .summary = "Do it, if the plan is still the one of this digest."},
                wait_flag(),
                json_flag()},
      .run = run_rerun,
  });
}

}  // namespace tallymill
