#include "scheduler/rerun_plan.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/digest.h"
#include "core/error.h"
#include "core/files.h"
#include "scheduler/approvals.h"
#include "scheduler/cascade.h"
#include "scheduler/job_name.h"
#include "scheduler/partition_spread.h"
#include "scheduler/plan_judge.h"
#include "scheduler/rerun_choice.h"
#include "scheduler/rule_book.h"
#include "scheduler/stored_texts.h"

namespace tallymill {
namespace {

constexpr std::size_t kDigestDigits = 12;

PinnedVersion pin_of(const VersionRecord& version) {
  return {version.dataset, version.period, version.partition, version.id, version.digest};
}

/// Of a judged entry: its reason where that is a code, else a code for what it says in words.
std::string code_of(const PlanEntry& entry) {
  if (entry.action == "wait") return "input_missing";
  return entry.action == "blocked" ? "blocked" : entry.reason;
}

/// The graph of run `of` with the partitions it has.
std::shared_ptr<const Graph> graph_of(const Workspace& workspace, StoreView& view,
                                      const RunRecord& of) {
  std::vector<std::string> names;
  for (const JobRunRecord& record : view.job_runs(of.id)) names.push_back(record.job);
  return spread_by_names(workspace.graphs.at(of.graph), names);
}

/// Makes one step: a run of the chosen jobs of one graph and period.
class StepPlanner {
 public:
  /// `replaced`: what earlier steps may replace.
  StepPlanner(const Workspace& workspace, StoreView& view, const RunRecord& of,
              std::shared_ptr<const Graph> graph, RerunChoice choice,
              const std::vector<PinnedVersion>& replaced)
      : workspace_(workspace),
        view_(view),
        of_(of),
        choice_(std::move(choice)),
        replaced_(replaced),
        graph_(std::move(graph)) {}

  RerunStep plan(const RerunSelection& selection) {
    RerunStep step{of_, {graph_, *Period::parse(of_.period), {}}, {}, {}, {}};
    step.carried = ask_again(*graph_, view_, of_, replaced_, choice_);
    const PlanJudge judge =
        judge_by_store(workspace_, graph_, step.plan.period, view_, {}, {}, selection.rules);
    for (const JobIndex index : graph_->order) {
      PlanEntry entry = judge(index);
      const auto reason = choice_.reasons.find(index);
      if (reason == choice_.reasons.end()) continue;
      decide(entry, reason->second);
      if (entry.action != "reuse") {
        may_change_.insert(index);
        changing_.emplace(split_job_name(graph_->jobs[index].spec.name).job);
      }
      step.plan.entries.push_back(std::move(entry));
    }
    step.request = request_of(step.plan, selection);
    for (const PlanEntry& entry : step.plan.entries) add_versions(entry, step);
    return step;
  }

 private:
  void decide(PlanEntry& entry, const ChoiceReason& chosen) const {
    entry.code = code_of(entry);
    const bool is_forced = choice_.forced.contains(entry.job) && entry.action != "wait" &&
                           entry.action != "blocked" && entry.action != "ask";
    if (!chosen.code.empty()) {
      entry.code = chosen.code;
      const bool over = is_forced && entry.action == "reuse";
      entry.reason = chosen.text + (over ? ", over up to date (" + entry.reason + ")" : "");
    }
    if (is_forced)
      entry.action = "run";
    else if (entry.action == "reuse" &&
             (chosen.code == "stale_input" || reads_what_may_change(entry.job)))
      entry.action = "depends";
  }

  /// The judge knows nothing of jobs that run although they are up to date.
  bool reads_what_may_change(JobIndex index) const {
    const std::vector<Edge>& needs = graph_->jobs[index].needs;
    return std::any_of(needs.begin(), needs.end(), [&](const Edge& edge) {
      return edge.kind == EdgeKind::data && may_change_.contains(edge.from);
    });
  }

  RunRequest request_of(const Plan& plan, const RerunSelection& selection) {
    RunRequest request{.graph = of_.graph, .period = plan.period};
    request.of = of_.id;
    request.reason = selection.reason;
    request.rules = selection.rules;
    request.allow_stale = of_.allow_stale;
    for (const std::string& name : of_.given)
      if (const auto param = of_.params.find(name); param != of_.params.end())
        request.params[name] = param->second.value;
    std::set<std::string> jobs;
    for (const PlanEntry& entry : plan.entries) {
      const std::string& name = graph_->jobs[entry.job].spec.name;
      request.jobs.push_back(name);
      jobs.insert(name);
      if (choice_.forced.contains(entry.job)) request.forced.push_back(name);
    }
    for (const RunRecord& run : view_.open_runs(of_.graph, of_.period))
      for (const JobRunRecord& record : view_.job_runs(run.id))
        if (jobs.contains(record.job) && !is_final(record.state))
          request.takes_over.emplace_back(run.id, record.job);
    return request;
  }

  void add_versions(const PlanEntry& entry, RerunStep& step) {
    if (entry.action == "reuse") return;
    const JobNode& node = graph_->jobs[entry.job];
    for (const DatasetUse& use : node.shape.inputs) {
      const auto info = workspace_.datasets.find(use.dataset);
      if (info == workspace_.datasets.end()) continue;
      const bool is_of_run = info->second.graph == of_.graph && !use.names_periods();
      if (is_of_run && changing_.contains(info->second.job)) continue;
      const bool is_alike =
          node.axis && info->second.axis && node.axis->name == info->second.axis->name;
      const bool of_other_periods = use.names_periods() || info->second.period != graph_->period;
      for (const VersionRecord& version : view_.visible_versions(use.dataset))
        if ((of_other_periods || version.period == of_.period) &&
            (!is_alike || version.partition == node.partition))
          add(version, step.reused);
    }
    for (const DatasetUse& use : node.shape.outputs)
      if (const auto version = view_.visible(use.dataset, of_.period, node.partition))
        add(*version, step.superseded);
  }

  void add(const VersionRecord& version, std::vector<PinnedVersion>& versions) {
    PinnedVersion pin = pin_of(version);
    for (const auto* known :
         std::array<const std::vector<PinnedVersion>*, 2>{&versions, &replaced_})
      if (std::find(known->begin(), known->end(), pin) != known->end()) return;
    versions.push_back(std::move(pin));
  }

  const Workspace& workspace_;
  StoreView& view_;
  const RunRecord& of_;
  RerunChoice choice_;
  const std::vector<PinnedVersion>& replaced_;
  std::shared_ptr<const Graph> graph_;
  std::set<JobIndex> may_change_;
  std::set<std::string, std::less<>> changing_;  ///< their jobs' names, without partitions
};

/// The run whose results stand for a graph and period: its newest one.
std::optional<RunRecord> newest_run(StoreView& view, const CascadeStep& step) {
  const int number = view.last_run_number(step.graph, step.period);
  return view.run(step.graph + "." + step.period + "." + std::to_string(number));
}

std::vector<RerunStep> plan_cascade(const Workspace& workspace, StoreView& view,
                                    const RerunStep& first, const RerunSelection& selection) {
  std::vector<JobOfPeriod> origins;
  for (const PlanEntry& entry : first.plan.entries)
    if (entry.action != "reuse")
      origins.push_back(
          {first.of.graph, first.of.period, first.plan.graph->jobs[entry.job].spec.name});
  std::vector<RerunStep> steps;
  std::vector<PinnedVersion> replaced = first.superseded;
  for (const CascadeStep& step : cascade_of(workspace, view, origins)) {
    const auto of = newest_run(view, step);
    if (!of) continue;
    auto graph = graph_of(workspace, view, *of);
    RerunChoice choice;
    for (const auto& [job, cause] : step.jobs)
      if (const JobNode* node = graph->find(job))
        choice.reasons[static_cast<JobIndex>(node - graph->jobs.data())] = {"stale_input",
                                                                            "reads " + cause};
    RerunStep planned =
        StepPlanner(workspace, view, *of, std::move(graph), std::move(choice), replaced)
            .plan(selection);
    replaced.insert(replaced.end(), planned.superseded.begin(), planned.superseded.end());
    steps.push_back(std::move(planned));
  }
  return steps;
}

void add_connectors(const Workspace& workspace, const JobShape& shape, Fingerprint& fingerprint) {
  for (const DatasetUse& use : shape.connectors)
    if (const auto found = workspace.connectors.find(use.dataset);
        found != workspace.connectors.end())
      fingerprint.add(YamlDocument::from_json(found->second.spec)->root().canonical());
}

/// Everything that, once changed, makes the step another one than the one that was seen.
void add_step(const Workspace& workspace, StoreView& view, const RerunStep& step,
              Fingerprint& fingerprint) {
  fingerprint.add(step.of.id).add(step.plan.graph->content_hash());
  // Whatever another run has done meanwhile, also if it came to the same data.
  for (const RunRecord& run : view.runs(step.of.graph, step.of.period))
    fingerprint.add(run.id).add(run.verdict);
  const PinnedFiles files = hash_files(
      workspace, *step.plan.graph,
      rules_in_effect(workspace, *step.plan.graph, step.plan.period, step.request.rules, &view));
  for (const auto& [path, text] : stored_texts(view, *step.plan.graph, step.plan.period))
    fingerprint.add(path).add(text);
  for (const PlanEntry& entry : step.plan.entries) {
    const JobNode& node = step.plan.graph->jobs[entry.job];
    fingerprint.add(node.spec.name).add(entry.action).add(entry.reason);
    for (const FileUse& use : node.shape.files)
      fingerprint.add(use.path).add(files.at(use.path).sha256);
    add_connectors(workspace, node.shape, fingerprint);
  }
  for (const auto* versions : {&step.reused, &step.superseded})
    for (const PinnedVersion& version : *versions)
      fingerprint.add(version.dataset)
          .add(version.period)
          .add(version.partition)
          .add(version.version);
  for (const CarriedApproval& carried : step.carried)
    fingerprint.add("carried").add(carried.job).add(carried.run);
  for (const auto& [name, value] : step.request.params) fingerprint.add(name).add(value);
  for (const std::string& job : step.request.forced) fingerprint.add("forced").add(job);
  for (const auto& [run, job] : step.request.takes_over) fingerprint.add(run).add(job);
}

}  // namespace

RerunPlan plan_rerun(const Workspace& workspace, StoreView& view, const RunRecord& of,
                     const RerunSelection& selection) {
  if (!workspace.graphs.contains(of.graph))
    throw Error(ErrorClass::config,
                "graph '" + of.graph + "' of run " + of.id + " is no longer in the workspace");
  const auto graph = graph_of(workspace, view, of);
  RerunChoice choice = choose_jobs(*graph, view, of, selection);
  RerunPlan result{
      StepPlanner(workspace, view, of, graph, std::move(choice), {}).plan(selection), {}, {}};
  if (selection.cascade) result.cascade = plan_cascade(workspace, view, result, selection);
  Fingerprint fingerprint;
  add_step(workspace, view, result, fingerprint);
  for (const RerunStep& step : result.cascade) add_step(workspace, view, step, fingerprint);
  result.digest = fingerprint.hex().substr(0, kDigestDigits);
  return result;
}

}  // namespace tallymill
