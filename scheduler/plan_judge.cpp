#include "scheduler/plan_judge.h"

#include <algorithm>

#include "core/digest.h"
#include "core/files.h"
#include "scheduler/condition_facts.h"
#include "scheduler/fingerprint.h"
#include "scheduler/input_resolver.h"
#include "scheduler/judgement.h"
#include "scheduler/live_run.h"
#include "scheduler/period_choice.h"
#include "scheduler/rule_book.h"
#include "scheduler/state_folder.h"
#include "scheduler/stored_texts.h"

namespace tallymill {
namespace {

class StoreJudge {
 public:
  StoreJudge(const Workspace& workspace, const std::shared_ptr<const Graph>& graph,
             const Period& period, StoreView view, const std::map<std::string, TaskParam>& params,
             std::shared_ptr<const PinnedFiles> files, RulesOf rules)
      : workspace_(workspace),
        view_(std::move(view)),
        run_(imagined_run(graph, period, params)),
        files_(files ? std::move(files)
                     : std::make_shared<const PinnedFiles>(
                           hash_files(workspace, *graph,
                                      rules_in_effect(workspace, *graph, period, rules, &view_)))),
        resolver_(workspace, run_, view_),
        actions_(graph->jobs.size()) {
    if (const TextsInstead texts = stored_texts(view_, *graph, period); !texts.empty()) {
      auto all = std::make_shared<PinnedFiles>(*files_);
      for (const auto& [path, text] : texts) (*all)[path] = {path, sha256_hex(text), {}};
      files_ = std::move(all);
    }
    for (ResultRecord& result : view_.results(graph->name, period.text())) {
      std::string job = result.job;
      results_.emplace(std::move(job), std::move(result));
    }
  }

  PlanEntry judge(JobIndex job) {
    PlanEntry entry = decide(job);
    entry.job = job;
    actions_[job] = entry.action;
    return entry;
  }

 private:
  PlanEntry decide(JobIndex index) {
    const JobNode& node = run_.node(index);
    if (node.awaits_list()) return entry("run", "awaits_list");
    const auto previous = results_.find(node.spec.name);
    const bool has_result = previous != results_.end();
    for (const Edge& edge : node.needs) {
      const std::string& before = actions_[edge.from];
      if (before == "wait" || before == "blocked")
        return entry(before, "after " + run_.node(edge.from).spec.name);
    }
    if (PlanEntry by_when = decide_by_when(index); !by_when.reason.empty()) return by_when;
    if (node.shape.waits_for_person) return decide_to_ask(index);
    for (const Edge& edge : node.needs)
      if (edge.kind == EdgeKind::data && actions_[edge.from] != "reuse")
        return has_result ? entry("depends", "input_may_differ") : entry("run", "no_result");

    const JobInputs inputs = resolver_.resolve(index);
    // A gate that will speak again may say otherwise.
    const bool asks_gate = std::any_of(node.needs.begin(), node.needs.end(), [&](const Edge& edge) {
      return edge.kind == EdgeKind::gate && actions_[edge.from] != "reuse";
    });
    if (!inputs.is_complete() && asks_gate) return entry("depends", "input_may_differ");
    if (!inputs.held.empty()) return entry("wait", inputs.held);
    if (!inputs.failed.empty()) return entry("blocked", inputs.failed);
    if (!inputs.blocked.empty()) return entry("blocked", inputs.blocked);
    if (!has_result) return entry("run", "no_result");
    if (node.shape.reads_as_of) return entry("run", "reads_as_of");
    const RunRecord& record = run_.record();
    if (previous->second.fingerprint != job_fingerprint(workspace_, node, record.period,
                                                        record.params, *files_, inputs.versions,
                                                        record.as_of))
      return entry("run", has_other_rule(view_, previous->second, node, *files_) ? "rule_changed"
                                                                                 : "changed");
    if (!has_versions(node)) return entry("run", "version_missing");
    if (is_gate(node.shape) && !previous->second.gate_passed) return entry("run", "no_verdict");
    return node.shape.reads_source ? entry("look", "source_may_differ")
                                   : entry("reuse", "same_fingerprint");
  }

  /// Every run asks anew, once what it is about is there.
  PlanEntry decide_to_ask(JobIndex index) {
    const std::vector<Edge>& needs = run_.node(index).needs;
    const bool all_are_there = std::all_of(needs.begin(), needs.end(), [&](const Edge& edge) {
      return edge.kind == EdgeKind::job || actions_[edge.from] == "reuse";
    });
    if (all_are_there) {
      const JobInputs inputs = resolver_.resolve(index);
      if (!inputs.held.empty()) return entry("wait", inputs.held);
      if (!inputs.failed.empty()) return entry("blocked", inputs.failed);
      if (!inputs.blocked.empty()) return entry("blocked", inputs.blocked);
    }
    return entry("ask", "approval_missing");
  }

  /// What `when:` says before anything has run; no reason: nothing against the job.
  PlanEntry decide_by_when(JobIndex index) const {
    const JobNode& node = run_.node(index);
    const auto is_skipped = [&](const Edge& edge) { return actions_[edge.from] == "skip"; };
    if (node.when.rule == TriggerRule::all_success &&
        std::any_of(node.needs.begin(), node.needs.end(), is_skipped))
      return entry("skip", "behind_skipped");
    if (std::any_of(node.needs.begin(), node.needs.end(), [&](const Edge& edge) {
          return edge.kind != EdgeKind::job && is_skipped(edge);
        }))
      return entry("skip", "input_skipped");
    const auto& condition = node.when.condition;
    if (condition && condition->jobs().empty() &&
        condition->evaluate(condition_facts(run_, {}, node.partition)).kind ==
            ConditionAnswer::Kind::no)
      return entry("skip", "condition_false");
    const bool follows_failure = node.when.rule == TriggerRule::one_failed ||
                                 node.when.rule == TriggerRule::all_failed ||
                                 node.when.rule == TriggerRule::all_skipped;
    if ((follows_failure && !node.needs.empty()) || (condition && !condition->jobs().empty()))
      return entry("depends", "when");
    return entry("", "");
  }

  static PlanEntry entry(std::string action, std::string reason) {
    return {.job = 0, .action = std::move(action), .reason = std::move(reason)};
  }

  bool has_versions(const JobNode& node) const {
    const StateFolder state(workspace_.state);
    const auto& made = resolver_.made_by(node.spec.name);
    for (const DatasetUse& output : node.shape.outputs)
      if (!made.contains(output.dataset)) return false;
    return std::all_of(made.begin(), made.end(), [&](const auto& item) {
      const VersionRecord& version = item.second;
      return std::filesystem::exists(
          state.version(version.dataset, version.period, version.partition, version.id));
    });
  }

  const Workspace& workspace_;
  StoreView view_;
  LiveRun run_;
  std::shared_ptr<const PinnedFiles> files_;
  InputResolver resolver_;
  std::map<std::string, ResultRecord> results_;
  std::vector<std::string> actions_;
};

/// No job has a result, no dataset of another graph has been made.
class FirstJudge {
 public:
  FirstJudge(const Workspace& workspace, std::shared_ptr<const Graph> graph, const Period& period)
      : workspace_(workspace),
        graph_(std::move(graph)),
        period_(period.text()),
        waits_(graph_->jobs.size()) {}

  PlanEntry judge(JobIndex job) {
    const JobNode& node = graph_->jobs[job];
    bool reads_a_job = false;
    for (const Edge& edge : node.needs) {
      if (waits_[edge.from]) return wait(job, "after " + graph_->jobs[edge.from].spec.name);
      reads_a_job = reads_a_job || edge.kind == EdgeKind::data;
    }
    for (const DatasetUse& use : node.shape.inputs) {
      const auto info = workspace_.datasets.find(use.dataset);
      if (reads_a_job || info == workspace_.datasets.end() || info->second.graph == graph_->name)
        continue;
      return wait(job, "'" + use.dataset + "' of " + period_ + " has not been made yet by job '" +
                           info->second.job + "' of graph '" + info->second.graph + "'");
    }
    if (node.shape.waits_for_person)
      return {.job = job, .action = "ask", .reason = "approval_missing"};
    return {.job = job, .action = "run", .reason = "no_result"};
  }

 private:
  PlanEntry wait(JobIndex job, std::string reason) {
    waits_[job] = true;
    return {.job = job, .action = "wait", .reason = std::move(reason)};
  }

  const Workspace& workspace_;
  std::shared_ptr<const Graph> graph_;
  std::string period_;
  std::vector<bool> waits_;
};

}  // namespace

LiveRun imagined_run(const std::shared_ptr<const Graph>& graph, const Period& period,
                     const std::map<std::string, TaskParam>& params) {
  RunRecord record;
  record.graph = graph->name;
  record.period = period.text();
  record.params = params.empty() ? graph->params : params;
  std::vector<std::string> jobs;
  for (const JobNode& job : graph->jobs)
    if (!job.was_spread) jobs.push_back(job.spec.name);
  return {graph, record, jobs};
}

PlanJudge judge_without_store(const Workspace& workspace, std::shared_ptr<const Graph> graph,
                              const Period& period) {
  auto judge = std::make_shared<FirstJudge>(workspace, std::move(graph), period);
  return [judge](JobIndex job) { return judge->judge(job); };
}

PinnedFiles hash_files(const Workspace& workspace, const Graph& graph,
                       const TextsInstead& instead) {
  PinnedFiles files;
  for (const auto& [path, text] : instead) files[path] = {path, sha256_hex(text), {}};
  const auto add = [&](const std::string& path) {
    if (!files.contains(path))
      files[path] = {path, sha256_hex(read_file(workspace.root / path)), {}};
  };
  for (const JobNode& job : graph.jobs)
    for (const FileUse& use : job.shape.files) add(use.path);
  if (graph.calendar)
    for (const std::string& path : calendar_files(workspace, graph.calendar->name())) add(path);
  return files;
}

PlanJudge judge_by_store(const Workspace& workspace, const std::shared_ptr<const Graph>& graph,
                         const Period& period, StoreView view,
                         const std::map<std::string, TaskParam>& params,
                         std::shared_ptr<const PinnedFiles> files, RulesOf rules) {
  auto judge = std::make_shared<StoreJudge>(workspace, graph, period, std::move(view), params,
                                            std::move(files), rules);
  return [judge](JobIndex job) { return judge->judge(job); };
}

}  // namespace tallymill
