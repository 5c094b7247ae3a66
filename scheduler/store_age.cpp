// Is the store at least as new as the attempt folders beside it?
#include <charconv>
#include <map>

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

/// The numbers of the newest attempts the store knows, by their job's folder name.
std::map<std::string, int> known_attempts(Store& store, const std::string& run) {
  std::map<std::string, int> known;
  for (const SqlRow& row : store.view().database().select(
           "select job, partition, max(number) from attempt where run = :p0"
           " group by job, partition",
           "tti", {run}))
    known.emplace(StateFolder::job_folder(job_name(row.text(0), row.text(1))),
                  static_cast<int>(row.integer(2)));
  return known;
}

/// Numbers follow each other: an attempt that the store does not know has the next one. One look
/// per job, not a listing: a run may have 100,000.
bool may_have_newer(const fs::path& job, int known) {
  return known == 0 || fs::exists(job / std::to_string(known + 1));
}

}  // namespace

void require_current_store(const StateFolder& state, Store& store) {
  std::error_code none;
  for (const auto& run : fs::directory_iterator(state.attempts(), none)) {
    const std::string id = run.path().filename().string();
    const auto record = store.view().run(id);
    // An ended run makes no more attempts: the store knows all that it ever had.
    if (record && record->state == RunState::ended) continue;
    const std::map<std::string, int> attempts =
        record ? known_attempts(store, id) : std::map<std::string, int>();
    for (const auto& job : fs::directory_iterator(run.path(), none)) {
      const auto found = attempts.find(job.path().filename().string());
      int known = found == attempts.end() ? 0 : found->second;
      if (!may_have_newer(job.path(), known)) continue;
      const fs::path newest = newest_attempt(job.path(), known);
      if (!newest.empty()) require_event(store, head_in(newest));
    }
  }
}

}  // namespace tallymill
