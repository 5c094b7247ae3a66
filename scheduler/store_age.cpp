// Is the store at least as new as the attempt folders beside it?
#include <dirent.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "core/error.h"
#include "core/files.h"
#include "core/task.h"
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
  const fs::path file = folder / kTaskFile;
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

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
  while (const dirent* entry = open ? ::readdir(open.get()) : nullptr)
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  return names;
}

/// The newest attempt folder of each job that is not `settled`: the one with the largest number.
/// By name alone: a run may have 100,000 jobs, and all but a few are done.
std::vector<fs::path> newest_attempts(const fs::path& run,
                                      const std::unordered_set<std::string>& settled) {
  std::unordered_map<std::string, int> newest;
  for (const std::string& name : names_in(run)) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos) continue;
    int number = 0;
    const char* end = name.data() + name.size();
    const auto [read, problem] = std::from_chars(name.data() + dot + 1, end, number);
    std::string job = name.substr(0, dot);
    if (problem != std::errc() || read != end || settled.contains(job)) continue;
    int& known = newest[std::move(job)];
    known = std::max(known, number);
  }
  std::vector<fs::path> folders;
  for (const auto& [job, number] : newest)
    folders.push_back(run / (job + "." + std::to_string(number)));
  return folders;
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
    if (!is_open) settled.insert(StateFolder::job_part(job));
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
    for (const fs::path& folder : newest_attempts(run.path(), settled))
      require_event(store, head_in(folder));
  }
}

}  // namespace tallymill
