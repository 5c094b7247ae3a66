#include "scheduler/executors/fork_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "core/task.h"
#include "scheduler/executors/lock_holders.h"
#include "scheduler/executors/pidfd.h"
#include "scheduler/executors/spawn_setup.h"

namespace tallymill {
namespace {

using namespace std::chrono_literals;

/// A fork takes less than a millisecond. A server that is silent as long as this is stuck.
constexpr auto kPatience = 2s;

/// A child of this process, which somebody started for it in its name.
void end_child(const LockHolder& holder) {
  ::pidfd_send_signal(holder.pidfd.get(), SIGKILL, nullptr, 0);
  ::waitpid(holder.pid, nullptr, 0);
}

}  // namespace

ForkServer::ForkServer(const std::filesystem::path& program, bool needs_engine) {
  auto [ours, theirs] = ForkChannel::make();
  SpawnSetup setup(true);
  ::posix_spawn_file_actions_adddup2(setup.actions(), theirs.fd(), kForkChannelFd);
  for (const int output : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    ::posix_spawn_file_actions_addopen(setup.actions(), output, "/dev/null", O_RDWR, 0);
  ::posix_spawn_file_actions_addclosefrom_np(setup.actions(), kForkChannelFd + 1);
  std::string name = program.string();
  std::string argument = needs_engine ? kEngineForkServerArgument : kForkServerArgument;
  const std::array<char*, 3> arguments{name.data(), argument.data(), nullptr};
  if (::posix_spawn(&pid_, name.c_str(), setup.actions(), setup.attributes(), arguments.data(),
                    environ) != 0) {
    pid_ = 0;
    return;
  }
  pidfd_ = UniqueFd(::pidfd_open(pid_, 0));
  channel_ = std::move(ours);
}

ForkServer::~ForkServer() { end(); }

void ForkServer::end() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

bool ForkServer::is_ready() {
  if (pid_ != 0 && !is_ready_) is_ready_ = channel_->read_answer(0ms).has_value();
  return is_ready_;
}

std::optional<int> ForkServer::pid_of_answer(std::chrono::milliseconds patience) const {
  const auto answer = channel_->read_answer(patience);
  if (!answer || answer->problem != 0) return std::nullopt;
  return answer->pid;
}

std::optional<int> ForkServer::fork(const Launch& launch) {
  if (pid_ == 0 || !channel_->ask(launch.folder, launch.lock)) return std::nullopt;
  if (const auto pid = pid_of_answer(kPatience)) return pid;
  end();
  // It may have done as asked and not said so before it ended.
  if (const auto pid = pid_of_answer(0ms)) return pid;
  for (const LockHolder& holder : find_lock_holders(launch.folder / kTaskFile)) end_child(holder);
  return std::nullopt;
}

}  // namespace tallymill
