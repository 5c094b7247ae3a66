// Workers and schedulers that die in the middle, as the operator meets them.
#include <doctest/doctest.h>

#include <regex>

#include "program.h"
#include "scheduler/executors/lock_holders.h"
#include "scheduler/machine.h"

using namespace tallymill;

namespace {

namespace fs = std::filesystem;

/// A job that takes a second or so, and then one that takes no time.
std::string slow_graph(const std::string& more = {}) {
  const std::string rest =
      "    key: [n]\n    columns: { n: integer }\n    balance: none\n    because: a test\n";
  return "graph: slow\nperiod: month\n" + more +
         "jobs:\n  slow:\n    type: transform\n    inputs: []\n"
         "    sql: select count(*) as n from range(300000000) t(i) where i % 7 = 3\n"
         "    into: slow\n" +
         rest +
         "  after:\n    type: transform\n    inputs: [slow]\n    sql: select n from slow\n"
         "    into: after\n" +
         rest;
}

class Slow : public ProgramFixture {
 public:
  explicit Slow(const std::string& more = {}) {
    write("tallymill.yaml", "workspace: slow\n");
    write("graphs/slow.yaml", slow_graph(more));
  }
  pid_t start_run() { return start({"run", "slow", "--period", "2026-01"}); }
  fs::path attempt(int number) const {
    return state() / ("attempts/slow.2026-01.1/slow." + std::to_string(number));
  }
  /// Kills the process of an attempt as soon as it is at work. Its scheduler holds the lock, too,
  /// until it has spawned it.
  bool kill_worker(pid_t scheduler, int number, int signal) {
    return soon([&] {
      bool found = false;
      if (!fs::exists(attempt(number) / "log.jsonl")) return found;
      for (const LockHolder& holder : find_lock_holders(attempt(number) / "task.json"))
        if (holder.pid != scheduler) found = ::kill(holder.pid, signal) == 0 || found;
      return found;
    });
  }
};

}  // namespace

TEST_CASE("killed worker: the job is tried again, and the run says what happened") {
  Slow slow("defaults: { retries: 1, backoff: { first: 10ms } }\n");
  const pid_t running = slow.start_run();
  REQUIRE(slow.kill_worker(running, 1, SIGKILL));
  const ProgramEnd end = slow.wait(running);
  INFO(end.out, end.err);
  CHECK(end.exit == 0);
  CHECK(contains(end.err,
                 "slow: retrying (transient: the worker was killed from outside (SIGKILL),"
                 " not by Tallymill; the system's log may say by whom "
                 "('journalctl -k'))\n"));
  CHECK(std::regex_search(end.out, std::regex("slow +succeeded")));
  CHECK(fs::exists(slow.attempt(2)));
  CHECK(!fs::exists(slow.attempt(1) / "staging"));
  const std::string first = slow.run({"logs", "slow", "slow", "--attempt", "1"}).out;
  CHECK(contains(first, "slow in slow.2026-01.1, attempt 1: failed\n"));
  CHECK(contains(first, "transient: the worker was killed from outside (SIGKILL)"));
  CHECK(contains(slow.run({"datasets", "after"}).out, "visible"));
}

TEST_CASE("killed worker: without a try left the run fails, tells why and how to go on") {
  Slow slow;
  const pid_t running = slow.start_run();
  REQUIRE(slow.kill_worker(running, 1, SIGTERM));
  const ProgramEnd end = slow.wait(running);
  INFO(end.out, end.err);
  CHECK(end.exit == 1);
  CHECK(
      contains(end.out,
               "\nslow failed (transient):\n  the worker was killed from outside (SIGTERM), not by "
               "Tallymill; the system's log may say by whom ('journalctl -k')\n"));
  CHECK(contains(end.out, "behind slow (failed)"));
  CHECK(contains(end.out, "  tallymill logs slow.2026-01.1 slow  # slow failed\n"));
  CHECK(contains(end.out, "  tallymill rerun slow.2026-01.1 --failed"));
  CHECK(slow.run({"datasets"}).out == "no dataset has been published yet\n");
  const std::string plan = slow.run({"rerun", "slow", "--failed"}).out;
  const std::size_t digest = plan.find("--apply ");
  REQUIRE(digest != std::string::npos);
  const ProgramEnd again =
      slow.run({"rerun", "slow", "--failed", "--apply", plan.substr(digest + 8, 12)});
  INFO(again.out, again.err);
  CHECK(again.exit == 0);
}

TEST_CASE("killed worker: memory it may not have is an error that names the share and the remedy") {
  ProgramFixture books;
  // A slot's share so small that one value does not fit into it.
  const auto slots = static_cast<int>(usable_memory_bytes() / 5 * 4 / (100 << 20));
  books.write("tallymill.yaml", "workspace: books\nslots: " + std::to_string(slots) + "\n");
  books.write("graphs/big.yaml",
              "graph: big\nperiod: month\njobs:\n  big:\n    type: transform\n    inputs: []\n"
              "    sql: select repeat('x', 600000000) as note\n    into: big\n    key: [note]\n"
              "    columns: { note: text }\n    balance: none\n    because: a test\n");
  const ProgramEnd end = books.run({"run", "big", "--period", "2026-01"});
  INFO(end.out, end.err);
  CHECK(end.exit == 1);
  CHECK(contains(end.err, "big: running, try 2 (memory: "));
  CHECK(contains(end.out, "\nbig failed (memory, 2 tries):\n"));
  CHECK(std::regex_search(
      end.out, std::regex("\n    the job may use [0-9.]+ MiB: its slot's share of 4/5 of the "
                          "machine; lower 'slots:' in tallymill.yaml, or give the machine more "
                          "memory\n")));
  CHECK(books.run({"datasets"}).out == "no dataset has been published yet\n");
}

TEST_CASE("killed scheduler: status says where it stopped, the same run goes on") {
  Slow slow;
  const pid_t running = slow.start_run();
  REQUIRE(soon([&] { return fs::exists(slow.attempt(1) / "log.jsonl"); }));
  ::kill(running, SIGKILL);
  CHECK(slow.wait(running).exit == 128 + SIGKILL);
  const std::string status = slow.run({"status", "slow"}).out;
  INFO(status);
  CHECK(contains(status, "slow 2026-01, run slow.2026-01.1: left in the middle\n"));
  CHECK(contains(status, "\nto go on: tallymill run slow --period 2026-01\n"));
  const ProgramEnd again = slow.run({"run", "slow", "--period", "2026-01"});
  INFO(again.out, again.err);
  CHECK(again.exit == 0);
  CHECK(contains(again.err, "run slow.2026-01.1 goes on, 2 jobs\n"));
  CHECK(contains(slow.run({"datasets", "after"}).out, "slow.2026-01.1-after-1"));
}
