#include "scheduler/executors/local.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "core/task.h"
#include "scheduler/executors/lock_holders.h"
#include "scheduler/executors/pidfd.h"
#include "scheduler/executors/spawn_setup.h"

namespace tallymill {
namespace {

using namespace std::chrono_literals;

/// Between two looks at what the workers print. What one prints meanwhile is what it may take of
/// the disk beyond its budget.
constexpr auto kBetweenLooks = 200ms;

constexpr int kOutputTimer = 0;  // among the process ids that epoll names

constexpr int kLockFd = 3;  // the worker's end of the protocol: fd 3 is its attempt's lock

/// The descriptors every worker gets: its lock, and its logs.
void redirect(SpawnSetup& setup, const Launch& launch) {
  constexpr int kAppend = O_WRONLY | O_CREAT | O_APPEND;
  // The lock comes first: opening fds 0 to 2 could otherwise hit it if it had such a number.
  // dup2 onto itself clears close-on-exec, which is just as well.
  ::posix_spawn_file_actions_adddup2(setup.actions(), launch.lock, kLockFd);
  ::posix_spawn_file_actions_addopen(setup.actions(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(setup.actions(), STDOUT_FILENO,
                                     (launch.folder / "stdout").c_str(), kAppend, 0600);
  ::posix_spawn_file_actions_addopen(setup.actions(), STDERR_FILENO,
                                     (launch.folder / "stderr").c_str(), kAppend, 0600);
  ::posix_spawn_file_actions_addclosefrom_np(setup.actions(), kLockFd + 1);
}

Error spawn_error(const std::filesystem::path& program, int code) {
  const bool machine_is_full = code == EAGAIN || code == ENOMEM || code == EMFILE || code == ENFILE;
  return Error(machine_is_full ? ErrorClass::transient : ErrorClass::config,
               "cannot start the worker '" + program.string() + "': " + std::strerror(code) +
                   (machine_is_full ? "" : "; reinstall Tallymill or rebuild it"));
}

void keep_ends_of_output(const std::filesystem::path& folder, std::uint64_t bytes) {
  for (const char* file : {"stdout", "stderr"}) keep_ends(folder / file, bytes);
}

std::chrono::microseconds micros(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

}  // namespace

std::filesystem::path LocalExecutor::default_program() {
  return executable_folder() / "tallymill-worker";
}

LocalExecutor::LocalExecutor(std::filesystem::path program)
    : program_(std::move(program)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      output_timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
  if (!std::filesystem::is_regular_file(program_) || ::access(program_.c_str(), X_OK) != 0)
    throw Error(ErrorClass::config,
                "the worker program '" + program_.string() +
                    "' is missing or cannot be executed; reinstall Tallymill or rebuild it");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = kOutputTimer;
  if (!epoll_.is_open() || !output_timer_.is_open() ||
      ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, output_timer_.get(), &event) != 0)
    throw Error(ErrorClass::transient,
                std::string("cannot watch worker processes: ") + std::strerror(errno));
}

int LocalExecutor::spawn_directly(const Launch& launch) const {
  SpawnSetup setup(launch.own_group);
  redirect(setup, launch);
  std::string program = program_.string();
  std::string folder = launch.folder.string();
  const std::array<char*, 3> arguments{program.data(), folder.data(), nullptr};
  pid_t pid = 0;
  const int code = ::posix_spawn(&pid, program.c_str(), setup.actions(), setup.attributes(),
                                 arguments.data(), environ);
  if (code != 0) throw spawn_error(program_, code);
  return pid;
}

std::optional<int> LocalExecutor::fork(const Launch& launch) {
  if (!launch.own_group) return std::nullopt;
  ForkLine& line = lines_[launch.needs_engine ? 1 : 0];
  std::optional<int> pid;
  if (line.server && line.server->is_ready()) {
    pid = line.server->fork(launch);
    // The child does this too, whoever is first: a signal to the group may be next.
    if (pid)
      ::setpgid(*pid, *pid);
    else
      line.server.reset();
  } else if (!line.server && line.has_begun && !line.cannot_fork) {
    line.server.emplace(program_, launch.needs_engine);
    watch(line.server->pidfd(), line.server->pid());
  }
  line.has_begun = true;
  return pid;
}

void LocalExecutor::note_ended_server(int pid) {
  for (ForkLine& line : lines_) {
    if (!line.server || line.server->pid() != pid) continue;
    line.cannot_fork = !line.server->is_ready();
    line.server.reset();
  }
}

bool LocalExecutor::watch(int pidfd, int pid) const {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = pid;
  return pidfd >= 0 && ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, pidfd, &event) == 0;
}

std::string LocalExecutor::spawn(const Launch& launch) {
  const std::optional<int> forked = fork(launch);
  const pid_t pid = forked ? *forked : spawn_directly(launch);
  Child child{UniqueFd(::pidfd_open(pid, 0)), launch.folder, launch.own_group, launch.output_bytes};
  if (!watch(child.pidfd.get(), pid)) {
    const int problem = errno;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    throw spawn_error(program_, problem);
  }
  children_.emplace(pid, std::move(child));
  look_at_output_later();
  return std::to_string(pid);
}

std::vector<AttemptExit> LocalExecutor::collect() {
  std::vector<AttemptExit> exits;
  std::array<epoll_event, 64> events{};
  const int ready = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < ready; ++i) {
    const pid_t pid = events[static_cast<std::size_t>(i)].data.fd;
    if (pid == kOutputTimer) look_at_output();
    note_ended_server(pid);
    const auto child = children_.find(pid);
    if (child == children_.end()) continue;
    // The leader is not reaped yet, so its id still names exactly its group: whatever it left
    // behind ends with it.
    if (child->second.own_group) ::kill(-pid, SIGKILL);
    int status = 0;
    rusage usage{};
    if (::wait4(pid, &status, WNOHANG, &usage) != pid) continue;
    // A child that left the group keeps the lock; an attempt has ended only when that is free.
    if (is_alive(child->second.folder)) end(child->second.folder, 0ms);
    keep_ends_of_output(child->second.folder, child->second.output_bytes);
    exits.push_back({.handle = std::to_string(pid),
                     .code = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                     .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                     .cpu = micros(usage.ru_utime) + micros(usage.ru_stime),
                     .max_resident_bytes = usage.ru_maxrss * 1024});
    children_.erase(child);
  }
  return exits;
}

void LocalExecutor::look_at_output_later() {
  if (timer_runs_) return;
  itimerspec once{};
  once.it_value.tv_nsec = std::chrono::nanoseconds(kBetweenLooks).count();
  timer_runs_ = ::timerfd_settime(output_timer_.get(), 0, &once, nullptr) == 0;
}

void LocalExecutor::look_at_output() {
  std::uint64_t times = 0;
  if (::read(output_timer_.get(), &times, sizeof times) != sizeof times) return;
  timer_runs_ = false;
  for (const auto& [pid, child] : children_) keep_ends_of_output(child.folder, child.output_bytes);
  if (!children_.empty()) look_at_output_later();
}

void LocalExecutor::stop(const std::string& handle, StopSignal signal) {
  const pid_t pid = static_cast<pid_t>(std::stol(handle));
  const auto child = children_.find(pid);
  if (child == children_.end()) return;
  const int number = signal == StopSignal::terminate ? SIGTERM : SIGKILL;
  ::kill(child->second.own_group ? -pid : pid, number);
}

bool LocalExecutor::is_alive(const std::filesystem::path& folder) const {
  const auto lock = folder / kTaskFile;
  return std::filesystem::exists(lock) && FileLock::is_held(lock);
}

void LocalExecutor::end(const std::filesystem::path& folder, std::chrono::milliseconds patience) {
  end_lock_holders(folder / kTaskFile, patience);
}

}  // namespace tallymill
