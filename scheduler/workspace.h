#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/diagnostics.h"
#include "core/json.h"
#include "core/time/calendar.h"
#include "core/time/zone.h"
#include "scheduler/graph.h"
#include "scheduler/job_catalog.h"
#include "scheduler/notify/notification.h"
#include "scheduler/output_file.h"
#include "scheduler/retention.h"

namespace tallymill {

/// Who writes and who reads a dataset, over all graphs of the workspace.
struct DatasetInfo {
  std::string name;
  std::string graph;  ///< of the one job that writes it
  std::string job;
  bool evidence = false;
  PeriodKind period = PeriodKind::month;      ///< of the graph that writes it
  std::shared_ptr<const PartitionAxis> axis;  ///< of the job that writes it; null: none
  std::vector<std::pair<std::string, std::string>> readers;  ///< graph, job
  std::vector<std::pair<std::string, std::string>> gates;    ///< graph, job
};

/// A connector as tallymill.yaml declares it, ${env:NAME} expanded.
struct ConnectorSpec {
  std::string name;
  std::string type;
  json::value spec;  ///< YamlNode::to_json() of its mapping after expansion
  /// Columns of its sources that a job of the workspace calls sensitive.
  std::set<std::string> sensitive_columns = {};
};

/// `store:` of tallymill.yaml. Without `connect` the store is a SQLite file in the state folder.
struct StoreSpec {
  std::string connect = {};        ///< of PostgreSQL, as libpq reads it
  std::string password = {};       ///< never shown
  std::string password_file = {};  ///< relative to the workspace
};

/// A calendar of calendars/, and the files it was read from, relative to the workspace.
struct WorkspaceCalendar {
  std::shared_ptr<const Calendar> calendar;
  std::vector<std::string> files;
};

/// The resource pool of a job that names none: the workspace's slots alone.
inline constexpr std::string_view kAllSlots = "cpu";

/// A folder with tallymill.yaml, graphs/, rules/, params/, tables/, calendars/, tests/.
struct Workspace {
  std::filesystem::path root;        ///< absolute
  std::filesystem::path state;       ///< absolute; default <root>/.tallymill
  std::filesystem::path socket_dir;  ///< absolute; empty: the socket lies in the state folder
  std::string operators_group;       ///< whose people may use the socket; empty: the owner alone
  StoreSpec store;
  Retention retention;
  bool rules_need_approval = false;  ///< files of rules are proposals; the store decides
  std::string name;
  std::string currency = "CNY";
  int currency_scale = 2;
  int slots = 2;                                     ///< attempts at once
  std::uint64_t output_bytes = kDefaultOutputBytes;  ///< kept of an attempt's stdout, and stderr
  std::map<std::string, int> resource_pools;         ///< of those, attempts at once in each pool
  Zone zone;                                         ///< of schedules that name none; default UTC
  std::string default_calendar;  ///< of schedules and texts that name none; may be empty
  SourcePosition default_calendar_place;
  std::map<std::string, WorkspaceCalendar> calendars;
  std::map<std::string, ConnectorSpec> connectors;
  std::map<std::string, NotifyChannel> channels;
  NotifyRules notify;  ///< of graphs that do not say otherwise
  std::map<std::string, std::shared_ptr<const Graph>> graphs;
  std::map<std::string, DatasetInfo> datasets;
  /// By dataset: the columns that it or what it is made from calls sensitive. Only datasets that
  /// have some.
  std::map<std::string, std::set<std::string>> sensitive_origins;
  /// Texts by path that stand instead of files: what a run has pinned.
  std::map<std::string, std::string> instead;

  /// Columns of the job's source that are not its own and that others call sensitive, by what a job
  /// of the same connector says of a column of that name. Sorted.
  std::vector<std::string> hidden_columns(const JobShape& shape) const;
  /// What the datasets that the job reads, or those they are made from, call sensitive: their
  /// digests do not tell. Sorted.
  std::vector<std::string> sensitive_inputs(const JobShape& shape) const;

  /// Where a scheduler of this workspace takes requests.
  std::filesystem::path socket() const;

  /// Finds tallymill.yaml in `start` or the nearest parent. Throws Error(config) if there is none.
  static std::filesystem::path find_root(const std::filesystem::path& start);
  /// Loads everything, reports all problems of all files. The result is usable only if there are
  /// no errors. `only_graph`: load this graph and those it reads from; empty: all. `instead`: texts
  /// by path that stand instead of graph files, of the tables that list their partitions, of rules
  /// and parameter tables (a run goes on with what it has pinned).
  static Workspace load(const std::filesystem::path& root, const JobCatalog& catalog,
                        Diagnostics& diagnostics, const std::string& only_graph = {},
                        const std::map<std::string, std::string>& instead = {});
};

}  // namespace tallymill
