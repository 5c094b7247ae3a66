#include "worker/fork_server.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <future>
#include <thread>

#include "core/fork_channel.h"
#include "datasets/engine.h"
#include "worker/worker.h"

namespace tallymill {
namespace {

constexpr int kLockFd = 3;  // of a worker
constexpr int kFirstFreeFd = 10;
/// An idle server holds memory for nothing.
constexpr std::chrono::seconds kIdle{5};

/// A child of this process's parent, which can wait for it like for one it spawned itself. There
/// is no such function in the C library; this process has one thread and holds no locks.
pid_t fork_for_parent() {
  return static_cast<pid_t>(
      ::syscall(SYS_clone, CLONE_PARENT | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

void put(int descriptor, int number) {
  if (descriptor < 0 || ::dup2(descriptor, number) != number) std::_Exit(kExitNoResult);
}

int open_output(const std::filesystem::path& file) {
  return ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/// What posix_spawn does for a worker that is started directly (scheduler/executors/local.cpp).
void take_the_place_of_a_worker(const ForkRequest& request) {
  ::setpgid(0, 0);
  put(request.lock.get(), kLockFd);  // first: it may lie where the others go
  put(::open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
  put(open_output(request.folder / "stdout"), STDOUT_FILENO);
  put(open_output(request.folder / "stderr"), STDERR_FILENO);
  ::close_range(kLockFd + 1, ~0U, 0);
}

}  // namespace

std::optional<std::filesystem::path> serve_forks(bool needs_engine) {
  if (needs_engine) Engine::open_ahead();
  // In a worker fd 3 is the lock's. It stays taken here, so that no lock arrives there and is
  // closed with the request.
  const ForkChannel channel{UniqueFd(::fcntl(kForkChannelFd, F_DUPFD_CLOEXEC, kFirstFreeFd))};
  channel.answer({});
  while (const auto request = channel.read_request(kIdle)) {
    const pid_t pid = fork_for_parent();
    if (pid == 0) {
      take_the_place_of_a_worker(*request);
      return request->folder;
    }
    channel.answer({.pid = std::max(pid, 0), .problem = pid < 0 ? errno : 0});
  }
  return std::nullopt;
}

int run_forked_worker(const std::filesystem::path& folder) {
  std::packaged_task<int()> work([&] { return run_worker(folder); });
  std::future<int> code = work.get_future();
  std::thread(std::move(work)).join();
  return code.get();
}

}  // namespace tallymill
