#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/events.h"
#include "scheduler/run_state.h"
#include "scheduler/store/database.h"

namespace tallymill {

struct RunRecord {
  std::string id;
  std::string graph;
  std::string period;
  int number = 1;
  std::string of;
  RunState state = RunState::active;
  std::string who;
  std::string as_of;
  std::map<std::string, TaskParam> params;
  std::vector<std::string> forced;
  bool allow_stale = false;
  std::vector<std::string> given;  ///< parameters that were given with the run
  std::string as = {};             ///< of a sweep: the run whose job runs tell of every job
  std::string reason = {};         ///< why somebody wanted it, in their words
  std::string backfill = {};       ///< the backfill it belongs to; empty: none
  bool current_rules = false;      ///< rules as they counted then, not as of the period
  std::int64_t event = 0;
  std::string started_at;
  std::string ended_at;
  std::string verdict;  ///< of an ended run
};

struct JobRunRecord {
  std::string run;
  std::string job;  ///< its name within the run: `clean`, `clean[beijing]`
  JobRunState state = JobRunState::waiting;
  std::string reason;
  int attempts = 0;
  std::string fingerprint;
  std::string retry_at;
  std::string changed_at;
  std::string cause;    ///< of a job that had to run: why, a stable code
  std::string changes;  ///< with "changed": JSON text of what has; may be empty
};

struct AttemptRecord {
  std::string id;
  std::string run;
  std::string job;  ///< its name within the run
  int number = 1;
  AttemptState state = AttemptState::starting;
  std::int64_t epoch = 0;
  std::string nonce;
  int threads = 1;
  std::string started_at;
  std::string ended_at;
  std::string outcome;
  std::string error_class;  ///< empty: none
  std::string error;
  std::int64_t rows_in = 0;
  std::int64_t rows_out = 0;
  std::int64_t rows_rejected = 0;
  std::int64_t findings_error = 0;
  std::int64_t findings_warn = 0;
  std::int64_t cpu_ms = 0;
  std::int64_t memory_bytes = 0;
  std::string stop =
      {};  ///< why it was asked to end, e.g. "cancelled: wrong month"; empty: it was not
};

struct VersionRecord {
  std::string dataset;
  std::string id;  ///< the attempt that made it
  std::string period;
  std::string partition;
  std::string graph;
  std::string job;
  std::string run;
  bool evidence = false;
  std::int64_t rows = 0;
  std::string digest;
  std::string provenance;
  std::map<std::string, std::string> amounts;
  std::vector<std::string> gates;
  std::int64_t event = 0;
  std::string published_at;
  bool visible = true;
  bool removed = false;  ///< its data is gone, by retention; only superseded ones
};

/// The one visible result of a job for a period and partition.
struct ResultRecord {
  std::string job;  ///< its name within a run
  std::string attempt;
  std::string fingerprint;
  std::string source_state;  ///< JSON text; empty: none
  std::string ledger;        ///< JSON text
  std::string indicators;    ///< JSON text; empty: none
  std::int64_t rows_in = 0;
  std::int64_t rows_out = 0;
  std::int64_t rows_rejected = 0;
  std::int64_t findings_error = 0;
  std::int64_t findings_warn = 0;
  std::optional<bool> gate_passed;  ///< of a gate
};

/// A deadline that passed before what it asks for was there.
struct MissedDeadline {
  std::string job;
  std::string dataset;  ///< empty: of the job itself
  std::string deadline;
  std::string missed_at;
};

/// How long a job took in one earlier run.
struct DurationRecord {
  std::string job;
  std::string started_at;
  std::string ended_at;  ///< equal to started_at: the run skipped it
};

struct VerdictRecord {
  std::string gate;
  bool passed = false;
};

/// Reads of the store for the scheduler and for people. Every call is one short transaction.
class StoreView {
 public:
  explicit StoreView(Database& database) : database_(&database) {}
  /// A read-only connection of its own; empty if there is no store yet, or one without tables.
  /// Throws Error(config) if its schema is not this program's.
  static std::optional<StoreView> open(const StoreAddress& store);
  /// Of a workspace in which nothing has run.
  static StoreView nothing();

  Database& database() { return *database_; }

  std::optional<RunRecord> run(const std::string& id);
  /// Newest first. `graph` empty: all.
  std::vector<RunRecord> runs(const std::string& graph, int limit);
  /// All of a graph and period, oldest first.
  std::vector<RunRecord> runs(const std::string& graph, const std::string& period);
  std::vector<RunRecord> open_runs();
  /// The open runs of a graph and period, oldest first.
  std::vector<RunRecord> open_runs(const std::string& graph, const std::string& period);
  /// Whether an open run does nothing but wait: a job says what for, and none is under way. (Those
  /// behind a job that waits say nothing.)
  bool waits_for_input(const std::string& run);
  int last_run_number(const std::string& graph, const std::string& period);
  /// A run as people name it: its id, "2026-01.2" or "2026-01#2", a graph's name (its newest run),
  /// or nothing (the newest run). Throws Error(config) naming near ones or the ambiguity.
  RunRecord find_run(const std::string& text);

  std::vector<JobRunRecord> job_runs(const std::string& run);  ///< in graph order
  /// The run that has this job of the graph and period still to do; empty: none.
  std::string open_run_of(const std::string& graph, const std::string& period,
                          const std::string& job);
  std::vector<AttemptRecord> attempts(const std::string& run);
  std::vector<AttemptRecord> attempts(const std::string& run, const std::string& job);
  std::vector<AttemptRecord> open_attempts();
  /// Of a run, by job: the names of jobs with attempts, and whether the job run is still open.
  std::vector<std::pair<std::string, bool>> tried_jobs(const std::string& run);
  std::vector<PinnedVersion> pins(const std::string& run);
  /// Of successful attempts that did work, and of skipped jobs, in the newest ended runs of a
  /// graph.
  std::vector<DurationRecord> durations(const std::string& graph, int runs);
  std::vector<PinnedText> run_files(const std::string& run);
  std::vector<MissedDeadline> missed_deadlines(const std::string& run);

  std::vector<ResultRecord> results(const std::string& graph, const std::string& period);
  std::vector<PinnedVersion> result_inputs(const std::string& graph, const std::string& period,
                                           const std::string& job);
  /// Visible versions the jobs of a graph have made for a period.
  std::vector<VersionRecord> visible_of(const std::string& graph, const std::string& period);
  std::optional<VersionRecord> visible(const std::string& dataset, const std::string& period,
                                       const std::string& partition = {});
  std::optional<VersionRecord> version(const std::string& dataset, const std::string& id);
  /// Newest first; `dataset` empty: visible versions of all datasets, by name and period.
  std::vector<VersionRecord> versions(const std::string& dataset);
  /// Of all periods and partitions, in their order.
  std::vector<VersionRecord> visible_versions(const std::string& dataset);
  std::vector<VerdictRecord> verdicts(const std::string& dataset, const std::string& version);
  GateState gate_state(const VersionRecord& version);
  /// The partitions that `list_job` listed last for the period; empty if it never did.
  std::optional<std::vector<std::string>> partition_list(const std::string& graph,
                                                         const std::string& period,
                                                         const std::string& list_job);

 private:
  std::vector<JobRunRecord> job_runs_of_sweep(const std::string& run);
  std::vector<VersionRecord> select_versions(std::string_view where,
                                             const std::vector<StoreValue>& parameters);

  std::shared_ptr<Database> owned_;
  Database* database_;
};

}  // namespace tallymill
