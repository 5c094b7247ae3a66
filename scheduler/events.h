#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "core/task.h"
#include "scheduler/run_state.h"

namespace tallymill {

/// One change of the store's state. `body` holds everything that is needed to apply it, so that the
/// tables are a function of the chain of events and of nothing else.
struct Event {
  std::string kind;
  std::string run;
  std::string job;  ///< its name within the run (job_name.h); a partition is told by it
  std::string why;  ///< a stable reason code, or empty
  json::object body;
};

/// A version of a dataset as somebody reads it.
struct PinnedVersion {
  std::string dataset;
  std::string period;
  std::string partition;
  std::string version;
  std::string digest;
  friend auto operator<=>(const PinnedVersion&, const PinnedVersion&) = default;
};

struct PinnedText {
  std::string path;  ///< relative to the workspace
  std::string sha256;
};

/// The first event of a run: everything it depends on is pinned here or by its job's readiness.
struct RunStarted {
  std::string run;
  std::string graph;
  std::string period;
  int number = 1;  ///< within graph and period
  std::string of;  ///< the run this one repeats; empty: none
  std::string as_of;
  std::map<std::string, TaskParam> params;
  std::vector<std::string> jobs;    ///< in graph order
  std::vector<std::string> forced;  ///< run even if up to date
  bool allow_stale = false;         ///< exports may read stale versions
  std::vector<std::string> given;   ///< parameters whose value is not the graph's default
  std::string reason = {};          ///< why somebody wanted it, in their words; may be empty
  std::string backfill = {};        ///< the backfill it belongs to; empty: none
  bool current_rules = false;       ///< rules as they count now, not as of the period
  std::vector<PinnedText> files;    ///< graph, rules, tables
  /// Of a sweep, which has no job runs of its own: the run whose job runs tell of every job.
  std::string as = {};
  /// Unfinished job runs of other runs that this run takes over; they become cancelled.
  std::vector<std::pair<std::string, std::string>> takes_over;  ///< run, job
  std::string cause = {};  ///< what made it due by itself; empty: somebody asked
  std::string due = {};    ///< since when
};

/// A gate's word about versions of the dataset it stands before.
struct GateVerdict {
  std::string dataset;
  std::vector<std::string> versions;
  bool passed = false;
};

/// One thing a result depended on that is another one now.
struct JobChange {
  std::string what;  ///< input, param, rule (or a parameter table), file, spec, settings
  std::string name;  ///< "gl of 2026-01", "tolerance", "limit", "params/rates", "tables/x.csv"
  std::string from;  ///< short digest or version, or the value of a parameter; empty: it is new
  std::string to;    ///< empty: it is gone
  std::string by;    ///< the run that made it so
};

struct JobReady {
  std::string run;
  std::string job;
  JobRunState from = JobRunState::waiting;
  std::string fingerprint;
  std::vector<PinnedVersion> pins;      ///< versions of other graphs or runs, pinned by this event
  std::string why = {};                 ///< a stable code: why the visible result will not do
  std::vector<JobChange> changes = {};  ///< with "changed": what has
};

struct JobUpToDate {
  std::string run;
  std::string job;
  std::string fingerprint;
  std::vector<PinnedVersion> pins;
  std::vector<PinnedVersion> inputs;  ///< all that it would read
  std::vector<GateVerdict> verdicts;  ///< a remembered one, said again about the pinned version
};

/// Jobs of a run that were found up to date together. One event for all: what they reuse is known
/// from their results.
struct JobsUpToDate {
  std::string run;
  std::vector<JobUpToDate> jobs;
};

/// The one event whose number may be larger than that of the event before it by more than one.
inline constexpr std::string_view kStoreRestored = "store_restored";

struct AttemptStarted {
  std::string run;
  std::string job;
  std::string attempt;
  int number = 1;
  std::string nonce;
  int threads = 1;
};

struct AttemptStopped {
  std::string run;
  std::string job;
  std::string attempt;
  std::string why;  ///< timeout, interrupted, restart, cancelled, shutdown
  std::string signal;
  std::string reason = {};  ///< of whoever cancelled it, in their words
};

/// A dataset of a successful attempt, as published.
struct PublishedVersion {
  std::string dataset;
  bool evidence = false;
  std::int64_t rows = 0;
  std::string digest;
  std::string provenance;
  std::map<std::string, std::string> amounts;
  std::vector<std::string> gates;  ///< jobs that must pass it before others may read it
};

struct AttemptEnded {
  std::string run;
  std::string job;
  std::string attempt;
  AttemptState state = AttemptState::failed;
  JobRunState job_state = JobRunState::failed;
  std::string why;  ///< reason code of the job's state: "timeout", "same_result", ...
  ErrorClass error_class = ErrorClass::bug;
  std::string error;  ///< empty: none
  std::string outcome;
  std::string retry_at;
  std::int64_t rows_in = 0;
  std::int64_t rows_out = 0;
  std::int64_t rows_rejected = 0;
  std::int64_t findings_error = 0;
  std::int64_t findings_warn = 0;
  std::int64_t cpu_ms = 0;
  std::int64_t memory_bytes = 0;
  std::vector<GateVerdict> verdicts;

  // With job_state succeeded or up_to_date.
  std::string fingerprint;
  std::string source_state;  ///< JSON text
  std::string ledger;        ///< JSON text
  std::string indicators;    ///< JSON text: [{"org","value"}]; empty: none
  /// What checks measured, for later periods to be compared with: name, exact value.
  std::map<std::string, std::string> measures;
  bool publishes = false;  ///< false: the visible versions stay, they are equal
  std::vector<PublishedVersion> versions;
  std::vector<PinnedVersion> inputs;
  std::vector<std::string> listed = {};  ///< partitions; told by an event of their own
};

struct JobCancelled {
  std::string run;
  std::string job;
  JobRunState from = JobRunState::waiting;
  std::string why;  ///< blocked, interrupted, taken_over, given_up
};

/// Why a job that stays waiting cannot start; said again only when it changes.
struct JobHeld {
  std::string run;
  std::string job;
  std::string why;  ///< a sentence
};

/// A job that this run does without: its trigger rule or its condition said so.
struct JobSkipped {
  std::string run;
  std::string job;
  std::string why;       ///< a stable code, see SkipReason
  std::string sentence;  ///< for people
};

/// What was to be there by now is not; once per deadline.
struct DeadlineMissed {
  std::string run;
  std::string job;
  std::string dataset;      ///< empty: the deadline is the job's own
  std::string deadline;     ///< the instant that passed
  std::string graph = {};   ///< where no run is at work that watches it: of what,
  std::string period = {};  ///< and `run` is the last one there was, or stands for none
};

/// A job that failed without an attempt.
struct JobFailed {
  std::string run;
  std::string job;
  std::string why;       ///< queue_timeout
  std::string sentence;  ///< for people
};

/// A list of partitions has been made: what awaited it is spread.
struct PartitionsListed {
  std::string run;
  std::string job;  ///< that made the list
  std::vector<std::string> values;
  std::vector<std::string> jobs;  ///< that awaited it, without partitions
};

struct RunEnded {
  std::string run;
  std::string why;      ///< interrupted, given_up, or empty
  std::string verdict;  ///< what it came to: ok, findings, failed, interrupted
};

Event to_event(const RunStarted& change);
Event to_event(const JobReady& change);
Event to_event(const JobUpToDate& change);
Event to_event(const JobsUpToDate& change);
Event to_event(const AttemptStarted& change);
Event to_event(const AttemptStopped& change);
Event to_event(const AttemptEnded& change);
Event to_event(const JobCancelled& change);
Event to_event(const JobHeld& change);
Event to_event(const JobSkipped& change);
Event to_event(const DeadlineMissed& change);
Event to_event(const JobFailed& change);
Event to_event(const PartitionsListed& change);
Event to_event(const RunEnded& change);

json::object params_to_json(const std::map<std::string, TaskParam>& params);
std::map<std::string, TaskParam> params_from_json(const json::object& object);

}  // namespace tallymill
