#pragma once

#include <string>
#include <vector>

#include "core/options.h"
#include "core/source_position.h"

namespace tallymill {

/// What `on_fail:` of a gate does to the dataset it stands before.
enum class OnFail { warn, block, fail };

/// A dataset a job names, and where it names it.
struct DatasetUse {
  std::string dataset;
  SourcePosition where;
};

/// A workspace file a job depends on (rules/x.lua, tables/y.csv): pinned by the run.
struct FileUse {
  std::string path;  ///< relative to the workspace
  SourcePosition where;
};

/// What a job reads and makes, known from its YAML alone. The scheduler sees jobs only like this.
struct JobShape {
  std::vector<DatasetUse> inputs;
  std::vector<DatasetUse> outputs;   ///< data; visible only when the job succeeds
  std::vector<DatasetUse> evidence;  ///< `<job>.rejects` and the like
  std::string gates;                 ///< the dataset this job gates; empty: none
  OnFail on_fail = OnFail::warn;
  std::vector<FileUse> files;
  std::vector<DatasetUse> connectors;  ///< connector names
  bool needs_engine = true;            ///< false: the job never opens DuckDB
  bool reads_source = false;  ///< the worker reports source_state; unchanged sources end early
  bool reads_as_of = false;   ///< depends on the run's as-of instant (freshness): never up to date
  bool has_outside_effect = false;  ///< writes outside the state folder
  bool waits_for_person = false;    ///< no worker: a person approves it or rejects it
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
