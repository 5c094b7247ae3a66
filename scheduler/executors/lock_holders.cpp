#include "scheduler/executors/lock_holders.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "core/error.h"
#include "scheduler/executors/pidfd.h"

namespace tallymill {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// A process that ignores KILL sits in the kernel; there is no point in waiting much longer.
constexpr auto kAfterKill = 10s;

struct DirCloser {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, DirCloser>;

bool names_inode(const std::string& path, const struct stat& wanted) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && status.st_dev == wanted.st_dev &&
         status.st_ino == wanted.st_ino;
}

/// Whether a lock hangs on the descriptor: who only reads the file is no holder.
bool is_lock(const std::string& process, const char* descriptor) {
  std::ifstream in(process + "/fdinfo/" + descriptor);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("lock:") && line.find("FLOCK") != std::string::npos) return true;
  return false;
}

bool holds(int pid, const struct stat& wanted) {
  const std::string process = "/proc/" + std::to_string(pid);
  const std::string base = process + "/fd";
  const Folder folder(::opendir(base.c_str()));
  if (!folder) return false;  // ended meanwhile, or not ours to look into
  while (const dirent* entry = ::readdir(folder.get()))
    if (entry->d_name[0] != '.' && names_inode(base + "/" + entry->d_name, wanted) &&
        is_lock(process, entry->d_name))
      return true;
  return false;
}

std::vector<int> all_processes() {
  std::vector<int> pids;
  const Folder folder(::opendir("/proc"));
  if (!folder) return pids;
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    int pid = 0;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (problem == std::errc() && end == name.data() + name.size()) pids.push_back(pid);
  }
  return pids;
}

void signal_all(const std::vector<LockHolder>& holders, int signal) {
  for (const LockHolder& holder : holders)
    ::pidfd_send_signal(holder.pidfd.get(), signal, nullptr, 0);
}

/// Waits until one of the holders has ended, or `limit`.
void wait_for_one(const std::vector<LockHolder>& holders, std::chrono::milliseconds limit) {
  std::vector<pollfd> waits;
  for (const LockHolder& holder : holders)
    waits.push_back({.fd = holder.pidfd.get(), .events = POLLIN, .revents = 0});
  ::poll(waits.data(), waits.size(), static_cast<int>(limit.count()));
}

std::string pids_of(const std::vector<LockHolder>& holders) {
  std::string text;
  for (const LockHolder& holder : holders)
    text += (text.empty() ? "" : ", ") + std::to_string(holder.pid);
  return text.empty() ? "a process of another user" : "process " + text;
}

}  // namespace

std::vector<LockHolder> find_lock_holders(const std::filesystem::path& file) {
  std::vector<LockHolder> holders;
  struct stat wanted {};
  if (::stat(file.c_str(), &wanted) != 0) return holders;
  for (const int pid : all_processes()) {
    if (pid == ::getpid() || !holds(pid, wanted)) continue;
    UniqueFd pidfd(::pidfd_open(pid, 0));
    // Between the look and the open the id may have gone to another process: look again.
    if (pidfd.is_open() && holds(pid, wanted)) holders.push_back({pid, std::move(pidfd)});
  }
  return holders;
}

void end_lock_holders(const std::filesystem::path& lock, std::chrono::milliseconds patience) {
  if (!std::filesystem::exists(lock)) return;
  const auto kill_at = Clock::now() + patience;
  const auto give_up_at = kill_at + kAfterKill;
  bool asked = false;
  while (FileLock::is_held(lock)) {
    // Found anew each round: a dying worker may leave children behind that hold the lock too.
    const std::vector<LockHolder> holders = find_lock_holders(lock);
    const auto now = Clock::now();
    if (now >= give_up_at)
      throw Error(ErrorClass::transient, pids_of(holders) + " still holds '" + lock.string() +
                                             "' after SIGKILL; end it, then run again");
    if (now >= kill_at) {
      signal_all(holders, SIGKILL);
    } else if (!asked) {
      signal_all(holders, SIGTERM);
      asked = true;
    }
    wait_for_one(holders, 20ms);
  }
}

}  // namespace tallymill
