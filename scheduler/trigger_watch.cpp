#include "scheduler/trigger_watch.h"

#include <glob.h>
#include <sys/stat.h>

#include <algorithm>

#include "core/digest.h"
#include "core/error.h"
#include "core/time/date_language.h"
#include "core/time/fire.h"
#include "scheduler/trigger_reader.h"

namespace tallymill {
namespace {

/// Files may be late by so many periods, or early by the one that has not ended.
constexpr int kPeriodsBack = 6;
constexpr std::string_view kWildcards = "*?[";

std::vector<std::string> files_of(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> files;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
    files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return files;
}

/// The nearest folder that exists and that every file of the pattern lies below.
std::filesystem::path folder_of(const std::string& pattern) {
  std::filesystem::path folder =
      std::filesystem::path(pattern.substr(0, pattern.find_first_of(kWildcards))).parent_path();
  std::error_code none;
  while (!std::filesystem::is_directory(folder, none) && folder.has_relative_path())
    folder = folder.parent_path();
  return folder;
}

/// What files are, without reading them: a file that is delivered anew has another time.
struct FileState {
  std::string digest;
  std::int64_t newest = 0;  ///< seconds
};
FileState state_of(const std::vector<std::string>& files) {
  Fingerprint fingerprint;
  FileState state;
  for (const std::string& file : files) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) continue;
    fingerprint.add(file)
        .add(std::to_string(status.st_size))
        .add(std::to_string(status.st_mtim.tv_sec))
        .add(std::to_string(status.st_mtim.tv_nsec));
    state.newest = std::max<std::int64_t>(state.newest, status.st_mtim.tv_sec);
  }
  state.digest = fingerprint.hex().substr(0, 24);
  return state;
}

std::string expand(const std::string& text, const Graph& graph, const Workspace& workspace,
                   const Period& period) {
  DateScope scope;
  scope.period = period;
  scope.zone = graph.schedule ? graph.schedule->zone : workspace.zone;
  if (graph.schedule) scope.calendar = graph.schedule->calendar;
  std::vector<TextProblem> problems;
  return expand_dates(text, scope, problems).value_or("");
}

}  // namespace

void TriggerWatch::published(const std::set<std::string>& datasets) {
  published_.insert(datasets.begin(), datasets.end());
}

WhileActive TriggerWatch::while_active(const Graph& graph) const {
  return graph.schedule ? graph.schedule->while_active : WhileActive::queue;
}

void TriggerWatch::look(Instant now) {
  const bool files_changed = !watch_.take().empty() || (next_quiet_ && *next_quiet_ <= now);
  const bool all = std::exchange(look_at_all_, false);
  if (!all && !files_changed && published_.empty()) return;
  if (all || files_changed) {
    next_quiet_.reset();
    folders_.clear();
  }
  for (const auto& [name, graph] : scheduler_.workspace().graphs)
    for (const GraphTrigger& trigger : graph->triggers)
      if (all || (trigger.dataset.empty() ? files_changed : published_.contains(trigger.dataset)))
        look_at(*graph, trigger, now);
  published_.clear();
  if (all || files_changed) watch_.set(folders_);
}

bool TriggerWatch::is_first_look(const Graph& graph, const GraphTrigger& trigger) {
  Store& store = scheduler_.store();
  if (trigger_state(store.view(), graph.name, trigger.cause, "")) return false;
  store.append(
      to_event(TriggerSeen{graph.name, trigger.cause, "", std::to_string(store.head().number)}));
  return true;
}

void TriggerWatch::look_at(const Graph& graph, const GraphTrigger& trigger, Instant now) {
  if (trigger.dataset.empty())
    look_at_files(graph, trigger, now);
  else
    look_at_dataset(graph, trigger, now);
}

void TriggerWatch::look_at_files(const Graph& graph, const GraphTrigger& trigger, Instant now) {
  const Workspace& workspace = scheduler_.workspace();
  const Zone zone = graph.schedule ? graph.schedule->zone : workspace.zone;
  const LocalTime local = zone.local(now);
  is_first_look(graph, trigger);
  if (trigger.path.find("${") == std::string::npos)
    return look_at_period(graph, trigger, period_of(local, graph.period, 0), now);
  const Period current = Period::containing(graph.period, local.day());
  for (int back = 0; back <= kPeriodsBack; ++back)
    look_at_period(graph, trigger, current.next(-back), now);
}

void TriggerWatch::look_at_period(const Graph& graph, const GraphTrigger& trigger,
                                  const Period& period, Instant now) {
  const Workspace& workspace = scheduler_.workspace();
  const std::filesystem::path root = trigger_root(workspace, trigger.connector);
  const std::string pattern = (root / expand(trigger.path, graph, workspace, period)).string();
  folders_.insert(folder_of(pattern));
  std::vector<std::string> files = files_of(pattern);
  if (!trigger.control.empty()) {
    const std::string control = (root / expand(trigger.control, graph, workspace, period)).string();
    folders_.insert(folder_of(control));
    const std::vector<std::string> controls = files_of(control);
    if (controls.empty()) return;
    files.insert(files.end(), controls.begin(), controls.end());
  }
  if (files.empty()) return;
  const FileState state = state_of(files);
  // Without a period in its name the same file must not count again for the next period.
  const bool is_named = trigger.path.find("${") != std::string::npos;
  const std::string item = is_named ? period.text() : "files";
  if (trigger_state(scheduler_.store().view(), graph.name, trigger.cause, item) == state.digest)
    return;
  if (trigger.quiet) {
    const std::int64_t seconds = (trigger.quiet->count() + 999) / 1000;
    const Instant quiet_at{state.newest + seconds};
    if (quiet_at > now) {
      if (!next_quiet_ || quiet_at < *next_quiet_) next_quiet_ = quiet_at;
      return;
    }
  }
  queue_.add({graph.name, trigger.cause, item, state.digest},
             {graph.name, period.text(), now.text(), trigger.cause}, while_active(graph));
}

void TriggerWatch::look_at_dataset(const Graph& graph, const GraphTrigger& trigger, Instant now) {
  StoreView& view = scheduler_.store().view();
  is_first_look(graph, trigger);
  const std::int64_t since =
      std::stoll(trigger_state(view, graph.name, trigger.cause, "").value_or("0"));
  std::vector<VersionRecord> versions = view.versions(trigger.dataset);
  std::reverse(versions.begin(), versions.end());  // the oldest first
  for (const VersionRecord& version : versions) {
    if (!version.visible || version.event <= since) continue;
    const GateState gate = view.gate_state(version);
    if (gate == GateState::ungated || gate == GateState::refused) continue;
    const std::string item = version.period + " " + version.partition;
    if (trigger_state(view, graph.name, trigger.cause, item) == version.id) continue;
    const auto made_for = Period::parse(version.period);
    if (!made_for) continue;
    const Period period = made_for->kind() == graph.period
                              ? *made_for
                              : Period::containing(graph.period, made_for->first_day());
    queue_.add({graph.name, trigger.cause, item, version.id},
               {graph.name, period.text(), now.text(), trigger.cause}, while_active(graph));
  }
}

}  // namespace tallymill
