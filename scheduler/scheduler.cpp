#include "scheduler/scheduler.h"

#include <algorithm>
#include <exception>
#include <numeric>
#include <set>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "scheduler/graph_params.h"
#include "scheduler/machine.h"
#include "scheduler/partition_run.h"
#include "scheduler/recorded_run.h"
#include "scheduler/settled.h"
#include "scheduler/store_binding.h"
#include "scheduler/stored_texts.h"

namespace tallymill {
namespace {

std::string command_for(const std::string& graph, const std::string& period) {
  return "tallymill run " + graph + " --period " + period;
}

std::string command_for(const RunRecord& run) { return command_for(run.graph, run.period); }

void add_run_context(Error& error, const std::string& run, const std::string& command) {
  error.add_context("running " + run + "; '" + command + "' goes on with it");
}

std::vector<std::string> all_jobs(const Graph& graph) {
  std::vector<std::string> names;
  names.reserve(graph.jobs.size());
  for (const JobNode& job : graph.jobs)
    if (!job.was_spread) names.push_back(job.spec.name);
  return names;
}

const Graph& graph_of(const Workspace& workspace, const std::string& name) {
  const auto found = workspace.graphs.find(name);
  if (found != workspace.graphs.end()) return *found->second;
  std::vector<std::string> names;
  for (const auto& entry : workspace.graphs) names.push_back(entry.first);
  const std::string meant = did_you_mean(name, names);
  throw Error(ErrorClass::config,
              "unknown graph '" + name + "'; " +
                  (meant.empty() ? "the graphs are " + join(names, ", ") : meant));
}

void require_period_kind(const Graph& graph, const Period& period) {
  if (period.kind() == graph.period) return;
  throw Error(ErrorClass::config,
              "graph '" + graph.name + "' runs per " + std::string(to_string(graph.period)) +
                  ", and '" + period.text() + "' is a " + std::string(to_string(period.kind())));
}

/// Whether this process has started an attempt of the run.
bool has_worked(const LiveRun& run) {
  for (JobIndex i = 0; i < run.size(); ++i)
    if (run.job(i).started.count() > 0) return true;
  return false;
}

}  // namespace

std::map<std::string, TaskParam> run_params(const Workspace& workspace, const Graph& graph,
                                            const std::map<std::string, std::string>& given) {
  std::map<std::string, TaskParam> params = graph.params;
  std::vector<std::string> names;
  for (const auto& entry : params) names.push_back(entry.first);
  for (const auto& [name, value] : given) {
    const auto param = params.find(name);
    if (param == params.end()) {
      const std::string meant = did_you_mean(name, names);
      throw Error(ErrorClass::config, "graph '" + graph.name + "' has no parameter '" + name +
                                          "'; " +
                                          (!meant.empty()  ? meant
                                           : names.empty() ? "it declares none"
                                                           : "it declares " + join(names, ", ")));
    }
    const ParseProblem problem = check_param(param->second.type, value, workspace.currency_scale);
    if (problem != ParseProblem::none)
      throw Error(ErrorClass::config, "parameter '" + name + "' must be of type " +
                                          param->second.type + ", got '" + value + "' (" +
                                          std::string(to_string(problem)) + ")");
    param->second.value = value;
  }
  return params;
}

Scheduler::Scheduler(std::shared_ptr<const Workspace> workspace, const JobCatalog& catalog,
                     const SchedulerOptions& options)
    : workspace_(std::move(workspace)),
      catalog_(&catalog),
      state_(workspace_->state),
      patience_(options.patience),
      delivery_patience_(options.delivery_patience) {
  executor_ = options.executor ? options.executor : std::make_shared<LocalExecutor>(options.worker);
  clock_ = options.clock ? options.clock : std::make_shared<SystemClock>();
  state_.prepare();
  lock_ = options.lock ? options.lock
                       : std::make_shared<WriterLock>(
                             options.wait ? WriterLock::wait(state_, options.doing, options.waiting)
                                          : WriterLock::acquire(state_, options.doing));
  interrupts_ = std::make_unique<Interrupts>();
  store_ = open_bound_store(state_, store_address(*workspace_), user_name());
  require_current_store(state_, *store_);
  loop_ = std::make_unique<RunLoop>(services(), *interrupts_, *workspace_);
  loop_->when_left([this](const RunEnd& end) { remember(end); });
  backfills_ = std::make_unique<Backfills>(*this);
  loop_->add_input(*backfills_);
  cascades_ = std::make_unique<Cascades>(*this);
  loop_->add_input(*cascades_);
  tell_people(options.courier);
}

Scheduler::~Scheduler() {
  // After an exception the store may hold half a change: nothing may be committed any more.
  if (std::uncaught_exceptions() > exceptions_) return;
  server_.reset();  // nobody is listened to while the last messages go out
  try {
    deliveries_->finish(delivery_patience_);
  } catch (const std::exception&) {
    // The outbox keeps what could not be recorded as delivered; it is delivered again.
  }
}

void Scheduler::tell_people(const std::filesystem::path& courier) {
  const auto workspace_now = [this] { return workspace_; };
  deliveries_ = std::make_unique<Deliveries>(*store_, *clock_, workspace_now, courier);
  store_->set_follow_up([this, announcer = Announcer(workspace_now)](const StoredEvent& cause) {
    std::vector<Event> events = announcer.follow_up(cause, store_->view());
    if (!events.empty()) deliveries_->wake();
    return events;
  });
  loop_->add_input(*deliveries_);
}

RunEnd Scheduler::run(const RunRequest& request, RunObserver& observer) {
  // The caller's observer outlives this call, and with it the loop's use of it.
  const std::shared_ptr<RunObserver> shared(&observer, [](RunObserver*) {});
  const auto once = [&](const RunRequest& asked) {
    const std::shared_ptr<RunEnd> end = submit(asked, shared);
    try {
      loop_->run_until_stuck();
    } catch (Error& error) {
      add_run_context(error, end->id, command_for(asked.graph, asked.period.text()));
      throw;
    }
    return std::move(*end);
  };
  RunEnd end = once(request);
  // Its jobs had failed before its end could be written (a full disk, a crash): now it has one, and
  // the run that was asked for is a new one.
  if (end.goes_on && end.verdict == RunVerdict::failed && !has_worked(*end.run) &&
      has_ended(end.run->record().id))
    return once(request);
  return end;
}

std::shared_ptr<RunEnd> Scheduler::submit(const RunRequest& request,
                                          std::shared_ptr<RunObserver> observer) {
  return submit(request, std::move(observer), true);
}

std::shared_ptr<RunEnd> Scheduler::submit(const RunRequest& asked,
                                          std::shared_ptr<RunObserver> observer, bool is_own) {
  const Graph& graph = graph_of(*workspace_, asked.graph);
  require_period_kind(graph, asked.period);
  std::vector<RunRecord> open = store_->view().open_runs(asked.graph, asked.period.text());
  RunRequest request = asked;
  if (request.partition) open = narrow(request);
  std::vector<RunRecord> given_up;
  if (request.fresh) {
    settle_others({}, *observer);
    for (const RunRecord& record : open)
      if (loop_->find(record.id))
        throw Error(
            ErrorClass::config,
            "run " + record.id + " is at work; cancel it first: tallymill cancel " + record.id);
    given_up = std::exchange(open, {});
  }
  if (!request.of.empty() || open.empty()) {
    settle_others({}, *observer);
    if (auto swept = sweep(request, given_up, *observer)) return swept;
    return put_to_work(start(request, given_up), false, std::move(observer), is_own);
  }
  settle_others(open.front().id, *observer);
  require_same(open.front(), request);
  if (ActiveRun* active = loop_->find(open.front().id)) return watch(*active, observer);
  return put_to_work(open.front(), true, std::move(observer), is_own);
}

bool Scheduler::has_ended(const std::string& run) {
  const auto record = store_->view().run(run);
  return record && record->state == RunState::ended;
}

std::shared_ptr<RunEnd> Scheduler::sweep(const RunRequest& request,
                                         const std::vector<RunRecord>& given_up,
                                         RunObserver& observer) {
  const Graph& graph = graph_of(*workspace_, request.graph);
  const bool asks_for_all = request.of.empty() && request.jobs.empty() && !request.force &&
                            request.forced.empty() && request.takes_over.empty();
  if (!asks_for_all || !may_be_settled(graph)) return nullptr;
  const PinnedFiles files = pin_for(request);
  RunStarted change = started(request, files);
  const auto by = settled_by(state_, store_->view(), graph, change.period,
                             settled_token(*workspace_, files, change.params));
  if (!by) return nullptr;
  change.jobs.clear();
  change.as = *by;
  give_up(given_up);
  store_->append(to_event(change));
  store_->append(to_event(RunEnded{change.run, "", std::string(to_string(RunVerdict::ok))}));
  store_->commit();
  auto end = std::make_shared<RunEnd>();
  end->id = change.run;
  end->run = std::make_unique<LiveRun>(workspace_->graphs.at(graph.name),
                                       store_->view().run(change.run).value(), all_jobs(graph));
  observer.started(*end->run, false);
  for (JobIndex i = 0; i < end->run->size(); ++i) {
    end->run->restore(i, JobRunState::up_to_date);
    end->run->job(i).reason = "same_fingerprint";
  }
  std::vector<JobIndex> all(end->run->size());
  std::iota(all.begin(), all.end(), JobIndex{0});
  observer.changed(*end->run, all);
  observer.ended(*end->run, RunVerdict::ok);
  if (RunObserver* house = loop_->house_observer()) {
    house->started(*end->run, false);
    house->ended(*end->run, RunVerdict::ok);
  }
  return end;
}

void Scheduler::remember(const RunEnd& end) {
  if (!end.run || end.verdict != RunVerdict::ok) return;
  const LiveRun& run = *end.run;
  const RunRecord& record = run.record();
  if (!record.as.empty() || !may_be_settled(run.graph())) return;
  for (JobIndex i = 0; i < run.size(); ++i)
    if (!run.job(i).included || !is_good(run.job(i).state)) return;
  // What the run was pinned to counts, not what has been edited since.
  const auto workspace = pinned_workspace(workspace_, *catalog_, store_->view(), record);
  remember_settled(
      state_, record.graph, record.period,
      {settled_token(*workspace, pinned_files(store_->view().run_files(record.id), state_),
                     record.params),
       store_->committed_head().number, store_->committed_head().hash, record.id});
}

std::vector<RunRecord> Scheduler::narrow(RunRequest& request) {
  PartitionRun run = plan_partition_run(workspace_->graphs.at(request.graph), request.period.text(),
                                        *request.partition, store_->view());
  request.jobs = std::move(run.jobs);
  request.takes_over = std::move(run.takes_over);
  return std::move(run.open);
}

RunRecord Scheduler::start(const RunRequest& request, const std::vector<RunRecord>& given_up) {
  const PinnedFiles files = pin_for(request);
  keep_rules(files);
  const RunStarted change = started(request, files);
  give_up(given_up);
  store_->append(to_event(change));
  take_over(change.takes_over);
  store_->commit();
  return store_->view().run(change.run).value();
}

PinnedFiles Scheduler::pin_for(const RunRequest& request) {
  const Graph& graph = graph_of(*workspace_, request.graph);
  RuleTexts texts =
      rules_in_effect(*workspace_, graph, request.period, request.rules, &store_->view());
  texts.merge(rules_in_shadow(graph, store_->view()));
  texts.merge(stored_texts(store_->view(), graph, request.period));
  return pin_files(*workspace_, graph, state_, texts);
}

void Scheduler::keep_rules(const PinnedFiles& files) {
  RuleBook book(store_->view());
  for (const auto& [path, file] : files) {
    const std::string rule = rule_subject_of(path);
    if (rule.empty()) continue;
    const RulePart part{path, file.sha256};
    const std::string version = rule_version(part);
    if (book.holds(rule, version)) continue;
    std::string text = read_file(file.blob);
    // Loading refuses such a text; its bytes would not come back from every database.
    if (is_valid_utf8(text))
      store_->append(to_event(RuleKept{rule, version, part, std::move(text)}));
  }
}

RunStarted Scheduler::started(const RunRequest& request, const PinnedFiles& files) {
  const Graph& graph = graph_of(*workspace_, request.graph);
  const std::string period = request.period.text();
  RunStarted change;
  change.graph = graph.name;
  change.period = period;
  change.number = store_->view().last_run_number(graph.name, period) + 1;
  change.run = graph.name + "." + period + "." + std::to_string(change.number);
  change.of = request.of;
  change.as_of = utc_now();
  change.params = run_params(*workspace_, graph, request.params);
  change.jobs = request.jobs.empty() ? all_jobs(graph) : request.jobs;
  change.forced = request.force ? change.jobs : request.forced;
  change.allow_stale = request.allow_stale;
  change.reason = request.reason;
  change.backfill = request.backfill;
  change.current_rules = request.rules == RulesOf::now;
  for (const auto& [name, value] : request.params) change.given.push_back(name);
  change.takes_over = still_open(request.takes_over);
  change.cause = request.cause;
  change.due = request.due;
  change.files = pinned_texts(files);
  return change;
}

std::vector<std::pair<std::string, std::string>> Scheduler::still_open(
    const std::vector<std::pair<std::string, std::string>>& job_runs) {
  std::map<std::string, std::map<std::string, JobRunState>> unfinished;  // by run
  for (const auto& [run, job] : job_runs)
    if (unfinished.try_emplace(run).second)
      for (const JobRunRecord& record : store_->view().job_runs(run))
        if (!is_final(record.state)) unfinished[run].emplace(record.job, record.state);
  std::vector<std::pair<std::string, std::string>> open;
  for (const auto& [run, job] : job_runs) {
    const auto state = unfinished[run].find(job);
    if (state == unfinished[run].end()) continue;
    if (state->second == JobRunState::running)
      throw Error(ErrorClass::config, "job '" + job + "' of run " + run +
                                          " is running; wait for its end, or cancel it first: "
                                          "tallymill cancel " +
                                          run + " " + job);
    open.emplace_back(run, job);
  }
  return open;
}

void Scheduler::end_emptied(const std::vector<std::pair<std::string, std::string>>& taken) {
  std::set<std::string> runs;
  for (const auto& [run, job] : taken)
    if (!loop_->find(run)) runs.insert(run);  // one at work sees its end by itself
  for (const std::string& run : runs) {
    const auto jobs = store_->view().job_runs(run);
    if (std::all_of(jobs.begin(), jobs.end(),
                    [](const JobRunRecord& job) { return is_final(job.state); }))
      store_->append(to_event(RunEnded{run, "taken_over", "taken_over"}));
  }
}

void Scheduler::give_up(const std::vector<RunRecord>& runs) {
  for (const RunRecord& record : runs) {
    for (const JobRunRecord& job : store_->view().job_runs(record.id))
      if (!is_final(job.state))
        store_->append(to_event(JobCancelled{record.id, job.job, job.state, "given_up"}));
    store_->append(to_event(RunEnded{record.id, "given_up", "given_up"}));
  }
}

void Scheduler::require_same(const RunRecord& record, const RunRequest& request) const {
  const std::string advice =
      "; finish it with '" + command_for(record) + "', or give it up and start anew with --new";
  for (const auto& [name, value] : request.params) {
    const auto pinned = record.params.find(name);
    if (pinned == record.params.end() || pinned->second.value != value)
      throw Error(ErrorClass::config,
                  "run " + record.id + " is open and was started with " + name + "=" +
                      (pinned == record.params.end() ? "(nothing)" : pinned->second.value) +
                      ", not " + value + advice);
  }
  if (request.force && record.forced.empty())
    throw Error(ErrorClass::config,
                "run " + record.id + " is open and was started without --force" + advice);
  if (request.rules == RulesOf::now && !record.current_rules)
    throw Error(ErrorClass::config,
                "run " + record.id + " is open and was started without --rules current" + advice);
  if (request.allow_stale && !record.allow_stale)
    throw Error(ErrorClass::config,
                "run " + record.id + " is open and was started without --allow-stale" + advice);
}

RunSetup Scheduler::setup_of(const RunRecord& record) {
  RunSetup setup;
  setup.files = pinned_files(store_->view().run_files(record.id), state_);
  setup.workspace = pinned_workspace(workspace_, *catalog_, store_->view(), record);
  setup.job_runs = store_->view().job_runs(record.id);
  std::vector<std::string> jobs;
  jobs.reserve(setup.job_runs.size());
  for (const JobRunRecord& job : setup.job_runs) jobs.push_back(job.job);
  setup.live = std::make_unique<LiveRun>(setup.workspace->graphs.at(record.graph), record, jobs);
  return setup;
}

std::shared_ptr<RunEnd> Scheduler::put_to_work(const RunRecord& record, bool goes_on,
                                               std::shared_ptr<RunObserver> observer, bool is_own) {
  try {
    return loop_->add(setup_of(record), goes_on, std::move(observer), is_own);
  } catch (Error& error) {
    add_run_context(error, record.id, command_for(record));
    throw;
  }
}

void Scheduler::settle_others(const std::string& run, RunObserver& observer) {
  // Once: nobody but this process can begin an attempt from here on.
  if (std::exchange(others_settled_, true)) return;
  std::vector<std::string> others;
  for (const AttemptRecord& attempt : store_->view().open_attempts())
    if (attempt.run != run && (others.empty() || others.back() != attempt.run))
      others.push_back(attempt.run);
  for (const std::string& other : others)
    if (const auto record = store_->view().run(other)) settle_other(*record, observer);
}

void Scheduler::settle_other(const RunRecord& record, RunObserver& observer) {
  try {
    loop_->settle(setup_of(record));
    observer.note("run " + record.id +
                  " was left in the middle; go on with it: " + command_for(record));
  } catch (const Error& error) {
    // One run that cannot be settled must not stop all others; its attempts stay open.
    observer.note("run " + record.id +
                  " was left in the middle and cannot go on: " + error.message());
  }
}

}  // namespace tallymill
