#include "scheduler/backfill.h"

#include "cli/catalog.h"
#include "cli/common_flags.h"
#include "cli/load_workspace.h"
#include "cli/run_words.h"
#include "cli/scheduler_link.h"
#include "cli/state_access.h"
#include "cli/text_table.h"
#include "core/error.h"
#include "core/text.h"
#include "scheduler/backfill_run.h"
#include "scheduler/scheduler.h"
#include "scheduler/state_folder.h"
#include "scheduler/store_binding.h"

namespace tallymill {
namespace {

Period period_at(const Invocation& invocation, const std::string& flag) {
  return parse_period(invocation.text(flag));
}

BackfillRequest request_of(const Invocation& invocation) {
  return {.graph = invocation.text("GRAPH"),
          .from = period_at(invocation, "from"),
          .to = period_at(invocation, "to"),
          .name = invocation.text("name"),
          .reverse = invocation.has("reverse"),
          .force = invocation.has("force"),
          .stop_on_failure = invocation.has("stop-on-failure"),
          .parallel = static_cast<int>(invocation.integer("parallel", 1, 1)),
          .params = params_of(invocation),
          .reason = invocation.text("reason")};
}

std::string state_words(const BackfillPeriod& period) {
  if (period.verdict) return "done, " + sentence_of(*period.verdict);
  return period.run.empty() ? "" : "begun";
}

std::string actions_text(const BackfillPeriod& period) {
  std::vector<std::string> parts;
  for (const auto& [action, count] : period.actions)
    parts.push_back(group_digits(count) + " " + action);
  return join(parts, ", ");
}

/// A line for every stretch of periods that are alike.
std::string periods_text(const BackfillPlan& plan) {
  TextTable table({{"periods"}, {"count", true}, {"state"}, {"jobs"}, {"waits for"}});
  for (std::size_t i = 0; i < plan.periods.size();) {
    const BackfillPeriod& first = plan.periods[i];
    std::size_t end = i + 1;
    while (end < plan.periods.size() && state_words(plan.periods[end]) == state_words(first) &&
           plan.periods[end].actions == first.actions && plan.periods[end].note == first.note)
      ++end;
    const std::string last = plan.periods[end - 1].period.text();
    table.add({first.period.text() + (end - i > 1 ? " .. " + last : ""), std::to_string(end - i),
               state_words(first), actions_text(first), first.note});
    i = end;
  }
  return table.text();
}

std::string order_text(const BackfillPlan& plan) {
  if (plan.in_order) return "in order, each reads what the one before has made";
  const std::string parallel = plan.request.parallel == 1
                                   ? "one at a time"
                                   : std::to_string(plan.request.parallel) + " at a time";
  return parallel + (plan.request.reverse ? ", latest first" : "");
}

std::string plan_report(const BackfillPlan& plan) {
  const auto count = static_cast<std::int64_t>(plan.periods.size());
  std::string text = "backfill " + plan.request.name + ", plan " + plan.digest + "\n" +
                     periods_text(plan) + group_digits(count) +
                     (count == 1 ? " period, " : " periods, ") + group_digits(plan.job_runs) +
                     (plan.job_runs == 1 ? " job run, " : " job runs, ") + order_text(plan) + "\n";
  for (const auto& [name, value] : plan.request.params) text += "with " + name + "=" + value + "\n";
  return text;
}

/// A line per period that has ended.
class PeriodLines final : public BackfillObserver {
 public:
  explicit PeriodLines(std::ostream& err) : err_(err) {}
  void note(const std::string& text) override { err_ << text << std::endl; }
  void ended(const Period& period, const RunEnd& end) override {
    err_ << period.text() << ": " << sentence_of(end.verdict) << " (" << end.id << ")" << std::endl;
  }

 private:
  std::ostream& err_;
};

/// How many periods came to what, and what to type about those that did not end well.
std::string end_report(const BackfillPlan& plan) {
  std::map<std::string, int> counts;
  std::string steps;
  for (const BackfillPeriod& period : plan.periods) {
    ++counts[period.verdict       ? sentence_of(*period.verdict)
             : period.run.empty() ? "not begun"
                                  : "not done"];
    if (period.verdict == RunVerdict::failed)
      steps += "  tallymill rerun " + period.run + " --failed\n";
    else if (!period.verdict && !period.run.empty())
      steps += "  tallymill why " + period.run + "\n";
  }
  std::vector<std::string> parts;
  for (const auto& [words, count] : counts) parts.push_back(group_digits(count) + " " + words);
  return "backfill " + plan.request.name + ": " + join(parts, ", ") + "\n" +
         (steps.empty() ? "" : "\nnext:\n" + steps);
}

std::string done_words(const BackfillPlan& plan) {
  return end_report(plan) + "it has ended before (" + sentence_of(plan.verdict) +
         "); there is nothing to do\n";
}

void print(const Invocation& invocation, const BackfillPlan& plan, const std::string& text) {
  if (invocation.json())
    invocation.out() << pretty_json(backfill_json(plan));
  else
    invocation.out() << text;
}

BackfillPlan plan_from_outside(const Workspace& workspace, const BackfillRequest& request) {
  if (auto view = StoreView::open(store_address(workspace)))
    return plan_backfill(workspace, *view, request);
  return plan_backfill(workspace, request);
}

Exit execute(const Invocation& invocation, const UnitCatalog& catalog, const Workspace& loaded,
             const BackfillRequest& request) {
  PeriodLines lines(invocation.err());
  BackfillRequest named = request;
  const std::string& digest = invocation.text("apply");
  try {
    const RunVerdict verdict =
        SchedulerLink(invocation, catalog, loaded, "tallymill backfill " + request.graph)
            .backfill(request, digest, lines, named.name);
    const BackfillPlan after = plan_from_outside(loaded, named);
    print(invocation, after, end_report(after));
    return exit_of(verdict);
  } catch (const Error& error) {
    if (error.message().find(kPlanChanged) == std::string::npos) throw;
    throw Error(ErrorClass::config, "the plan is not the one you saw (" + digest +
                                        "): something has changed since. The plan now:\n" +
                                        plan_report(plan_from_outside(loaded, request)));
  }
}

/// For people who may not look at the plan themselves.
Exit ask_for(const Invocation& invocation, const UnitCatalog& catalog, const Workspace& workspace,
             const BackfillRequest& request) {
  if (invocation.has("dry-run"))
    throw Error(ErrorClass::config, "a plan needs to read the state folder '" +
                                        workspace.state.string() + "', which you may not");
  PeriodLines lines(invocation.err());
  std::string name = request.name;
  const RunVerdict verdict =
      SchedulerLink(invocation, catalog, workspace, "tallymill backfill " + request.graph)
          .backfill(request, invocation.text("apply"), lines, name);
  if (invocation.json())
    invocation.out() << pretty_json(
        json::object{{"backfill", name}, {"verdict", json::string(to_string(verdict))}});
  else
    invocation.out() << "backfill " << name << ": " << sentence_of(verdict) << "\n";
  return exit_of(verdict);
}

Exit run_backfill_command(const Invocation& invocation) {
  const UnitCatalog catalog;
  BackfillRequest request = request_of(invocation);
  const Workspace workspace = load_workspace(invocation, catalog, request.graph);
  if (!may_read_state(workspace)) return ask_for(invocation, catalog, workspace, request);
  const BackfillPlan plan = plan_from_outside(workspace, request);
  if (plan.is_done) {
    print(invocation, plan, done_words(plan));
    return exit_of(plan.verdict);
  }
  if (!invocation.has("dry-run")) {
    for (const BackfillPeriod& period : plan.periods)
      if (!period.verdict)
        require_param_values(workspace, request.graph, period.period, RulesOf::period);
    require_sound_rules(workspace, request.graph);
    if (!invocation.json() && !invocation.has("apply"))
      invocation.err() << plan_report(plan) << std::flush;
    return execute(invocation, catalog, workspace, request);
  }
  print(invocation, plan,
        plan_report(plan) + "\nto do this: leave out --dry-run, or give --apply " + plan.digest +
            " instead of it\n");
  return Exit::ok;
}

}  // namespace

void register_backfill(Registry<Command>& commands) {
  commands.add({
      .name = "backfill",
      .summary = "Runs a graph for many periods, and goes on where an earlier call stopped.",
      .example = "tallymill backfill cost_attribution --from 2025-01 --to 2025-12 --dry-run",
      .arguments = {{"GRAPH", "The graph, graphs/<GRAPH>.yaml."}},
      .flags =
          {{.name = "from", .value = "PERIOD", .summary = "The first period.", .required = true},
           {.name = "to",
            .value = "PERIOD",
            .summary = "The last period, included.",
            .required = true},
           {.name = "name",
            .value = "NAME",
            .summary = "Done once: a second call with the name goes on, or says it is done."},
           {.name = "dry-run", .summary = "Print the plan and its digest, run nothing."},
           {.name = "apply",
            .value = "PLAN",
            .summary = "Run only if the plan is still the one of this digest."},
           {.name = "parallel", .value = "N", .summary = "Runs at once; default 1."},
           {.name = "reverse", .summary = "The latest period first."},
           {.name = "stop-on-failure", .summary = "Begin no period after one has failed."},
           {.name = "force", .summary = "Run every job, also those that are up to date."},
           param_flag("A parameter of the graph, for all periods."),
           {.name = "reason", .value = "TEXT", .summary = "Why, for the journal."},
           wait_flag(),
           json_flag()},
      .run = run_backfill_command,
  });
}

}  // namespace tallymill
