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
#include "core/time/calendar.h"
#include "core/time/date_language.h"
#include "core/time/period.h"
#include "core/time/schedule.h"
#include "core/yaml.h"
#include "scheduler/condition.h"
#include "scheduler/deadline.h"
#include "scheduler/notify/notification.h"
#include "scheduler/partition_axis.h"
#include "scheduler/trigger_rule.h"

namespace tallymill {

/// Waiting time before try n+1 is first * factor^(n-1), at most max.
struct Backoff {
  std::chrono::milliseconds first{30'000};
  double factor = 2;
  std::chrono::milliseconds max{600'000};
};

/// Tries after the first, by the class of what went wrong. The other classes come from the data,
/// the files or the program: trying again would find them the same.
struct Retries {
  int transient = 0;
  int memory = 1;  ///< with one thread
  friend bool operator==(const Retries&, const Retries&) = default;
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

/// `when:` of a job: what those before it must have come to, and what else must hold.
struct When {
  TriggerRule rule = TriggerRule::all_success;
  std::shared_ptr<const Condition> condition;  ///< null: none
  YamlNode text;                               ///< of the condition
};

struct JobNode {
  JobSpec spec;
  JobShape shape;
  std::vector<Edge> needs;           ///< incoming edges, one per (from, kind, dataset)
  std::vector<JobIndex> dependents;  ///< outgoing, each job once, ascending
  /// "north." of a job that node `north` took in: what its needs and conditions name begins with
  /// it.
  std::string inside;
  When when;
  std::vector<Deadline> deadlines;  ///< its own, and of the datasets it makes
  Retries retries;
  Backoff backoff;
  std::chrono::milliseconds timeout{3'600'000};
  std::chrono::milliseconds queue_timeout{0};  ///< ready and not started; 0: however long
  std::string resource_pool = "cpu";
  int priority = 0;                           ///< larger first; ties: graph order
  DateNeeds dates;                            ///< of its paths and texts
  std::shared_ptr<const PartitionAxis> axis;  ///< null: the job is not partitioned
  std::string
      partition;  ///< the value of `axis` this is about; empty: not partitioned, or no list yet

  bool was_spread = false;  ///< stands for nothing any more: its partitions do

  /// Becomes one job run per value as soon as the list of its axis is known.
  bool awaits_list() const { return axis && partition.empty() && !was_spread; }
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

/// A node that took in the jobs of a block: jobs first to end - 1, in file order.
struct BlockNode {
  JobIndex begin = 0;  ///< waits for what the node waits for; equals first
  JobIndex end = 0;    ///< comes after all of them, and bears the node's name
};

/// A place of Graph::name_slots.
struct NameSlot {
  static constexpr JobIndex kFree = UINT32_MAX;
  std::uint32_t hash = 0;
  JobIndex job = kFree;
};

/// A loaded, checked graph. Immutable; shared by its runs. A job with declared partitions stands in
/// it once per value, called `job[value]` (job_name.h).
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
  std::vector<JobNode> jobs;                     ///< in file order, partitions in theirs
  std::vector<BlockNode> blocks;                 ///< inner ones before outer ones
  std::vector<JobIndex> order;                   ///< topological, ties in file order
  std::vector<JobIndex> by_name;                 ///< sorted by job name, for names_of()
  std::vector<NameSlot> name_slots;              ///< a hash table of job names, for find()
  std::shared_ptr<const YamlDocument> document;  ///< keeps the specs' nodes alive
  /// The same for what blocks were filled with.
  std::vector<std::shared_ptr<const YamlDocument>> block_documents;

  std::shared_ptr<const Calendar> calendar;  ///< its schedule's, else the workspace's; may be null
  Zone zone;                                 ///< its schedule's, else the workspace's

  /// By the name within a run.
  const JobNode* find(std::string_view name) const;
  /// Fills by_name and name_slots; to be called whenever jobs have come or their names changed.
  void index_names();
  /// The names of the job's runs: its own, or those of its partitions.
  std::vector<std::string> names_of(std::string_view job) const;
  /// The job, or the first of its partitions.
  const JobNode* find_job(std::string_view job) const;
  /// Of the file's text, of the blocks it took in and of tabled partitions: equal for equal graphs.
  std::string content_hash() const;
};

}  // namespace tallymill
