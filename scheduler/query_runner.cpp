#include "scheduler/query_runner.h"

#include <poll.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "core/digest.h"
#include "core/error.h"
#include "core/files.h"
#include "scheduler/attempt_folder.h"
#include "scheduler/executors/local.h"
#include "scheduler/machine.h"
#include "scheduler/state_folder.h"

namespace tallymill {
namespace {

/// Removes the folder when the query is over, however it ends.
class QueryFolder {
 public:
  QueryFolder(const Task& task, HeldFolder& queries)
      : path_(task.folder), lock_(make_attempt(task, queries)) {}
  QueryFolder(const QueryFolder&) = delete;
  QueryFolder& operator=(const QueryFolder&) = delete;
  ~QueryFolder() {
    std::error_code problem;
    std::filesystem::remove_all(path_, problem);
  }
  int lock() const { return lock_ ? lock_->fd() : -1; }
  void close_lock() { lock_.reset(); }

 private:
  std::filesystem::path path_;
  std::optional<FileLock> lock_;
};

/// Folders of queries whose tallymill was killed: old, and nobody holds their locks any more.
/// Young ones are left alone, they may be in the making or about to be read.
void sweep(const std::filesystem::path& queries) {
  std::error_code problem;
  const auto an_hour_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  for (const auto& entry : std::filesystem::directory_iterator(queries, problem)) {
    if (entry.last_write_time(problem) > an_hour_ago) continue;
    const auto lock = entry.path() / kTaskFile;
    if (!std::filesystem::exists(lock, problem) || !FileLock::is_held(lock))
      std::filesystem::remove_all(entry.path(), problem);
  }
}

/// A rendered error, "WHERE: error: WHAT" or "error: WHAT", to be rendered once more.
std::string unprefixed(std::string text) {
  constexpr std::string_view kPrefix = "error: ";
  const std::size_t at = text.find(kPrefix);
  if (at < text.find('\n') && (at == 0 || text.compare(at - 2, 2, ": ") == 0))
    text.erase(at, kPrefix.size());
  return text;
}

AttemptExit wait_for_exit(LocalExecutor& executor) {
  for (;;) {
    pollfd wait{.fd = executor.ready_fd(), .events = POLLIN, .revents = 0};
    ::poll(&wait, 1, -1);
    for (AttemptExit& exit : executor.collect()) return exit;
  }
}

}  // namespace

PinnedFile file_of_query(std::string path, std::string text) {
  std::string sha256 = sha256_hex(text);
  return {
      .path = std::move(path), .sha256 = std::move(sha256), .blob = {}, .text = std::move(text)};
}

TaskResult run_query(const Workspace& workspace, Task task, const std::filesystem::path& worker) {
  const StateFolder state(workspace.state);
  state.prepare();
  sweep(state.queries());
  LocalExecutor executor(worker);
  task.attempt = "query-" + random_hex(8);
  task.folder = state.queries() / task.attempt;
  task.workspace = workspace.root;
  task.currency_scale = workspace.currency_scale;
  task.epoch = {.number = 0, .nonce = random_hex(16), .store_id = std::string(32, '0')};
  if (task.threads <= 0) task.threads = usable_cores();
  if (task.memory_bytes <= 0) task.memory_bytes = memory_per_attempt(workspace.slots);

  HeldFolder queries(state.queries());
  QueryFolder folder(task, queries);
  // Not in a group of its own: whoever presses Ctrl-C on a query wants its worker gone too.
  executor.spawn({.folder = task.folder, .lock = folder.lock(), .own_group = false});
  folder.close_lock();
  const AttemptExit exit = wait_for_exit(executor);
  AttemptEnding ending = read_ending(task.folder, task.attempt, task.epoch, exit, false, queries);
  if (!ending.result) throw Error(ending.error_class, ending.error);
  if (ending.result->outcome == TaskOutcome::failed)
    throw Error(ending.result->error_class, unprefixed(ending.result->error));
  return std::move(*ending.result);
}

}  // namespace tallymill
