// Scheduler: what others ask of it.
#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "scheduler/control_events.h"
#include "scheduler/corrections.h"
#include "scheduler/judgement.h"
#include "scheduler/recorded_run.h"
#include "scheduler/rerun_plan.h"
#include "scheduler/scheduler.h"
#include "scheduler/socket_server.h"

namespace tallymill {
namespace {

Error refusal(const std::string& message) { return Error(ErrorClass::config, message); }

JobIndex job_of(const LiveRun& run, const std::string& name) {
  if (const auto index = run.find(name)) return *index;
  std::vector<std::string> names;
  for (JobIndex i = 0; i < run.size(); ++i) names.push_back(run.node(i).spec.name);
  const std::string meant = did_you_mean(name, names);
  throw refusal("graph '" + run.graph().name + "' has no job '" + name + "'" +
                (meant.empty() ? "" : "; " + meant));
}

/// The same checks as ActiveRun::mark(), for a run that nobody works on any more.
void require_markable(StoreView& view, const Graph& graph, const RunRecord& record,
                      const JobRunRecord& job, JobRunState to) {
  if (!may_be_marked(job.state, to))
    throw refusal("job '" + job.job + "' of run " + record.id + " is " +
                  std::string(to_string(job.state)) + " already");
  const JobNode* node = graph.find(job.job);
  if (to != JobRunState::succeeded || !node) return;
  if (is_gate(node->shape))
    throw refusal("job '" + job.job + "' is a gate: only data that passes it opens it");
  for (const DatasetUse& output : node->shape.outputs)
    if (!view.visible(output.dataset, record.period, node->partition))
      throw refusal("job '" + job.job + "' has no visible version of '" + output.dataset +
                    "' for " + record.period +
                    ", so it cannot be marked success; mark it skipped, or run it");
}

}  // namespace

void Scheduler::listen() {
  server_ =
      std::make_unique<SocketServer>(*this, workspace_->socket(), workspace_->operators_group);
  loop_->add_input(*server_);
}

void Scheduler::set_workspace(std::shared_ptr<const Workspace> workspace) {
  workspace_ = std::move(workspace);
  workspace_is_kept_ = true;
  loop_->set_limits(*workspace_);
}

void Scheduler::refresh(const std::string& graph) {
  if (workspace_is_kept_) return;
  Diagnostics diagnostics;
  Workspace loaded = Workspace::load(workspace_->root, *catalog_, diagnostics, graph);
  if (diagnostics.has_errors()) throw refusal("the workspace has errors:\n" + diagnostics.render());
  workspace_ = std::make_shared<const Workspace>(std::move(loaded));
}

std::shared_ptr<RunEnd> Scheduler::watch(ActiveRun& run,
                                         const std::shared_ptr<RunObserver>& watcher) {
  watcher->started(run.live(), true);
  return loop_->observe(run, watcher);
}

std::shared_ptr<RunEnd> Scheduler::submit_for(const RunRequest& request,
                                              const std::shared_ptr<RunObserver>& watcher,
                                              bool is_own) {
  refresh(request.graph);
  return submit(request, watcher, is_own);
}

void Scheduler::take_up(const RunRecord& record, std::shared_ptr<RunObserver> observer) {
  others_settled_ = true;  // one by one, by being taken up
  put_to_work(record, true, std::move(observer), true);
}

std::shared_ptr<RunEnd> Scheduler::submit_rerun_for(const RerunRequest& request,
                                                    const std::shared_ptr<RunObserver>& watcher,
                                                    bool is_own,
                                                    const std::weak_ptr<CascadeObserver>& cascade) {
  const auto of = store_->view().run(request.of);
  if (!of) throw refusal("there is no run " + request.of);
  refresh(request.selection.cascade ? std::string() : of->graph);
  // Nothing can change between this look and the run: nobody else may write.
  const RerunPlan plan = plan_rerun(*workspace_, store_->view(), *of, request.selection);
  if (plan.digest != request.digest)
    throw refusal(std::string(kPlanChanged) + ": it is " + plan.digest + " now");
  auto end = submit(plan.request, watcher, is_own);
  std::vector<RunRequest> steps;
  for (const RerunStep& step : plan.cascade) steps.push_back(step.request);
  if (!steps.empty()) cascades_->add(end, std::move(steps), watcher, cascade, is_own);
  return end;
}

BackfillPlan Scheduler::plan_of(const BackfillRequest& request, const std::string& digest) {
  // Nothing can change between this look and the runs: nobody else may write.
  BackfillPlan plan = plan_backfill(*workspace_, store_->view(), request);
  if (!digest.empty() && plan.digest != digest)
    throw refusal(std::string(kPlanChanged) + ": it is " + plan.digest + " now");
  return plan;
}

BackfillPlan Scheduler::submit_backfill_for(const BackfillRequest& request,
                                            const std::string& digest,
                                            const std::shared_ptr<BackfillObserver>& watcher,
                                            bool is_own) {
  refresh(request.graph);
  BackfillPlan plan = plan_of(request, digest);
  if (!plan.is_done)
    backfills_->add(plan, watcher, is_own);
  else if (watcher)
    watcher->backfill_left(plan.request.name, plan.verdict);
  return plan;
}

void Scheduler::retry_deliveries() {
  for (const NotificationRecord& notification : open_notifications(store_->view()))
    store_->append(notification_retried(notification, store_->who()));
  deliveries_->wake();
}

std::vector<Garbage> Scheduler::collect_garbage() {
  std::vector<Garbage> garbage = find_garbage(state_, store_->view(), workspace_->retention);
  remove_garbage(state_, *store_, garbage);
  return garbage;
}

std::shared_ptr<RunEnd> Scheduler::operate(const RunOperation& operation,
                                           const std::shared_ptr<RunObserver>& watcher,
                                           bool is_own) {
  const RunRecord record = store_->view().find_run(operation.run);
  if (record.state == RunState::ended) {
    if (operation.kind != RunOperationKind::mark)
      throw refusal("run " + record.id + " has ended; 'tallymill rerun " + record.id +
                    "' plans it again");
    mark_ended(record, operation);
    store_->commit();
    return nullptr;
  }
  std::shared_ptr<RunEnd> end;
  if (ActiveRun* run = loop_->find(record.id)) {
    end = watch(*run, watcher);
  } else {
    settle_others(record.id, *watcher);
    end = put_to_work(record, true, watcher, is_own);
  }
  apply(operation, *loop_->find(record.id));
  return end;
}

void Scheduler::apply(const RunOperation& operation, ActiveRun& run) {
  const std::string& why = operation.why;
  switch (operation.kind) {
    case RunOperationKind::cancel:
      return operation.job.empty() ? run.cancel(why)
                                   : run.cancel_job(job_of(run.live(), operation.job), why);
    case RunOperationKind::pause:
      return run.pause(why);
    case RunOperationKind::resume:
      return run.resume(why);
    case RunOperationKind::approve:
    case RunOperationKind::reject:
      return run.decide(job_of(run.live(), operation.job),
                        operation.kind == RunOperationKind::approve, why);
    case RunOperationKind::mark:
      return run.mark(job_of(run.live(), operation.job), operation.to, why);
  }
}

void Scheduler::mark_ended(const RunRecord& record, const RunOperation& operation) {
  const auto workspace = pinned_workspace(workspace_, *catalog_, store_->view(), record);
  for (const JobRunRecord& job : store_->view().job_runs(record.id)) {
    if (job.job != operation.job) continue;
    require_markable(store_->view(), *workspace->graphs.at(record.graph), record, job,
                     operation.to);
    store_->append(to_event(JobMarked{record.id, job.job, job.state, operation.to, operation.why}));
    return;
  }
  throw refusal("run " + record.id + " has no job '" + operation.job + "'");
}

void Scheduler::decide(const RuleOrder& order) {
  for (Event& event : rule_events(*workspace_, store_->view(), order, store_->who()))
    store_->append(std::move(event));
}

void Scheduler::correct(const CorrectionOrder& order) {
  refresh(order.graph);
  store_->append(correction_event(*workspace_, store_->view(), order));
}

void Scheduler::take_over(const std::vector<std::pair<std::string, std::string>>& taken) {
  for (const auto& [run, job] : taken)
    if (ActiveRun* active = loop_->find(run))
      if (const auto index = active->live().find(job)) active->give_away(*index);
  end_emptied(taken);
}

}  // namespace tallymill
