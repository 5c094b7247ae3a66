// Is the store at least as new as the attempt folders beside it?
#include <dirent.h>

#include <charconv>
#include <memory>
#include <unordered_set>

#include "core/error.h"
#include "core/files.h"
#include "scheduler/job_name.h"
#include "scheduler/scheduler.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

struct NamedHead {
  ChainHead head;
  fs::path folder;
};

/// The head that a folder's task.json names; number 0 if it has none.
NamedHead head_in(const fs::path& folder) {
  const fs::path file = folder / "task.json";
  if (!fs::exists(file)) return {{}, folder};
  try {
    const json::value task = parse_json(read_file(file), file.string());
    return {{json_integer(task.as_object(), "last_event"),
             json_text(task.as_object(), "last_event_hash")},
            folder};
  } catch (const std::exception&) {
    return {{}, folder};  // half-written when its scheduler was killed
  }
}

/// The newest attempt folder of a job: the one with the largest number.
fs::path newest_attempt(const fs::path& job, int& number) {
  fs::path newest;
  for (const auto& entry : fs::directory_iterator(job)) {
    const std::string name = entry.path().filename().string();
    int found = 0;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), found);
    if (problem != std::errc() || end != name.data() + name.size() || found <= number) continue;
    number = found;
    newest = entry.path();
  }
  return newest;
}

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  while (const dirent* entry = open ? ::readdir(open.get()) : nullptr)
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  return names;
}

bool holds_event(Store& store, const ChainHead& head) {
  if (head.number == 0) return true;
  const auto rows = store.view().database().select("select hash from event where number = :p0", "t",
                                                   {head.number});
  return !rows.empty() && rows[0].text(0) == head.hash;
}

void require_event(Store& store, const NamedHead& named) {
  if (holds_event(store, named.head)) return;
  throw Error(
      ErrorClass::config,
      store.view().database().address().text() + " ends at event " +
          std::to_string(store.head().number) + ", but '" + named.folder.string() +
          "' was made after event " + std::to_string(named.head.number) +
          " of another or a newer store; put the newer store back, or restore a backup with "
          "'tallymill restore', which moves newer folders to the trash");
}

/// The jobs of a run whose attempts the store knows all of: they are done, and numbers of one job
/// follow each other.
std::unordered_set<std::string> settled_jobs(Store& store, const std::string& run) {
  std::unordered_set<std::string> settled;
  const auto jobs = store.view().tried_jobs(run);
  settled.reserve(jobs.size());
  for (const auto& [job, is_open] : jobs)
    if (!is_open) settled.insert(StateFolder::job_folder(job));
  return settled;
}

}  // namespace

void require_current_store(const StateFolder& state, Store& store) {
  std::error_code none;
  for (const auto& run : fs::directory_iterator(state.attempts(), none)) {
    const std::string id = run.path().filename().string();
    const auto record = store.view().run(id);
    // An ended run makes no more attempts: the store knows all that it ever had.
    if (record && record->state == RunState::ended) continue;
    const std::unordered_set<std::string> settled =
        record ? settled_jobs(store, id) : std::unordered_set<std::string>();
    // By name alone: a run may have 100,000 jobs, and all but a few are done.
    for (const std::string& job : names_in(run.path())) {
      if (settled.contains(job)) continue;
      int number = 0;
      const fs::path newest = newest_attempt(run.path() / job, number);
      if (!newest.empty()) require_event(store, head_in(newest));
    }
  }
}

}  // namespace tallymill
