#include "scheduler/executors/local.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "core/yaml.h"
#include "scheduler/attempt_folder.h"
#include "tests/scheduler/fixtures.h"

using namespace tallymill;
using namespace std::chrono_literals;

namespace {

/// One attempt of a job whose spec is `yaml`, made and spawned like the scheduler does it.
struct Started {
  TemporaryFolder scratch;
  HeldFolder folder{scratch.path()};
  LocalExecutor executor{test_worker()};
  Task task;
  std::string handle;

  explicit Started(const std::string& yaml, std::uint64_t output_bytes = kDefaultOutputBytes) {
    Diagnostics diagnostics;
    task.attempt = "a-1";
    task.folder = scratch / "1";
    task.workspace = scratch.path();
    task.job = "job";
    task.spec = YamlDocument::parse("test.yaml", yaml, diagnostics)->root().to_json();
    const FileLock lock = make_attempt(task, folder);
    handle =
        executor.spawn({.folder = task.folder, .lock = lock.fd(), .output_bytes = output_bytes});
  }

  AttemptExit wait() {
    for (;;) {
      pollfd wait{.fd = executor.ready_fd(), .events = POLLIN, .revents = 0};
      REQUIRE(::poll(&wait, 1, 20'000) == 1);
      for (AttemptExit& exit : executor.collect()) return exit;
    }
  }

  AttemptEnding ending() { return ending(wait(), false); }
  AttemptEnding ending(const AttemptExit& exit, bool memory_kill) {
    return read_ending(task.folder, "a-1", task.epoch, exit, memory_kill, folder);
  }
};

void wait_for(const std::filesystem::path& file) {
  for (int i = 0; i < 10'000 && !std::filesystem::exists(file); ++i) ::usleep(2000);
  REQUIRE(std::filesystem::exists(file));
}

/// A zombie that nobody reaps has ended.
bool process_runs(int pid) {
  const std::filesystem::path stat = "/proc/" + std::to_string(pid) + "/stat";
  if (!std::filesystem::exists(stat)) return false;
  const std::string text = read_file(stat);
  return text.substr(text.rfind(')') + 2, 1) != "Z";
}

}  // namespace

TEST_CASE("local executor: a worker's exit code and result are collected") {
  Started started("outputs: {orders: hello}");
  const AttemptExit exit = started.wait();
  CHECK(exit.handle == started.handle);
  CHECK(exit.code == 0);
  CHECK(exit.signal == 0);
  const auto ending = started.ending(exit, false);
  REQUIRE(ending.result);
  CHECK(ending.result->outputs.at(0).dataset == "orders");
}

TEST_CASE("local executor: an attempt is alive as long as its lock is held") {
  Started started("do: [wait_for: go]");
  wait_for(started.scratch / "marks");
  CHECK(started.executor.is_alive(started.task.folder));
  CHECK(started.executor.collect().empty());
  write_file_durably(started.scratch / "go", "");
  started.wait();
  CHECK_FALSE(started.executor.is_alive(started.task.folder));
}

TEST_CASE("local executor: stop reaches the whole process group") {
  Started started("do: [sleep: 60s]");
  wait_for(started.scratch / "marks");
  started.executor.stop(started.handle, StopSignal::terminate);
  CHECK(started.wait().signal == SIGTERM);
}

TEST_CASE("local executor: a worker that ignores TERM ends by KILL") {
  Started started("do: [ignore_term: x, log: deaf, sleep: 60s]");
  wait_for(started.task.folder / "log.jsonl");
  started.executor.stop(started.handle, StopSignal::terminate);
  ::usleep(20'000);
  CHECK(started.executor.collect().empty());
  started.executor.stop(started.handle, StopSignal::kill);
  CHECK(started.wait().signal == SIGKILL);
}

TEST_CASE("local executor: what a worker leaves behind in a session of its own ends with it") {
  Started started("do: [grandchild: x, wait_for: grandchild.pid]");
  const AttemptExit exit = started.wait();
  CHECK(exit.code == 0);
  const int pid = std::stoi(read_file(started.scratch / "grandchild.pid"));
  CHECK_FALSE(FileLock::is_held(started.task.folder / kTaskFile));
  for (int i = 0; i < 500 && process_runs(pid); ++i) ::usleep(2000);
  CHECK_FALSE(process_runs(pid));
}

TEST_CASE("local executor: an attempt of an earlier scheduler is found by its lock and ended") {
  Started started("do: [ignore_term: x, log: deaf, sleep: 60s]");
  wait_for(started.task.folder / "log.jsonl");
  LocalExecutor restarted(test_worker());
  CHECK(restarted.is_alive(started.task.folder));
  restarted.end(started.task.folder, 50ms);
  CHECK_FALSE(restarted.is_alive(started.task.folder));
  CHECK(started.wait().signal == SIGKILL);
}

TEST_CASE("local executor: what a worker prints takes no more room than its budget") {
  Started started("do: [say: first, say_mib: 64, say: last, wait_for: go, say_mib: 8]", 1 << 20);
  const auto file = started.task.folder / "stderr";
  const auto on_disk = [&] {
    struct stat status {};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    return status.st_blocks * 512;
  };
  // While it is at work: whoever waits for its end takes the looks along.
  while (!std::filesystem::exists(file) || std::filesystem::file_size(file) < (64 << 20) ||
         on_disk() > (1 << 20) + 8192) {
    pollfd wait{.fd = started.executor.ready_fd(), .events = POLLIN, .revents = 0};
    REQUIRE(::poll(&wait, 1, 20'000) == 1);
    REQUIRE(started.executor.collect().empty());
  }
  const OutputText output = read_output(file);
  CHECK(output.head.starts_with("first\n"));
  CHECK(output.tail.ends_with("last\n"));
  CHECK(output.left_out > (62 << 20));
  write_file_durably(started.scratch / "go", "");
  started.wait();
  CHECK(std::filesystem::file_size(file) > (72 << 20));
  CHECK(on_disk() <= (1 << 20) + 8192);
}

TEST_CASE("local executor: who only reads the task of an attempt is left alone when it is ended") {
  Started started("do: [log: here, sleep: 60s]");
  wait_for(started.task.folder / "log.jsonl");
  const std::string file = (started.task.folder / kTaskFile).string();
  const std::string line = "exec 9<'" + file + "'; touch '" + file + ".read'; exec sleep 60";
  const pid_t reader = ::fork();
  if (reader == 0) {
    ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
    ::_exit(127);
  }
  wait_for(file + ".read");
  LocalExecutor restarted(test_worker());
  restarted.end(started.task.folder, 50ms);
  CHECK(process_runs(reader));
  CHECK_FALSE(restarted.is_alive(started.task.folder));
  ::kill(reader, SIGKILL);
  ::waitpid(reader, nullptr, 0);
  started.wait();
}

TEST_CASE("attempt folder: what an attempt of the same number left is gone, its task replaced") {
  const TemporaryFolder scratch;
  HeldFolder held(scratch.path());
  Task task;
  task.attempt = "a-1";
  task.folder = scratch / "run/job.1";
  task.job = std::string(10'000, 'x');
  std::optional<FileLock> lock = make_attempt(task, held);
  for (const char* file : {"result.json", "stderr"}) write_file_durably(task.folder / file, "old");
  std::filesystem::create_directories(task.folder / "staging/orders");
  CHECK_THROWS_AS(make_attempt(task, held), Error);  // alive
  CHECK(std::filesystem::exists(task.folder / "result.json"));
  lock.reset();
  task.job = "short";
  lock = make_attempt(task, held);
  const auto text = read_file(task.folder / kTaskFile);
  CHECK(Task::from_json(parse_json(text, kTaskFile)).job == "short");
  for (const char* gone : {"result.json", "stderr", "staging"})
    CHECK_FALSE(std::filesystem::exists(task.folder / gone));
}

TEST_CASE("local executor: a missing worker program is a config error that names it") {
  CHECK_THROWS_WITH_AS(LocalExecutor("/nowhere/tallymill-worker"),
                       "error: the worker program '/nowhere/tallymill-worker' is missing or cannot "
                       "be executed; reinstall Tallymill or rebuild it",
                       Error);
}

TEST_CASE("attempt ending: a killed worker is transient, a crashed one a bug") {
  Started killed("do: [signal: 9]");
  const AttemptEnding by_kill = killed.ending();
  CHECK(by_kill.error_class == ErrorClass::transient);
  CHECK(by_kill.error ==
        "the worker was killed from outside (SIGKILL), not by Tallymill; the system's log may say "
        "by whom ('journalctl -k')");
  Started crashed("do: [say: about to crash, signal: 6]");
  const AttemptEnding by_abort = crashed.ending();
  CHECK(by_abort.error_class == ErrorClass::bug);
  CHECK(by_abort.error == "the worker crashed (SIGABRT); it said:\nabout to crash");
}

TEST_CASE("attempt ending: a kill while the kernel ran out of memory is class memory") {
  Started started("do: [signal: 9]");
  const auto ending = started.ending(started.wait(), true);
  CHECK(ending.error_class == ErrorClass::memory);
}

TEST_CASE("attempt ending: an exit without result says the code and the last words") {
  Started started("do: [say: giving up, exit: 7]");
  const AttemptEnding ending = started.ending();
  CHECK(ending.error_class == ErrorClass::bug);
  CHECK(ending.error ==
        "the worker ended with exit code 7 and left no result; it said:\ngiving up");
}

TEST_CASE("attempt ending: a result that does not parse is no result") {
  Started started("do: [broken_result: x]");
  const AttemptEnding ending = started.ending();
  CHECK_FALSE(ending.result);
  CHECK(ending.error_class == ErrorClass::bug);
  CHECK(ending.error.starts_with("the worker's result cannot be read: "));
}

TEST_CASE("attempt ending: a result of another format is refused") {
  Started started("do: [foreign_format: x]");
  const AttemptEnding ending = started.ending();
  CHECK(ending.error_class == ErrorClass::config);
  CHECK(ending.error ==
        "the worker's result cannot be read: result.json has format 99, this tallymill reads "
        "format 1; install tallymill and tallymill-worker from the same release");
}

TEST_CASE("attempt ending: a result of another epoch is refused") {
  Started started("do: [wrong_epoch: x]");
  const AttemptEnding ending = started.ending();
  CHECK_FALSE(ending.result);
  CHECK(ending.error.find("belongs to attempt 'a-1', epoch 0, not to") != std::string::npos);
}

TEST_CASE("attempt ending: a result counts even if the worker was killed after writing it") {
  Started started("{outputs: {orders: x}, do: [killed_after_result: x]}");
  CHECK(started.ending().result);
}
