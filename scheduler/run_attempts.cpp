// Attempts of ActiveRun: from a ready job to its settled end.
#include <signal.h>

#include <algorithm>
#include <utility>

#include "core/digest.h"
#include "core/files.h"
#include "core/text.h"
#include "scheduler/active_run.h"
#include "scheduler/bind.h"
#include "scheduler/crash_point.h"
#include "scheduler/job_name.h"
#include "scheduler/job_summary.h"
#include "scheduler/machine.h"
#include "scheduler/period_choice.h"
#include "scheduler/publish.h"
#include "scheduler/rule_book.h"

namespace tallymill {
namespace {

constexpr std::size_t kLongestInId = 40;
constexpr std::size_t kAwaitedAtOnce = 8;

/// Without a result nothing staged is anybody's. At once, not after the commit: on a full disk this
/// is the room that the commit needs.
void sweep_staging(const std::filesystem::path& attempt) {
  remove_part(attempt / "staging");
  remove_part(attempt / "tmp");
}

/// Whether a successful attempt of the job may have made folders in its own.
bool may_stage(const JobShape& shape) {
  return shape.needs_engine || !shape.outputs.empty() || !shape.evidence.empty();
}

/// An attempt's name becomes a folder's: partitions are spelt with letters that need no escape.
std::string name_in_ids(const std::string& name) {
  const JobName parts = split_job_name(name);
  if (parts.partition.empty()) return name;
  std::string partition = percent_encode(parts.partition);
  if (partition != parts.partition || partition.size() > kLongestInId)
    partition = xxh3_128(parts.partition).hex().substr(0, 12);
  return std::string(parts.job) + "." + partition;
}

/// The columns of a dataset nobody has made, as binding the graphs tells.
json::value schema_of(const Workspace& workspace, const std::string& dataset) {
  const json::object schemas = bind_workspace(workspace, Diagnostics()).schemas;
  if (const json::value* schema = schemas.if_contains(dataset)) return *schema;
  throw Error(ErrorClass::config, "the columns of '" + dataset +
                                      "' are not known before it is made; run the job that "
                                      "makes it once, or read it with 'missing: wait'");
}

std::string_view name_of(StopSignal signal) {
  return signal == StopSignal::terminate ? "TERM" : "KILL";
}

}  // namespace

void ActiveRun::prepare_attempt(JobIndex index) {
  LiveJob& job = run_.job(index);
  if (job.state != JobRunState::ready || interrupted_ || shut_down_) return;
  if (paused_) return parked_.push_back(index);
  const std::string& run = run_.record().id;
  const std::string& name = run_.node(index).spec.name;
  Flight flight;
  flight.job = index;
  flight.number = job.attempts + 1;
  flight.epoch.nonce = random_hex(16);
  flight.epoch.store_id = services_.store.store_id();
  // The piece of the nonce keeps the name unique should an older store be put in place.
  flight.id = run + "-" + name_in_ids(name) + "-" + std::to_string(flight.number) + "-" +
              flight.epoch.nonce.substr(0, 6);
  flight.folder = services_.state.attempt(run, name, flight.number);
  flight.threads = job.one_thread ? 1 : board_.slots.threads_for_next();
  flight.in_slot = true;
  board_.slots.take(run_.node(index).resource_pool, flight.threads);
  flight.epoch.number = services_.store.append(to_event(
      AttemptStarted{run, name, flight.id, flight.number, flight.epoch.nonce, flight.threads}));
  job.attempts = flight.number;
  if (job.started.count() == 0) job.started = services_.clock.now();
  run_.move(index, JobRunState::running);
  changed_.push_back(index);
  flight.preparation = prepare(flight);
  prepared_.push_back(std::move(flight));
}

std::shared_ptr<ActiveRun::Preparation> ActiveRun::prepare(const Flight& flight) {
  auto preparation = std::make_shared<Preparation>();
  try {
    preparation->number = board_.side.give(
        [preparation, near_it = making_in_, task = std::make_shared<const Task>(task_of(flight))] {
          try {
            preparation->lock = make_attempt(*task, *near_it);
          } catch (const Error& error) {
            preparation->problem = error.message();
            preparation->problem_class = error.error_class();
          } catch (const std::exception& error) {
            preparation->problem = error.what();
          }
        });
  } catch (const Error& error) {
    preparation->problem = error.message();
    preparation->problem_class = error.error_class();
  }
  return preparation;
}

Task ActiveRun::task_of(const Flight& flight) const {
  const LiveJob& job = run_.job(flight.job);
  const JobNode& node = run_.node(flight.job);
  const RunRecord& record = run_.record();
  Task task;
  task.attempt = flight.id;
  task.epoch = flight.epoch;
  task.folder = flight.folder;
  task.workspace = workspace_->root;
  task.currency_scale = workspace_->currency_scale;
  task.graph = record.graph;
  task.job = split_job_name(node.spec.name).job;
  task.partition = node.partition;
  task.type = node.spec.type;
  task.period = record.period;
  task.as_of = record.as_of;
  task.threads = flight.threads;
  task.memory_bytes = memory_;
  task.spec = node.spec.options.node().to_json();
  task.params = record.params;
  add_inputs(job, node, task);
  for (const FileUse& use : node.shape.files) {
    task.files[use.path] = files_.at(use.path);
    if (const auto shadow = files_.find(std::string(kShadowPrefix) + use.path);
        shadow != files_.end())
      task.files[shadow->first] = shadow->second;
  }
  for (const StoredFile& stored : stored_files_of(node.spec.name, files_))
    task.files[stored.path] = *stored.file;
  task.time = task_time(*workspace_, node, record.period);
  for (const std::string& path : calendar_files(*workspace_, task.time.calendar))
    if (const auto file = files_.find(path); file != files_.end()) task.files[path] = file->second;
  for (const DatasetUse& use : node.shape.connectors)
    if (const auto spec = workspace_->connectors.find(use.dataset);
        spec != workspace_->connectors.end())
      task.connectors[use.dataset] = {
          {"type", spec->second.type}, {"spec", spec->second.spec}, {"file", "tallymill.yaml"}};
  task.hidden_columns = workspace_->hidden_columns(node.shape);
  task.last_event = services_.store.committed_head().number;
  task.last_event_hash = services_.store.committed_head().hash;
  const auto previous = results_.find(node.spec.name);
  // Only if all else is equal may the worker say that nothing has changed.
  if (node.shape.reads_source && previous != results_.end() &&
      previous->second.fingerprint == job.fingerprint && !is_forced(node.spec.name) &&
      !previous->second.source_state.empty() && has_all_versions(flight.job))
    task.previous = {{"source_state", parse_json(previous->second.source_state, "the store")},
                     {"fingerprint", previous->second.fingerprint}};
  return task;
}

void ActiveRun::add_inputs(const LiveJob& job, const JobNode& node, Task& task) const {
  for (const auto& [use, versions] :
       versions_by_input(*workspace_, run_.graph(), node, run_.record(), job.inputs)) {
    std::vector<InputVersion>& list = task.inputs[use->name()];
    for (const PinnedVersion& input : versions)
      list.push_back(
          {input.version,
           services_.state.version(input.dataset, input.period, input.partition, input.version),
           input.period, input.partition, input.digest, input.dataset});
    if (list.empty() && node.shape.needs_engine)
      task.schemas[use->name()] = schema_of(*workspace_, use->dataset);
  }
  task.several = inputs_of_several(*workspace_, node);
}

void ActiveRun::await_preparation(const std::vector<Flight>& prepared, std::size_t i) {
  if (board_.side.has_done(prepared[i].preparation->number)) return;
  // For some at once, so that who waits is not woken for each.
  SideThread::Number last = 0;
  for (const std::size_t end = std::min(i + kAwaitedAtOnce, prepared.size()); i < end; ++i)
    last = std::max(last, prepared[i].preparation->number);
  board_.side.finish(last);
}

std::string ActiveRun::spawn(const Flight& flight, Preparation& made) {
  // Ours ends with this: the worker has inherited the lock, or there is none.
  const std::optional<FileLock> lock = std::move(made.lock);
  if (!made.problem.empty()) throw Error(made.problem_class, made.problem);
  crash_point();
  std::string handle =
      services_.executor.spawn({.folder = flight.folder,
                                .lock = lock->fd(),
                                .needs_engine = run_.node(flight.job).shape.needs_engine,
                                .output_bytes = workspace_->output_bytes});
  crash_point();
  return handle;
}

std::vector<std::string> ActiveRun::spawn_prepared() {
  std::vector<Flight> prepared = std::move(prepared_);
  prepared_.clear();
  std::vector<std::string> handles;
  for (std::size_t i = 0; i < prepared.size(); ++i) {
    // While this one is spawned the side thread prepares the next.
    await_preparation(prepared, i);
    Flight& flight = prepared[i];
    try {
      flight.handle = spawn(flight, *flight.preparation);
    } catch (const Error& error) {
      settle_error(flight, error);
      continue;
    }
    flight.preparation.reset();
    set_timer(flight, TimerKind::timeout, run_.node(flight.job).timeout);
    handles_[flight.job] = flight.handle;
    handles.push_back(flight.handle);
    flights_.emplace(handles.back(), std::move(flight));
  }
  return handles;
}

void ActiveRun::settle_exit(const AttemptExit& exit) {
  const auto found = flights_.find(exit.handle);
  if (found == flights_.end()) return;
  Flight flight = std::move(found->second);
  flights_.erase(found);
  handles_.erase(flight.job);
  bool memory_kill = false;
  if (exit.signal == SIGKILL && flight.stop == StopReason::none) {
    const std::int64_t kills = out_of_memory_kills();
    memory_kill = kills > board_.memory_kills;
    board_.memory_kills = kills;
  }
  const AttemptEnding ending =
      read_ending(flight.folder, flight.id, flight.epoch, exit, memory_kill, reading_in_);
  settle(flight, ending, &exit, false);
}

AttemptFacts ActiveRun::facts_of(const Flight& flight, const AttemptEnding& ending) const {
  const JobNode& node = run_.node(flight.job);
  const auto previous = results_.find(node.spec.name);
  return {.workspace = workspace_.get(),
          .job = &node,
          .ending = &ending,
          .attempt = flight.id,
          .stop = flight.stop,
          .why = flight.why,
          .was_lost = false,
          .fingerprint = run_.job(flight.job).fingerprint,
          .inputs = &run_.job(flight.job).inputs,
          .previous = previous == results_.end() ? nullptr : &previous->second,
          .visible = &resolver_.made_by(node.spec.name),
          .visible_stands = has_all_versions(flight.job),
          .has_same_schema = [this, &flight](const TaskOutput& output) {
            return has_same_schema(flight, output);
          }};
}

bool ActiveRun::has_same_schema(const Flight& flight, const TaskOutput& output) const {
  const auto schema_in = [](const std::filesystem::path& folder) -> json::value {
    const std::filesystem::path file = folder / "manifest.json";
    const auto text = read_file_if_there(file);
    if (!text) return nullptr;
    try {
      return json_at(parse_json(*text, file.string()).as_object(), "schema");
    } catch (const std::exception&) {
      return nullptr;  // damaged: a sound version takes its place
    }
  };
  const auto& made = resolver_.made_by(run_.node(flight.job).spec.name);
  const auto visible = made.find(output.dataset);
  if (visible == made.end()) return false;
  return schema_in(flight.folder / output.folder) ==
         schema_in(services_.state.version(output.dataset, run_.record().period,
                                           visible->second.partition, visible->second.id));
}

void ActiveRun::settle(Flight& flight, const AttemptEnding& ending, const AttemptExit* exit,
                       bool was_lost) {
  drop_timer(flight);
  if (flight.in_slot) board_.slots.give_back(run_.node(flight.job).resource_pool, flight.threads);
  if (!ending.result) sweep_staging(flight.folder);
  AttemptFacts facts = facts_of(flight, ending);
  facts.was_lost = was_lost;
  LiveJob& job = run_.job(flight.job);
  const TryCount tries_before = job.tries;
  Judgement judgement = judge_attempt(facts, job.tries);
  if (exit) {
    judgement.ended.cpu_ms = exit->cpu.count() / 1000;
    judgement.ended.memory_bytes = exit->max_resident_bytes;
  }
  if (judgement.ended.publishes) {
    job.tries = tries_before;
    publish_or_fail(flight, ending, judgement);
  } else if (is_good(judgement.ended.job_state)) {
    // Equal to what is visible, so nobody's. Before the commit: after a kill in between, the same
    // result is judged the same without it, and behind the commit nobody would come back for it.
    sweep_staging(flight.folder);
  }
  apply(flight, std::move(judgement));
}

void ActiveRun::publish_or_fail(const Flight& flight, const AttemptEnding& ending,
                                Judgement& judgement) {
  const auto versions =
      staged_versions(services_.state, flight.folder, flight.id, run_.record().period,
                      run_.node(flight.job).partition, ending.result->outputs);
  try {
    publish(versions);
  } catch (Error& error) {
    withdraw(versions);
    sweep_staging(flight.folder);
    error.add_context("publishing attempt " + flight.id);
    judgement = judge_error(facts_of(flight, ending), error.error_class(), error.message(),
                            run_.job(flight.job).tries);
  }
}

void ActiveRun::settle_error(Flight& flight, const Error& error) {
  const AttemptEnding ending{{}, error.error_class(), error.message()};
  settle(flight, ending, nullptr, false);
}

void ActiveRun::apply(Flight& flight, Judgement judgement) {
  LiveJob& job = run_.job(flight.job);
  AttemptEnded& ended = judgement.ended;
  ended.run = run_.record().id;
  ended.job = run_.node(flight.job).spec.name;
  ended.attempt = flight.id;
  if (judgement.retry) {
    job.one_thread = judgement.retry->one_thread;
    ended.retry_at = utc_after(judgement.retry->delay);
    board_.timers.add({.at = services_.clock.now() + judgement.retry->delay,
                       .kind = TimerKind::retry,
                       .run = number_,
                       .job = flight.job,
                       .attempt = flight.number});
  }
  services_.store.append(to_event(ended));
  RuleShadowSeen seen;
  seen.run = ended.run;
  seen.job = ended.job;
  seen.attempt = ended.attempt;
  for (Event& event : shadow_events(flight.folder, files_, seen))
    services_.store.append(std::move(event));
  note_verdicts(ended.verdicts);
  run_.move(flight.job, ended.job_state);
  changed_.push_back(flight.job);
  if (!is_good(ended.job_state) || may_stage(run_.node(flight.job).shape))
    to_clean_.emplace_back(flight.folder, !is_good(ended.job_state));
  job.reason = ended.why;
  job.ended = services_.clock.now();
  if (is_good(ended.job_state)) return note_good(flight.job, ended);
  job.summary = summary_of(ended);
  if (ended.job_state == JobRunState::ready)
    queue(flight.job);
  else if (is_final(ended.job_state))
    follow(run_.settle(flight.job));
}

void ActiveRun::note_good(JobIndex index, const AttemptEnded& ended) {
  const JobNode& node = run_.node(index);
  if (ended.publishes) {
    std::map<std::string, VersionRecord> made;
    for (const PublishedVersion& version : ended.versions) {
      board_.published.insert(version.dataset);
      made.emplace(version.dataset, version_record(run_.record(), ended, version));
    }
    resolver_.replace_made(node.spec.name, std::move(made));
  }
  run_.job(index).summary = summary_of(ended, resolver_.made_by(node.spec.name));
  if (node.spec.type == kPartitionListType && spread(node.spec.name, ended.listed)) return;
  follow(run_.settle(index));
}

void ActiveRun::stop_flight(Flight& flight, StopReason reason, StopSignal signal) {
  // A job that is timed out stays so, also when everything is interrupted a moment later.
  if (flight.stop == StopReason::none) flight.stop = reason;
  services_.store.append(to_event(AttemptStopped{
      run_.record().id, run_.node(flight.job).spec.name, flight.id, std::string(to_string(reason)),
      std::string(name_of(signal)), reason == StopReason::cancelled ? flight.why : std::string()}));
  board_.signals.emplace_back(flight.handle, signal);
  drop_timer(flight);
  if (signal == StopSignal::terminate) set_timer(flight, TimerKind::kill, services_.patience);
}

void ActiveRun::set_timer(Flight& flight, TimerKind kind, std::chrono::milliseconds delay) {
  flight.timer = board_.timers.add({.at = services_.clock.now() + delay,
                                    .kind = kind,
                                    .run = number_,
                                    .job = flight.job,
                                    .attempt = flight.number});
}

void ActiveRun::drop_timer(Flight& flight) {
  if (flight.timer) board_.timers.cancel(*flight.timer);
  flight.timer.reset();
}

void ActiveRun::clean_folders() {
  if (to_clean_.empty()) return;
  board_.side.give([folders = std::exchange(to_clean_, {})] {
    for (const auto& [folder, keep_staging] : folders) {
      remove_part(folder / "tmp");
      // Evidence of a failed attempt is looked at by people.
      if (!keep_staging) remove_part(folder / "staging");
    }
  });
}

}  // namespace tallymill
