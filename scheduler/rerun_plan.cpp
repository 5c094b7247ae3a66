#include "scheduler/rerun_plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/digest.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "scheduler/job_name.h"
#include "scheduler/partition_spread.h"
#include "scheduler/plan_judge.h"

namespace tallymill {
namespace {

constexpr std::size_t kDigestDigits = 12;

class RerunPlanner {
 public:
  RerunPlanner(const Workspace& workspace, StoreView& view, const RunRecord& of)
      : workspace_(workspace), view_(view), of_(of) {
    const auto found = workspace.graphs.find(of.graph);
    if (found == workspace.graphs.end())
      throw Error(ErrorClass::config,
                  "graph '" + of.graph + "' of run " + of.id + " is no longer in the workspace");
    std::vector<std::string> names;
    for (const JobRunRecord& record : view.job_runs(of.id)) {
      names.push_back(record.job);
      records_.emplace(record.job, record);
    }
    graph_ = spread_by_names(found->second, names);
  }

  RerunPlan plan(const RerunSelection& selection) {
    select(selection);
    RerunPlan result{of_, {graph_, *Period::parse(of_.period), {}}, {}, {}};
    const PlanJudge judge = judge_by_store(workspace_, graph_, result.plan.period, view_);
    for (const JobIndex index : graph_->order) {
      const PlanEntry judged = judge(index);
      const auto reason = reasons_.find(index);
      if (reason == reasons_.end()) continue;
      const std::string action = forced_.contains(index) ? "run"
                                 : reads_what_may_change(index) && judged.action == "reuse"
                                     ? "depends"
                                     : judged.action;
      if (action != "reuse") may_change_.insert(index);
      result.plan.entries.push_back(
          {index, action, reason->second.empty() ? judged.reason : reason->second});
    }
    result.request = request_of(result.plan);
    result.digest = digest_of(result);
    return result;
  }

 private:
  /// The judge knows nothing of jobs that run although they are up to date.
  bool reads_what_may_change(JobIndex index) const {
    const std::vector<Edge>& needs = graph_->jobs[index].needs;
    return std::any_of(needs.begin(), needs.end(), [&](const Edge& edge) {
      return edge.kind == EdgeKind::data && may_change_.contains(edge.from);
    });
  }

  void select(const RerunSelection& selection) {
    if (!selection.job.empty())
      select_job(selection.job, selection.downstream);
    else if (selection.failed)
      select_failed();
    else
      for (JobIndex i = 0; i < graph_->jobs.size(); ++i)
        if (records_.contains(graph_->jobs[i].spec.name)) reasons_[i] = "";
    if (selection.partition) narrow(*selection.partition);
    if (!reasons_.empty()) return;
    throw Error(ErrorClass::config, "no job of run " + of_.id +
                                        " failed, was cancelled or was refused; there is "
                                        "nothing to rerun with --failed");
  }

  void narrow(const PartitionChoice& partition) {
    (void)names_of_partition(*graph_, partition.name, partition.value);  // there is such a one
    std::erase_if(reasons_, [&](const auto& entry) {
      const JobNode& job = graph_->jobs[entry.first];
      return !job.axis || job.axis->name != partition.name || job.partition != partition.value;
    });
    std::erase_if(forced_, [&](JobIndex index) { return !reasons_.contains(index); });
  }

  /// The job runs that `name` means: one, or all partitions of a job.
  std::vector<JobIndex> job_runs_of(const std::string& name) const {
    std::vector<JobIndex> found;
    for (JobIndex i = 0; i < graph_->jobs.size(); ++i) {
      const JobNode& job = graph_->jobs[i];
      if (!job.was_spread && (job.spec.name == name || split_job_name(job.spec.name).job == name))
        found.push_back(i);
    }
    return found;
  }

  void select_job(const std::string& name, bool downstream) {
    std::vector<JobIndex> open = job_runs_of(name);
    if (open.empty()) {
      std::vector<std::string> names;
      for (const JobNode& job : graph_->jobs) names.push_back(job.spec.name);
      const std::string meant = did_you_mean(name, names);
      throw Error(ErrorClass::config,
                  "graph '" + graph_->name + "' has no job '" + name + "'; " +
                      (meant.empty() ? "its jobs are " + join(names, ", ") : meant));
    }
    for (const JobIndex index : open) {
      reasons_[index] = "chosen";
      forced_.insert(index);
    }
    if (!downstream) return;
    while (!open.empty()) {
      const JobIndex index = open.back();
      open.pop_back();
      for (const JobIndex next : graph_->jobs[index].dependents)
        if (reasons_.emplace(next, "after " + graph_->jobs[index].spec.name).second)
          open.push_back(next);
    }
  }

  void select_failed() {
    std::map<std::string, std::string> classes;
    for (const AttemptRecord& attempt : view_.attempts(of_.id))
      if (!attempt.error_class.empty()) classes[attempt.job] = attempt.error_class;
    std::set<std::string> refused;
    for (const ResultRecord& result : view_.results(of_.graph, of_.period))
      if (result.gate_passed == false) refused.insert(result.job);
    const bool ended = of_.state == RunState::ended;
    for (JobIndex i = 0; i < graph_->jobs.size(); ++i) {
      const std::string& name = graph_->jobs[i].spec.name;
      const auto record = records_.find(name);
      if (record == records_.end()) continue;
      if (record->second.state == JobRunState::failed)
        reasons_[i] = "failed (" + classes[name] + ")";
      else if (record->second.state == JobRunState::cancelled)
        reasons_[i] = record->second.reason;
      else if (is_good(record->second.state) && refused.contains(name))
        reasons_[i] = "refused " + graph_->jobs[i].shape.gates;
    }
    // What was skipped behind them may be wanted when they come to something else.
    add_behind(JobRunState::skipped, "skipped behind ");
    // Of a run that is still open: what waits behind its failed jobs.
    if (!ended) add_behind(JobRunState::waiting, "behind ");
  }

  /// Jobs in `state` behind those chosen so far, and behind each other.
  void add_behind(JobRunState state, const std::string& how) {
    std::vector<JobIndex> open;
    for (const auto& [index, reason] : reasons_) open.push_back(index);
    while (!open.empty()) {
      const JobIndex index = open.back();
      open.pop_back();
      for (const JobIndex next : graph_->jobs[index].dependents) {
        const auto record = records_.find(graph_->jobs[next].spec.name);
        if (record == records_.end() || record->second.state != state) continue;
        if (reasons_.emplace(next, how + graph_->jobs[index].spec.name).second)
          open.push_back(next);
      }
    }
  }

  RunRequest request_of(const Plan& plan) {
    RunRequest request{.graph = of_.graph, .period = plan.period};
    request.of = of_.id;
    request.allow_stale = of_.allow_stale;
    for (const std::string& name : of_.given)
      if (const auto param = of_.params.find(name); param != of_.params.end())
        request.params[name] = param->second.value;
    std::set<std::string> jobs;
    for (const PlanEntry& entry : plan.entries) {
      const std::string& name = graph_->jobs[entry.job].spec.name;
      request.jobs.push_back(name);
      jobs.insert(name);
      if (forced_.contains(entry.job)) request.forced.push_back(name);
    }
    for (const RunRecord& run : view_.open_runs(of_.graph, of_.period))
      for (const JobRunRecord& record : view_.job_runs(run.id))
        if (jobs.contains(record.job) && !is_final(record.state))
          request.takes_over.emplace_back(run.id, record.job);
    return request;
  }

  std::string digest_of(const RerunPlan& rerun) const {
    Fingerprint fingerprint;
    fingerprint.add(rerun.of.id).add(graph_->content_hash());
    for (const PlanEntry& entry : rerun.plan.entries) {
      const JobNode& node = graph_->jobs[entry.job];
      fingerprint.add(node.spec.name).add(entry.action).add(entry.reason);
      for (const FileUse& use : node.shape.files)
        fingerprint.add(use.path).add(sha256_hex(read_file(workspace_.root / use.path)));
      for (const DatasetUse& use : node.shape.inputs) {
        fingerprint.add(use.dataset);
        const auto info = workspace_.datasets.find(use.dataset);
        const bool of_other_periods =
            use.names_periods() ||
            (info != workspace_.datasets.end() && info->second.period != graph_->period);
        for (const VersionRecord& version : view_.visible_versions(use.dataset))
          if (of_other_periods || version.period == of_.period) fingerprint.add(version.id);
      }
    }
    for (const auto& [name, value] : rerun.request.params) fingerprint.add(name).add(value);
    for (const auto& [run, job] : rerun.request.takes_over) fingerprint.add(run).add(job);
    return fingerprint.hex().substr(0, kDigestDigits);
  }

  const Workspace& workspace_;
  StoreView& view_;
  const RunRecord& of_;
  std::shared_ptr<const Graph> graph_;
  std::map<std::string, JobRunRecord> records_;
  std::map<JobIndex, std::string> reasons_;
  std::set<JobIndex> forced_;
  std::set<JobIndex> may_change_;
};

}  // namespace

RerunPlan plan_rerun(const Workspace& workspace, StoreView& view, const RunRecord& of,
                     const RerunSelection& selection) {
  return RerunPlanner(workspace, view, of).plan(selection);
}

}  // namespace tallymill
