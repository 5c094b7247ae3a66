#include "scheduler/garbage.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

#include "core/files.h"
#include "core/text.h"
#include "scheduler/trash.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

/// Rows of one event: small enough to be read by people.
constexpr std::size_t kVersionsPerEvent = 500;

struct VersionRow {
  std::string dataset;
  std::string id;
  std::string period;
  std::string partition;
  std::string run;
  std::string published_at;
  bool visible = false;
  bool run_is_open = false;
};

using VersionKey = std::pair<std::string, std::string>;  // dataset, id

class Finder {
 public:
  Finder(const StateFolder& state, StoreView& store, const Retention& retention)
      : state_(state), database_(store.database()), retention_(retention) {}

  std::vector<Garbage> find() {
    read_store();
    find_versions();
    find_runs();
    find_orphans();
    find_lost_logs();
    find_blobs();
    for (const fs::path& folder : expired_trash(state_))
      add({.kind = GarbageKind::trash,
           .name = folder.filename().string(),
           .why = "in the trash for an hour",
           .path = folder});
    return std::move(garbage_);
  }

 private:
  void read_store() {
    database_.each(
        "select version.dataset, version.id, version.period, version.partition, version.run,"
        " version.published_at, version.visible, coalesce(run.state, 'ended') from version"
        " left join run on run.id = version.run where version.removed = 0"
        " order by version.dataset, version.period, version.partition, version.event desc",
        "ttttttit", {}, [&](const SqlRow& row) {
          versions_.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4),
                               row.text(5), row.boolean(6), row.text(7) != "ended"});
        });
    for (const SqlRow& row :
         database_.select("select pin.dataset, pin.version from pin join run on run.id = pin.run"
                          " where run.state <> 'ended'",
                          "tt"))
      pinned_.emplace(row.text(0), row.text(1));
    for (const SqlRow& row :
         database_.select("select id from attempt where state = 'starting'", "t"))
      open_attempts_.insert(row.text(0));
  }

  void add(Garbage item) {
    item.bytes = item.path.empty() ? 0 : bytes_below(item.path);
    garbage_.push_back(std::move(item));
  }

  fs::path folder_of(const VersionRow& row) const {
    return state_.version(row.dataset, row.period, row.partition, row.id);
  }

  void find_versions() {
    KeepCount count(retention_.versions);
    const VersionRow* before = nullptr;
    for (const VersionRow& row : versions_) {
      if (!before || before->dataset != row.dataset || before->period != row.period ||
          before->partition != row.partition)
        count = KeepCount(retention_.versions);
      before = &row;
      const bool may_go = !row.visible && !row.run_is_open &&
                          !pinned_.contains({row.dataset, row.id}) &&
                          !count.keeps(row.published_at);
      if (!may_go) {
        standing_.insert(folder_of(row).string());
        runs_with_versions_.insert(row.run);
        continue;
      }
      going_.insert(folder_of(row).string());
      add({.kind = GarbageKind::version,
           .name = row.dataset + " of " + row.period + (row.partition.empty() ? "" : " ") +
                   row.partition + ", version " + row.id,
           .why = "superseded, " + count.why(),
           .path = folder_of(row),
           .versions = {{row.dataset, row.id}}});
    }
  }

  /// Runs of a graph newest first: their logs, then all of them.
  void find_runs() {
    if (!retention_.logs.is_set() && !retention_.runs.is_set()) return;
    for (const SqlRow& row : database_.select(
             "select distinct attempt.run from result join attempt on attempt.id = result.attempt",
             "t"))
      runs_with_versions_.insert(row.text(0));
    std::map<std::string, std::pair<KeepCount, KeepCount>> counts;  // of a graph: logs, runs
    std::set<std::pair<std::string, std::string>> periods;
    for (const SqlRow& row : database_.select(
             "select id, graph, period, ended_at, state from run order by event desc", "ttttt")) {
      const bool is_newest = periods.emplace(row.text(1), row.text(2)).second;
      auto& [logs, runs] =
          counts.try_emplace(row.text(1), KeepCount(retention_.logs), KeepCount(retention_.runs))
              .first->second;
      if (row.text(4) != "ended") continue;
      const bool keeps_run =
          runs.keeps(row.text(3)) || is_newest || runs_with_versions_.contains(row.text(0));
      const bool keeps_logs = logs.keeps(row.text(3)) && keeps_run;
      if (!keeps_logs) find_logs(row.text(0), keeps_run ? logs.why() : "of a run that goes");
      if (!keeps_run)
        add({.kind = GarbageKind::run,
             .name = "run " + row.text(0),
             .why = runs.why(),
             .run = row.text(0),
             .versions = versions_of(row.text(0))});
    }
  }

  void find_logs(const std::string& run, const std::string& why) {
    const fs::path folder = state_.attempts_of(run);
    if (!fs::exists(folder)) return;
    add({.kind = GarbageKind::log, .name = "attempts of run " + run, .why = why, .path = folder});
  }

  /// All rows of versions the run has made; only removed ones are left when it goes.
  std::vector<VersionKey> versions_of(const std::string& run) {
    if (versions_of_runs_.empty() && !read_versions_of_runs_) {
      read_versions_of_runs_ = true;
      database_.each("select run, dataset, id from version where visible = 0", "ttt", {},
                     [&](const SqlRow& row) {
                       versions_of_runs_[row.text(0)].emplace_back(row.text(1), row.text(2));
                     });
    }
    const auto found = versions_of_runs_.find(run);
    return found == versions_of_runs_.end() ? std::vector<VersionKey>() : found->second;
  }

  /// Version folders that nobody names: a kill between rename and commit, or between the record of
  /// a removal and the removal.
  void find_orphans() {
    std::error_code none;
    for (fs::recursive_directory_iterator it(state_.datasets(), none), end; it != end;
         it.increment(none)) {
      if (it.depth() != 3) continue;  // dataset, period, partition, version
      it.disable_recursion_pending();
      const std::string folder = it->path().string();
      if (standing_.contains(folder) || going_.contains(folder) || is_of_open_attempt(it->path()))
        continue;
      add({.kind = GarbageKind::orphan,
           .name = it->path().lexically_relative(state_.root()).string(),
           .why = "the store does not name it",
           .path = it->path()});
    }
  }

  bool is_of_open_attempt(const fs::path& folder) const {
    const std::string name = folder.filename().string();
    return std::any_of(open_attempts_.begin(), open_attempts_.end(),
                       [&](const std::string& id) { return percent_encode(id) == name; });
  }

  /// Attempts of runs that were removed when something was killed before their folder went.
  void find_lost_logs() {
    std::unordered_set<std::string> runs;
    for (const SqlRow& row : database_.select("select id from run", "t"))
      runs.insert(percent_encode(row.text(0)));
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(state_.attempts(), none))
      if (!runs.contains(entry.path().filename().string()))
        add({.kind = GarbageKind::orphan,
             .name = entry.path().lexically_relative(state_.root()).string(),
             .why = "the store does not name it",
             .path = entry.path()});
  }

  /// Pinned files that no run of the store names any more.
  void find_blobs() {
    std::unordered_set<std::string> named;
    for (const SqlRow& row : database_.select("select distinct sha256 from run_file", "t"))
      named.insert(row.text(0));
    std::error_code none;
    for (fs::recursive_directory_iterator it(state_.blobs(), none), end; it != end;
         it.increment(none))
      if (it->is_regular_file(none) && !named.contains(it->path().filename().string()))
        add({.kind = GarbageKind::orphan,
             .name = it->path().lexically_relative(state_.root()).string(),
             .why = "no run has it pinned",
             .path = it->path()});
  }

  const StateFolder& state_;
  Database& database_;
  const Retention& retention_;
  std::vector<VersionRow> versions_;
  std::set<VersionKey> pinned_;
  std::set<std::string> open_attempts_;
  std::unordered_set<std::string> standing_;  ///< version folders that stay
  std::unordered_set<std::string> going_;
  std::set<std::string> runs_with_versions_;
  bool read_versions_of_runs_ = false;
  std::map<std::string, std::vector<VersionKey>> versions_of_runs_;
  std::vector<Garbage> garbage_;
};

json::array keys_json(const std::vector<VersionKey>& keys) {
  json::array list;
  for (const auto& [dataset, id] : keys)
    list.push_back(json::object{{"dataset", dataset}, {"version", id}});
  return list;
}

void record_versions(Store& store, std::vector<VersionKey>& keys) {
  if (keys.empty()) return;
  store.append({"versions_removed", "", "", "retention", {{"versions", keys_json(keys)}}});
  keys.clear();
}

}  // namespace

std::string_view to_string(GarbageKind kind) {
  switch (kind) {
    case GarbageKind::version:
      return "version";
    case GarbageKind::orphan:
      return "orphan";
    case GarbageKind::log:
      return "log";
    case GarbageKind::run:
      return "run";
    case GarbageKind::trash:
      break;
  }
  return "trash";
}

json::array garbage_json(const std::vector<Garbage>& garbage) {
  json::array list;
  for (const Garbage& item : garbage)
    list.push_back(json::object{{"kind", json::string(to_string(item.kind))},
                                {"name", item.name},
                                {"why", item.why},
                                {"path", item.path.string()},
                                {"bytes", item.bytes}});
  return list;
}

std::vector<Garbage> garbage_from(const json::array& list) {
  std::vector<Garbage> garbage;
  for (const json::value& value : list) {
    const json::object& object = value.as_object();
    Garbage item{.name = json_text(object, "name"),
                 .why = json_text(object, "why"),
                 .path = json_text(object, "path"),
                 .bytes = static_cast<std::uint64_t>(json_integer(object, "bytes"))};
    for (const GarbageKind kind : {GarbageKind::version, GarbageKind::orphan, GarbageKind::log,
                                   GarbageKind::run, GarbageKind::trash})
      if (json_text(object, "kind") == to_string(kind)) item.kind = kind;
    garbage.push_back(std::move(item));
  }
  return garbage;
}

std::vector<Garbage> find_garbage(const StateFolder& state, StoreView& store,
                                  const Retention& retention) {
  return Finder(state, store, retention).find();
}

void remove_garbage(const StateFolder& state, Store& store, const std::vector<Garbage>& garbage) {
  std::vector<VersionKey> keys;
  for (const Garbage& item : garbage) {
    if (item.kind == GarbageKind::version) keys.push_back(item.versions.front());
    if (keys.size() == kVersionsPerEvent) record_versions(store, keys);
  }
  record_versions(store, keys);
  for (const Garbage& item : garbage)
    if (item.kind == GarbageKind::run)
      store.append(
          {"run_removed", item.run, "", "retention", {{"versions", keys_json(item.versions)}}});
  store.commit();
  Trash trash(state, "gc");
  for (const Garbage& item : garbage) {
    if (item.kind == GarbageKind::trash)
      delete_tree(item.path);
    else if (!item.path.empty())
      trash.take(item.path);
  }
}

}  // namespace tallymill
