#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/options.h"
#include "core/source_position.h"

namespace tallymill {

/// What `on_fail:` of a gate does to the dataset it stands before.
enum class OnFail { warn, block, fail };

/// What becomes of a job that reads a version which nobody has made.
enum class WhenMissing {
  wait,   ///< it waits, and the run stays open
  fail,   ///< it fails
  empty,  ///< it reads no rows in its place
};

/// A dataset a job names, and where it names it.
struct DatasetUse {
  std::string dataset;
  SourcePosition where;

  // Of an input. Without them: the version of the run's own period.
  std::string as = {};      ///< what the job calls it; empty: by the dataset's name
  std::string period = {};  ///< an expression of the date language; empty: the run's own
  SourcePosition period_where = {};
  int periods = 0;  ///< so many, ending with that period; 0: that one
  WhenMissing missing = WhenMissing::wait;

  const std::string& name() const { return as.empty() ? dataset : as; }
  /// Names other periods than the run's own, alone or beside it.
  bool names_periods() const { return !period.empty() || periods > 0; }
};

/// A workspace file a job depends on (rules/x.lua, tables/y.csv): pinned by the run.
struct FileUse {
  std::string path;  ///< relative to the workspace
  SourcePosition where;
};

/// A workspace file's text by its path; empty if there is no such file.
using FileReader = std::function<std::optional<std::string>(const std::string& path)>;

/// The type of the jobs that list the partitions of an axis; the graph loader makes them.
inline constexpr std::string_view kPartitionListType = "partition_values";

/// What a job reads and makes, known from its YAML alone. The scheduler sees jobs only like this.
struct JobShape {
  std::vector<DatasetUse> inputs;
  std::vector<DatasetUse> outputs;   ///< data; visible only when the job succeeds
  std::vector<DatasetUse> evidence;  ///< `<job>.rejects` and the like
  std::string gates;                 ///< the dataset this job gates; empty: none
  /// Of its outputs the one that holds rows of `gates`: who reads it waits for the gate, too.
  std::string gated_output;
  OnFail on_fail = OnFail::warn;
  std::vector<FileUse> files;
  std::vector<DatasetUse> connectors;  ///< connector names
  bool needs_engine = true;            ///< false: the job never opens DuckDB
  /// Of a job that reads a source: the source's columns it declares, and those whose values it
  /// calls sensitive.
  std::vector<std::string> source_columns;
  std::vector<std::string> sensitive_columns;
  bool reads_source = false;   ///< the worker reports source_state; unchanged sources end early
  bool reads_as_of = false;    ///< depends on the run's as-of instant (freshness): never up to date
  bool reads_history = false;  ///< compares with what it measured in earlier periods
  bool has_outside_effect = false;  ///< writes outside the state folder
  bool waits_for_person = false;    ///< no worker: a person approves it or rejects it
  /// The option whose entries stand each for itself: the others can be looked at though one has a
  /// fault; empty: none.
  std::string independent_entries;
};

/// One job as its graph file declares it.
struct JobSpec {
  std::string graph;
  std::string name;
  std::string type;
  Options options;       ///< the whole mapping of the job, common keys included
  SourcePosition where;  ///< of the job's name
};

}  // namespace tallymill
