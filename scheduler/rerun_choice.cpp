#include "scheduler/rerun_choice.h"

#include <set>

#include "core/error.h"
#include "core/text.h"
#include "scheduler/job_name.h"
#include "scheduler/partition_spread.h"

namespace tallymill {
namespace {

class Chooser {
 public:
  Chooser(const Graph& graph, StoreView& view, const RunRecord& of)
      : graph_(graph), view_(view), of_(of) {
    for (const JobRunRecord& record : view.job_runs(of.id)) records_.emplace(record.job, record);
  }

  RerunChoice choose(const RerunSelection& selection) {
    if (!selection.job.empty())
      choose_job(selection.job, selection.downstream);
    else if (selection.failed)
      choose_failed();
    else
      choose_all(selection.force);
    if (selection.partition) narrow(*selection.partition);
    if (choice_.reasons.empty())
      throw Error(ErrorClass::config, "no job of run " + of_.id +
                                          " failed, was cancelled or was refused; there is "
                                          "nothing to rerun with --failed");
    if (selection.force)
      for (const auto& entry : choice_.reasons) choice_.forced.insert(entry.first);
    return std::move(choice_);
  }

 private:
  const std::string& name_of(JobIndex index) const { return graph_.jobs[index].spec.name; }

  void choose_all(bool force) {
    for (JobIndex i = 0; i < graph_.jobs.size(); ++i)
      if (records_.contains(name_of(i)))
        choice_.reasons[i] = force ? ChoiceReason{"chosen", "chosen"} : ChoiceReason{};
  }

  void narrow(const PartitionChoice& partition) {
    (void)names_of_partition(graph_, partition.name, partition.value);  // there is such a one
    std::erase_if(choice_.reasons, [&](const auto& entry) {
      const JobNode& job = graph_.jobs[entry.first];
      return !job.axis || job.axis->name != partition.name || job.partition != partition.value;
    });
    std::erase_if(choice_.forced, [&](JobIndex index) { return !choice_.reasons.contains(index); });
  }

  /// The job runs that `name` means: one, or all partitions of a job.
  std::vector<JobIndex> job_runs_of(const std::string& name) const {
    std::vector<JobIndex> found;
    for (JobIndex i = 0; i < graph_.jobs.size(); ++i)
      if (!graph_.jobs[i].was_spread &&
          (name_of(i) == name || split_job_name(name_of(i)).job == name))
        found.push_back(i);
    return found;
  }

  void choose_job(const std::string& name, bool downstream) {
    std::vector<JobIndex> open = job_runs_of(name);
    if (open.empty()) throw_unknown(name);
    for (const JobIndex index : open) {
      choice_.reasons[index] = {"chosen", "chosen"};
      choice_.forced.insert(index);
    }
    if (!downstream) return;
    while (!open.empty()) {
      const JobIndex index = open.back();
      open.pop_back();
      for (const JobIndex next : graph_.jobs[index].dependents)
        if (choice_.reasons.emplace(next, ChoiceReason{"after", "after " + name_of(index)}).second)
          open.push_back(next);
    }
  }

  [[noreturn]] void throw_unknown(const std::string& name) const {
    std::vector<std::string> names;
    for (const JobNode& job : graph_.jobs) names.push_back(job.spec.name);
    const std::string meant = did_you_mean(name, names);
    throw Error(ErrorClass::config,
                "graph '" + graph_.name + "' has no job '" + name + "'; " +
                    (meant.empty() ? "its jobs are " + join(names, ", ") : meant));
  }

  void choose_failed() {
    std::map<std::string, std::string> classes;
    for (const AttemptRecord& attempt : view_.attempts(of_.id))
      if (!attempt.error_class.empty()) classes[attempt.job] = attempt.error_class;
    std::set<std::string> refused;
    for (const ResultRecord& result : view_.results(of_.graph, of_.period))
      if (result.gate_passed == false) refused.insert(result.job);
    for (JobIndex i = 0; i < graph_.jobs.size(); ++i) {
      const auto record = records_.find(name_of(i));
      if (record == records_.end()) continue;
      if (record->second.state == JobRunState::failed)
        choice_.reasons[i] = {"failed", "failed (" + classes[name_of(i)] + ")"};
      else if (record->second.state == JobRunState::cancelled)
        choice_.reasons[i] = {"cancelled", record->second.reason};
      else if (is_good(record->second.state) && refused.contains(name_of(i)))
        choice_.reasons[i] = {"refused", "refused " + graph_.jobs[i].shape.gates};
    }
    // What was skipped behind them may be wanted when they come to something else.
    add_behind(JobRunState::skipped, "skipped behind ");
    // Of a run that is still open: what waits behind its failed jobs.
    if (of_.state != RunState::ended) add_behind(JobRunState::waiting, "behind ");
  }

  /// Jobs in `state` behind those chosen so far, and behind each other.
  void add_behind(JobRunState state, const std::string& how) {
    std::vector<JobIndex> open;
    for (const auto& entry : choice_.reasons) open.push_back(entry.first);
    while (!open.empty()) {
      const JobIndex index = open.back();
      open.pop_back();
      for (const JobIndex next : graph_.jobs[index].dependents) {
        const auto record = records_.find(name_of(next));
        if (record == records_.end() || record->second.state != state) continue;
        if (choice_.reasons.emplace(next, ChoiceReason{"behind", how + name_of(index)}).second)
          open.push_back(next);
      }
    }
  }

  const Graph& graph_;
  StoreView& view_;
  const RunRecord& of_;
  std::map<std::string, JobRunRecord> records_;
  RerunChoice choice_;
};

}  // namespace

RerunChoice choose_jobs(const Graph& graph, StoreView& view, const RunRecord& of,
                        const RerunSelection& selection) {
  return Chooser(graph, view, of).choose(selection);
}

}  // namespace tallymill
