#include "scheduler/recorded_run.h"

#include <map>
#include <set>

#include "core/digest.h"
#include "core/error.h"
#include "core/files.h"
#include "core/rule_version.h"
#include "core/time/date.h"
#include "scheduler/blocks.h"
#include "scheduler/input_resolver.h"
#include "scheduler/job_changes.h"
#include "scheduler/job_name.h"
#include "scheduler/job_summary.h"
#include "scheduler/state_folder.h"

namespace tallymill {
namespace {

void add_attempt(const AttemptRecord& attempt, LiveJob& job) {
  job.summary.rows_in = attempt.rows_in;
  job.summary.rows_out = attempt.rows_out;
  job.summary.rows_rejected = attempt.rows_rejected;
  job.summary.findings_error = attempt.findings_error;
  job.summary.findings_warn = attempt.findings_warn;
  job.summary.error = attempt.error;
  job.summary.error_class = attempt.error_class;
  const auto started = parse_timestamp(attempt.started_at);
  const auto ended = parse_timestamp(attempt.ended_at);
  if (!started) return;
  // The first attempt's start, the last one's end; as a duration, for there is no boot time of it.
  if (job.started.count() == 0) job.started = std::chrono::microseconds(started.value);
  if (ended) job.ended = std::chrono::microseconds(ended.value);
}

/// A job that failed without an attempt has its error in its reason.
void tell_unstarted(LiveJob& job) {
  if (job.state != JobRunState::failed || !job.summary.error.empty()) return;
  constexpr std::string_view kCode = "queue_timeout: ";
  if (!job.reason.starts_with(kCode)) return;
  job.summary.error = job.reason.substr(kCode.size());
  job.summary.error_class = to_string(ErrorClass::transient);
}

void add_results(StoreView& view, LiveRun& run) {
  std::map<std::string, MadeVersions> made;
  for (VersionRecord& version : view.visible_of(run.record().graph, run.record().period)) {
    std::string dataset = version.dataset;
    made[job_name(version.job, version.partition)].emplace(std::move(dataset), std::move(version));
  }
  for (const ResultRecord& result : view.results(run.record().graph, run.record().period)) {
    const auto index = run.find(result.job);
    if (!index || !is_good(run.job(*index).state)) continue;
    // A later run may have replaced the result: then only its gate and books are not ours to tell.
    const JobSummary summary = summary_of(result, made[result.job]);
    LiveJob& job = run.job(*index);
    if (job.state == JobRunState::up_to_date || job.summary.rows_in == summary.rows_in)
      job.summary = summary;
    else
      job.summary.gate_passed = summary.gate_passed;
  }
}

}  // namespace

std::unique_ptr<LiveRun> recorded_run(StoreView& view, std::shared_ptr<const Graph> graph,
                                      const RunRecord& record) {
  const std::vector<JobRunRecord> job_runs = view.job_runs(record.id);
  std::vector<std::string> names;
  for (const JobRunRecord& job_run : job_runs) names.push_back(job_run.job);
  auto run = std::make_unique<LiveRun>(std::move(graph), record, names);
  for (const JobRunRecord& job_run : job_runs) {
    const auto index = run->find(job_run.job);
    if (!index) continue;
    LiveJob& job = run->job(*index);
    read_reason(job_run.reason, job);
    job.cause = job_run.cause;
    if (!job_run.changes.empty())
      job.changes = changes_from(parse_json(job_run.changes, "the store").as_array());
    // As the run itself told it: what was behind something that failed is blocked, then cancelled.
    if (job_run.state == JobRunState::cancelled && job.reason.starts_with(kBlockedReason)) {
      job.blocked = true;
      job.reason.erase(0, kBlockedReason.size());
    }
    job.attempts = job_run.attempts;
    job.held = job_run.state == JobRunState::waiting && !job_run.reason.empty();
    run->restore(*index, job_run.state);
  }
  for (const AttemptRecord& attempt : view.attempts(record.id))
    if (const auto index = run->find(attempt.job)) add_attempt(attempt, run->job(*index));
  for (JobIndex i = 0; i < run->size(); ++i) tell_unstarted(run->job(i));
  for (const MissedDeadline& missed : view.missed_deadlines(record.id))
    if (const auto index = run->find(missed.job))
      run->job(*index).late[missed.dataset] = missed.deadline;
  add_results(view, *run);
  run->start();
  return run;
}

namespace {

/// Of a block as the workspace has it now; empty if the graph does not take it in.
std::string current_hash(const Graph& graph, const std::string& block) {
  for (const auto& document : graph.block_documents)
    if (document->file() == block) return sha256_hex(document->text());
  return {};
}

/// Files whose place a job's shape depends on: rules and the parameter tables they name.
bool is_rule_file(std::string_view path) { return !rule_subject_of(path).empty(); }

std::set<std::string> rule_files_of(const Graph& graph) {
  std::set<std::string> files;
  for (const JobNode& job : graph.jobs)
    for (const FileUse& use : job.shape.files)
      if (is_rule_file(use.path)) files.insert(use.path);
  return files;
}

/// The tables that list partitions of some graph.
std::set<std::string> partition_tables(const Workspace& workspace) {
  std::set<std::string> tables;
  for (const auto& [name, graph] : workspace.graphs)
    for (const JobNode& job : graph->jobs)
      if (job.axis && !job.axis->file.empty()) tables.insert(job.axis->file);
  return tables;
}

}  // namespace

std::shared_ptr<const Workspace> pinned_workspace(std::shared_ptr<const Workspace> current,
                                                  const JobCatalog& catalog, StoreView& view,
                                                  const RunRecord& record) {
  const auto known = current->graphs.find(record.graph);
  const std::string file =
      known == current->graphs.end() ? "graphs/" + record.graph + ".yaml" : known->second->file;
  const StateFolder state(current->state);
  const std::set<std::string> tables = partition_tables(*current);
  std::map<std::string, std::string> texts;  // of the graph and what shapes its jobs
  std::set<std::string> rule_files;
  bool is_same = known != current->graphs.end();
  for (const PinnedText& pinned : view.run_files(record.id)) {
    const bool is_table = pinned.path.starts_with("tables/");
    const bool is_rule = is_rule_file(pinned.path);
    if (pinned.path != file && !is_block_file(pinned.path) && !is_table && !is_rule) continue;
    texts.emplace(pinned.path, read_file(state.blob(pinned.sha256)));
    if (is_rule) {
      rule_files.insert(pinned.path);
      continue;
    }
    if (!is_same || (is_table && !tables.contains(pinned.path))) continue;
    is_same = pinned.sha256 == (pinned.path == file ? known->second->sha256
                                : is_table ? sha256_hex(read_file(current->root / pinned.path))
                                           : current_hash(*known->second, pinned.path));
  }
  // What rules say is the worker's matter; which files they stand in is part of the jobs' shapes.
  is_same = is_same && rule_files == rule_files_of(*known->second);
  if (!texts.contains(file))
    throw Error(ErrorClass::bug, "run " + record.id + " has not pinned '" + file + "'");
  if (is_same) return current;
  Diagnostics diagnostics;
  Workspace loaded = Workspace::load(current->root, catalog, diagnostics, record.graph, texts);
  if (!diagnostics.has_errors()) return std::make_shared<const Workspace>(std::move(loaded));
  throw Error(ErrorClass::config,
              "the graph that run " + record.id +
                  " was started with no longer loads; give the run up and start anew with "
                  "'tallymill run " +
                  record.graph + " --period " + record.period + " --new':\n" +
                  diagnostics.render());
}

RunVerdict recorded_verdict(const RunRecord& record) {
  if (record.state != RunState::ended) return RunVerdict::waiting;
  for (const RunVerdict verdict : {RunVerdict::ok, RunVerdict::findings, RunVerdict::failed})
    if (record.verdict == to_string(verdict)) return verdict;
  return RunVerdict::interrupted;  // also given up, taken over
}

}  // namespace tallymill
