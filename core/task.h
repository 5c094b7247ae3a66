#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "core/yaml.h"

namespace tallymill {

/// Scheduler and worker meet in an attempt's folder: task.json in, result.json out.
/// Both carry this number; another one is refused.
inline constexpr int kTaskFormat = 1;

/// The task in an attempt's folder. Its lock (flock) is the attempt's: the scheduler takes it, the
/// worker inherits it, and what nobody holds is not alive.
inline constexpr const char* kTaskFile = "task.json";

/// The right to publish: the number of the event that started the attempt, a nonce, the store.
struct Epoch {
  std::int64_t number = 0;
  std::string nonce;     ///< 32 hex digits
  std::string store_id;  ///< 32 hex digits
  friend bool operator==(const Epoch&, const Epoch&) = default;
};

/// What an input of several periods or partitions has behind its columns: of which its rows are.
inline constexpr const char* kPeriodColumn = "_period";
inline constexpr const char* kPartitionColumn = "_partition";

/// A published dataset version an attempt reads.
struct InputVersion {
  std::string version;           ///< the attempt id that made it
  std::filesystem::path folder;  ///< absolute; holds manifest.json and part-*.parquet
  std::string period;
  std::string partition;  ///< empty: unpartitioned
  std::string digest;
  std::string dataset = {};  ///< empty: it is called like the input
};

/// A workspace file as pinned by the run: its content is read from `blob`, messages name `path`.
struct PinnedFile {
  std::string path;  ///< relative to the workspace, e.g. rules/cost_driver.lua
  std::string sha256;
  std::filesystem::path blob;            ///< absolute
  std::optional<std::string> text = {};  ///< of a query: the content itself; there is no blob
};

struct TaskParam {
  std::string type;   ///< text, integer, money, decimal, ratio, date, boolean
  std::string value;  ///< as text; parsed strictly by type
};

/// What dates of texts are reckoned by, beside the period.
struct TaskTime {
  std::string zone = {};       ///< an IANA name; empty: UTC
  std::string calendar = {};   ///< its files are among the task's; empty: no text asks for one
  std::string scheduled = {};  ///< when the schedule first makes the period due; empty: not asked
};

enum class TaskMode {
  run,    ///< execute one job
  query,  ///< read rows for people: show, rejects, rules try
  bind,   ///< check SQL and rules of graphs against schemas; the result carries diagnostics
};

/// Everything a worker may depend on; a run is a function of it (promise 5).
struct Task {
  TaskMode mode = TaskMode::run;
  std::string attempt;  ///< id: becomes the version's name
  Epoch epoch;
  std::filesystem::path folder;  ///< absolute: the attempt's folder; staging/ and tmp/ below it
  std::filesystem::path workspace;
  int currency_scale = 2;  ///< fraction digits of the workspace's currency
  std::string graph;
  std::string job;
  std::string type;  ///< job type
  std::string period;
  /// Of mode bind, where there is no period: the kind of the graph's. Does not travel.
  std::string period_kind = {};
  std::string partition;
  TaskTime time = {};
  std::string as_of;  ///< ISO instant pinned by the run; no job reads the clock
  int threads = 1;
  std::int64_t memory_bytes = 0;  ///< 0: no limit
  json::value spec;               ///< YamlNode::to_json() of the job (run), or what the mode needs
  std::map<std::string, TaskParam> params;
  std::map<std::string, std::vector<InputVersion>> inputs;  ///< by what the job calls them
  std::map<std::string, json::value> schemas;  ///< of inputs without any version: they have no rows
  std::vector<std::string> several;  ///< inputs of several periods or partitions: rows say of which
  std::map<std::string, PinnedFile> files;        ///< by path
  std::map<std::string, json::value> connectors;  ///< by name: {"type", "spec", "file"}
  /// Columns of the source that are not the job's and that other jobs call sensitive.
  std::vector<std::string> hidden_columns = {};
  /// Head of the store's event chain before the folder was made: a store that does not hold this
  /// event is older than the folder (a restored or truncated copy) and is refused.
  std::int64_t last_event = 0;
  std::string last_event_hash = {};
  json::value previous;  ///< null, or {"source_state", "fingerprint"} of the visible version

  json::value to_json() const;
  /// Throws Error(data) if the format or a field is not as documented.
  static Task from_json(const json::value& value);
};

struct TaskOutput {
  std::string dataset;
  bool evidence = false;
  std::string folder;  ///< below the attempt's folder: staging/<dataset>
  std::int64_t rows = 0;
  std::string digest;
  std::map<std::string, std::string> amounts;  ///< column -> exact decimal sum as text
  /// Digest of the rows with their provenance columns; empty if the dataset has none. Equal data
  /// from other source lines is a new version with the same `digest`.
  std::string provenance = {};
};

enum class TaskOutcome { succeeded, findings, failed, unchanged };

/// What an attempt ended with. Written once, by temp file and rename: its presence is the end.
struct TaskResult {
  std::string attempt;
  Epoch epoch;
  TaskOutcome outcome = TaskOutcome::failed;
  /// With `failed`.
  ErrorClass error_class = ErrorClass::bug;
  std::string error;  ///< rendered, with context lines
  std::vector<TaskOutput> outputs;
  json::object ledger;  ///< see datasets/ledger.h
  json::array checks;   ///< check results of a check job
  json::array indicators;
  json::object gate;         ///< {"dataset","passed"} of a gate job
  json::value source_state;  ///< of a job that reads a source: what was read
  json::object report;       ///< deterministic summary: counts by reason, statements
  json::object metrics;      ///< timings, rows/s; never compared
  json::array diagnostics;   ///< of mode bind
  json::value answer;        ///< of mode query
  std::int64_t rows_in = 0;
  std::int64_t rows_out = 0;
  std::int64_t rows_rejected = 0;
  std::int64_t findings_error = 0;
  std::int64_t findings_warn = 0;

  json::value to_json() const;
  static TaskResult from_json(const json::value& value);
};

}  // namespace tallymill
