#include "worker/fork_server.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "core/fork_channel.h"
#include "scheduler/executors/local.h"
#include "scheduler/executors/lock_holders.h"
#include "scheduler/executors/spawn_setup.h"
#include "tests/folders.h"
#include "tests/hand_made_task.h"
#include "tests/temporary_folder.h"

using namespace tallymill;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

fs::path worker_program() { return fs::path(kBuildFolder) / "bin" / "tallymill-worker"; }

/// An attempt whose worker waits for somebody to read its log, with the lock of its task.
struct Waiting {
  TemporaryFolder folder;

  Waiting() {
    Task task = hand_made_task(folder.path());
    task.folder = folder.path();
    write_file_durably(folder / "task.json", json::serialize(task.to_json()));
    REQUIRE(::mkfifo((folder / "log.jsonl").c_str(), 0600) == 0);
  }

  /// As the scheduler does it: the lock is the worker's alone afterwards.
  std::string spawn(Executor& executor, bool needs_engine = true) const {
    const UniqueFd lock(::open((folder / "task.json").c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(::flock(lock.get(), LOCK_EX | LOCK_NB) == 0);
    return executor.spawn(
        {.folder = folder.path(), .lock = lock.get(), .needs_engine = needs_engine});
  }
};

std::string command_line(const std::string& pid) { return read_file("/proc/" + pid + "/cmdline"); }

bool is_forked(const std::string& pid) {
  return command_line(pid).find("fork-server") != std::string::npos;
}

std::vector<AttemptExit> wait_for_exits(LocalExecutor& executor, std::size_t count) {
  std::vector<AttemptExit> exits;
  while (exits.size() < count) {
    pollfd wait{.fd = executor.ready_fd(), .events = POLLIN, .revents = 0};
    REQUIRE(::poll(&wait, 1, 30'000) == 1);
    for (AttemptExit& exit : executor.collect()) exits.push_back(std::move(exit));
  }
  return exits;
}

void end(LocalExecutor& executor, const std::string& handle) {
  executor.stop(handle, StopSignal::kill);
  CHECK(wait_for_exits(executor, 1).at(0).signal == SIGKILL);
}

std::set<std::string> open_files(const std::string& pid) {
  std::set<std::string> files;
  for (const auto& entry : fs::directory_iterator("/proc/" + pid + "/fd"))
    files.insert(entry.path().filename().string());
  return files;
}

/// Until the worker has become one: it stands at its log with its descriptors in place. On its way
/// it has just these, too, between files that it opens and closes.
void wait_for_worker(const std::string& pid) {
  const std::set<std::string> four{"0", "1", "2", "3"};
  int in_a_row = 0;
  for (int i = 0; i < 2000 && in_a_row < 10; ++i) {
    in_a_row = open_files(pid) == four ? in_a_row + 1 : 0;
    ::usleep(5000);
  }
  REQUIRE(in_a_row == 10);
}

/// Spawns until the fork server is there and has done it.
std::string spawn_forked(LocalExecutor& executor, Waiting& waiting, bool needs_engine = true) {
  for (int i = 0; i < 1000; ++i) {
    std::string handle = waiting.spawn(executor, needs_engine);
    if (is_forked(handle)) {
      wait_for_worker(handle);
      return handle;
    }
    end(executor, handle);
    ::usleep(20'000);
  }
  FAIL("no fork server came up");
  return {};
}

/// Of the fork server of this process; it is the only child with its argument that is no worker.
int server_pid(const std::string& worker) {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos || name == worker) continue;
    std::error_code gone;
    if (!fs::exists(entry.path() / "cmdline", gone)) continue;
    const std::string stat = read_file(entry.path() / "stat");
    const std::size_t state = stat.rfind(") ") + 2;
    if (stat[state] == 'Z' || std::stoi(stat.substr(state + 2)) != ::getpid()) continue;
    if (is_forked(name)) return std::stoi(name);
  }
  FAIL("no fork server is there");
  return 0;
}

/// An executor, and a worker that waits at its pipe, made by the fork server.
struct Forked {
  LocalExecutor executor{worker_program()};
  Waiting waiting;
  std::string handle = spawn_forked(executor, waiting);
};

}  // namespace

TEST_CASE("fork server: the second attempt that needs the engine starts it, none before") {
  LocalExecutor executor(worker_program());
  Waiting waiting;
  for (int i = 0; i < 2; ++i) {
    const std::string handle = waiting.spawn(executor);
    CHECK_FALSE(is_forked(handle));
    end(executor, handle);
  }
  end(executor, spawn_forked(executor, waiting));
  const std::string handle = waiting.spawn(executor, false);
  CHECK_FALSE(is_forked(handle));
  end(executor, handle);
}

TEST_CASE("fork server: attempts that need no engine are forked from one that has none") {
  LocalExecutor executor(worker_program());
  Waiting waiting;
  const std::string first = waiting.spawn(executor, false);
  CHECK_FALSE(is_forked(first));
  end(executor, first);
  const std::string next = spawn_forked(executor, waiting, false);
  CHECK(command_line(next).find(kEngineForkServerArgument) == std::string::npos);
  CHECK(read_file("/proc/" + next + "/maps").find("libduckdb") == std::string::npos);
  end(executor, next);
  const std::string with_engine = spawn_forked(executor, waiting);
  CHECK(read_file("/proc/" + with_engine + "/maps").find("libduckdb") != std::string::npos);
  end(executor, with_engine);
}

TEST_CASE("fork server: a worker is a child in a group of its own with four descriptors") {
  Forked forked;
  CHECK(::getpgid(std::stoi(forked.handle)) == std::stoi(forked.handle));
  CHECK(fs::read_symlink("/proc/" + forked.handle + "/fd/3") ==
        forked.waiting.folder.path() / "task.json");
  end(forked.executor, forked.handle);
}

TEST_CASE("fork server: workers outlive it and the scheduler, and are found by their locks") {
  Waiting waiting;
  int pid = 0;
  {
    LocalExecutor executor(worker_program());
    pid = std::stoi(spawn_forked(executor, waiting));
  }
  LocalExecutor next(worker_program());
  CHECK(next.is_alive(waiting.folder.path()));
  CHECK(find_lock_holders(waiting.folder / "task.json").at(0).pid == pid);
  next.end(waiting.folder.path(), 0ms);
  CHECK_FALSE(next.is_alive(waiting.folder.path()));
}

TEST_CASE("fork server: attempts go on without it when it was killed") {
  Forked forked;
  const int server = server_pid(forked.handle);
  ::kill(server, SIGKILL);
  end(forked.executor, forked.handle);
  const std::string direct = forked.waiting.spawn(forked.executor);
  CHECK_FALSE(is_forked(direct));
  end(forked.executor, direct);
  end(forked.executor, spawn_forked(forked.executor, forked.waiting));
}

TEST_CASE("fork server: one that is stuck is ended, and the attempt starts once") {
  Forked forked;
  const int server = server_pid(forked.handle);
  end(forked.executor, forked.handle);
  ::kill(server, SIGSTOP);
  const std::string direct = forked.waiting.spawn(forked.executor);
  CHECK_FALSE(is_forked(direct));
  CHECK(find_lock_holders(forked.waiting.folder / "task.json").size() == 1);
  CHECK(::kill(server, 0) != 0);
  end(forked.executor, direct);
}

TEST_CASE("fork server: a worker program that cannot be one is not asked again and again") {
  TemporaryFolder folder;
  const fs::path program = folder / "worker";
  write_file_durably(program, "#!/bin/sh\necho \"$1\" >> " + (folder / "calls").string() + "\n",
                     0700);
  LocalExecutor executor(program);
  Waiting waiting;
  for (int i = 0; i < 6; ++i) {
    waiting.spawn(executor);
    wait_for_exits(executor, 1);
    ::usleep(20'000);
    executor.collect();
  }
  const std::string calls = read_file(folder / "calls");
  CHECK(calls.find(kEngineForkServerArgument) == calls.rfind(kEngineForkServerArgument));
}

TEST_CASE("fork server: it ends with its socket, as when the scheduler was killed") {
  auto [asker, channel] = ForkChannel::make();
  SpawnSetup setup(true);
  ::posix_spawn_file_actions_adddup2(setup.actions(), channel.fd(), kForkChannelFd);
  std::string program = worker_program().string();
  std::string argument = kEngineForkServerArgument;
  char* const arguments[] = {program.data(), argument.data(), nullptr};
  pid_t pid = 0;
  REQUIRE(::posix_spawn(&pid, program.c_str(), setup.actions(), setup.attributes(), arguments,
                        environ) == 0);
  { const ForkChannel ours = std::move(channel); }
  CHECK(asker.read_answer(30s));
  { const ForkChannel gone = std::move(asker); }
  int status = -1;
  CHECK(::waitpid(pid, &status, 0) == pid);
  CHECK(status == 0);
}

TEST_CASE("fork channel: an ask of nobody says so, and an answer that does not come is none") {
  auto [asker, server] = ForkChannel::make();
  CHECK_FALSE(asker.read_answer(0ms));
  const UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  CHECK(asker.ask("/tmp/a", file.get()));
  const auto request = server.read_request(0ms);
  REQUIRE(request);
  CHECK(request->folder == "/tmp/a");
  CHECK(request->lock.get() != file.get());
  CHECK(server.answer({.pid = 7}));
  CHECK(asker.read_answer(0ms)->pid == 7);
  { const ForkChannel gone = std::move(server); }
  CHECK_FALSE(asker.ask("/tmp/a", file.get()));
  CHECK_FALSE(asker.read_answer(0ms));
}
