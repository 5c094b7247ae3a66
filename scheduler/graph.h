#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/diagnostics.h"
#include "core/job_shape.h"
#include "core/task.h"
#include "core/time/period.h"
#include "core/time/schedule.h"
#include "core/yaml.h"
#include "scheduler/notify/notification.h"

namespace tallymill {

/// Waiting time before try n+1 is first * factor^(n-1), at most max.
struct Backoff {
  std::chrono::milliseconds first{30'000};
  double factor = 2;
  std::chrono::milliseconds max{600'000};
};

/// Why a job comes after another one.
enum class EdgeKind {
  job,   ///< `needs:`
  data,  ///< reads a dataset the other writes
  gate,  ///< reads a dataset the other gates
};

/// Indices are positions in Graph::jobs.
using JobIndex = std::uint32_t;

struct Edge {
  JobIndex from = 0;
  EdgeKind kind = EdgeKind::job;
  std::string dataset;  ///< with data and gate
};

struct JobNode {
  JobSpec spec;
  JobShape shape;
  std::vector<Edge> needs;           ///< incoming edges, one per (from, kind, dataset)
  std::vector<JobIndex> dependents;  ///< outgoing, each job once, ascending
  int retries = 0;                   ///< tries after the first
  Backoff backoff;
  std::chrono::milliseconds timeout{3'600'000};
  std::string resource_pool = "cpu";
  int priority = 0;  ///< larger first; ties: graph order
};

/// What makes a graph run by itself, beside its schedule: an entry of `triggers:`.
struct GraphTrigger {
  std::string cause;      ///< as events name it: "dataset orders", "file incoming/*.csv"
  std::string dataset;    ///< another graph publishes it; empty: files arrive
  std::string path;       ///< with `*`, `?`, `[...]` and ${...}
  std::string connector;  ///< below whose root; empty: below the workspace
  std::string control;    ///< a file that comes when the others are whole
  std::optional<std::chrono::milliseconds> quiet;  ///< or: no change for this long
  SourcePosition where;
};

/// A loaded, checked graph. Immutable; shared by its runs.
struct Graph {
  std::string name;
  std::string description;
  std::string file;    ///< relative to the workspace
  std::string sha256;  ///< of the file's text
  PeriodKind period = PeriodKind::month;
  std::shared_ptr<const Schedule> schedule;  ///< null: the graph runs only when told to
  std::vector<GraphTrigger> triggers = {};
  NotifyRules notify;                            ///< over the workspace's
  std::map<std::string, TaskParam> params;       ///< declared, with defaults
  std::vector<JobNode> jobs;                     ///< in file order
  std::vector<JobIndex> order;                   ///< topological, ties in file order
  std::vector<JobIndex> by_name;                 ///< sorted by job name, for find()
  std::shared_ptr<const YamlDocument> document;  ///< keeps the specs' nodes alive

  const JobNode* find(std::string_view job) const;
};

}  // namespace tallymill
