#include "rules/watchdog.h"

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <chrono>
#include <filesystem>

#include "core/files.h"
#include "tests/folders.h"

using namespace tallymill;

namespace {

struct Ending {
  int exit_code = -1;
  TaskResult result;
  bool has_result = false;
  std::string text;  ///< stdout and stderr
  double seconds = 0;
};

/// Runs watchdog_probe, which is a real process, to its end.
Ending probe(const std::string& scenario) {
  const auto folder = std::filesystem::temp_directory_path() /
                      ("tallymill_watchdog_" + scenario + "_" + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const auto output = folder / "output.txt";
  const std::string command = std::string(kBuildFolder) + "/bin/rules_watchdog_probe '" +
                              folder.string() + "' " + scenario + " > '" + output.string() +
                              "' 2>&1";
  Ending ending;
  const auto start = std::chrono::steady_clock::now();
  ending.exit_code = WEXITSTATUS(std::system(command.c_str()));
  ending.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  ending.text = read_file(output);
  ending.has_result = std::filesystem::exists(folder / "result.json");
  if (ending.has_result)
    ending.result =
        TaskResult::from_json(parse_json(read_file(folder / "result.json"), "result.json"));
  std::filesystem::remove_all(folder);
  return ending;
}

void check_stopped(const std::string& scenario, const std::string& message) {
  CAPTURE(scenario);
  const Ending ending = probe(scenario);
  CHECK(ending.exit_code == 1);
  REQUIRE(ending.has_result);
  CHECK(ending.result.error == "error: " + message);
  CHECK(ending.text == "error: " + message + "\n");
  CHECK(ending.result.outcome == TaskOutcome::failed);
  CHECK(ending.result.error_class == ErrorClass::config);
  CHECK(ending.result.attempt == "2026-01#1.check.1");
  CHECK(ending.result.epoch == Epoch{7, std::string(32, 'a'), std::string(32, 'b')});
}

const std::string kTail = "; look for a loop that never ends, or a text pattern that backtracks";

}  // namespace

TEST_CASE("watchdog: a compiled loop is ended with rule, source row and line") {
  check_stopped("loop",
                "rule 'probe' (rules/probe.lua) did not finish within 200 ms of CPU on row day "
                "\"01\".csv:17; it was last seen at line 6" +
                    kTail);
}

TEST_CASE("watchdog: a pattern that backtracks is ended, and the line found") {
  for (const char* scenario : {"pattern", "gsub"})
    check_stopped(scenario,
                  "rule 'probe' (rules/probe.lua) did not finish within 200 ms of CPU on row day "
                  "\"01\".csv:17; it was last seen at line 6" +
                      kTail);
}

TEST_CASE("watchdog: without provenance the row is counted within its chunk") {
  check_stopped("recursion",
                "rule 'probe' (rules/probe.lua) did not finish within 200 ms of CPU on row 3 of a "
                "chunk of 5; it was last seen at line 6" +
                    kTail);
}

TEST_CASE("watchdog: neither pcall, xpcall nor a function in C can catch or outrun it") {
  for (const char* scenario : {"pcall", "pcall_rep", "xpcall", "sort", "insert"})
    check_stopped(
        scenario,
        "rule 'probe' (rules/probe.lua) did not finish within 200 ms of CPU on row 3 of a "
        "chunk of 5; it was last seen at line 6" +
            kTail);
}

TEST_CASE("watchdog: the line is one of the loop that does not end") {
  const Ending ending = probe("late");
  const std::string& error = ending.result.error;
  const std::size_t at = error.find("; it was last seen at line ");
  REQUIRE(at != error.npos);
  const int line = std::atoi(error.c_str() + at + 27);
  CHECK(line >= 6);
  CHECK(line <= 8);
}

TEST_CASE("watchdog: a group that does not end is named by its key") {
  check_stopped("group",
                "rule 'probe' (rules/probe.lua) did not finish within 200 ms of CPU on the 3 rows "
                "of n 2; it was last seen at line 8" +
                    kTail);
}

TEST_CASE("watchdog: a traced rule stuck in a pattern names the line seen last") {
  check_stopped("pcall_pattern",
                "rule 'probe' (rules/probe.lua) did not finish within 200 ms of CPU on row 3 of a "
                "chunk of 5; it was last seen at line 6" +
                    kTail);
}

TEST_CASE("watchdog: a file stuck while it loads is ended") {
  check_stopped("load",
                "rule 'probe' (rules/probe.lua) did not finish loading within 200 ms of CPU; it "
                "was last seen at line 2" +
                    kTail);
}

TEST_CASE("watchdog: a test stuck in a pattern is ended with its number") {
  check_stopped("test",
                "rule 'probe' (rules/probe.lua) did not finish within 200 ms of CPU in test 2; it "
                "was last seen at line 6" +
                    kTail);
}

TEST_CASE("watchdog: a thread that hardly ran is a transient failure") {
  const Ending ending = probe("asleep");
  CHECK(ending.exit_code == 1);
  REQUIRE(ending.has_result);
  CHECK(ending.result.error_class == ErrorClass::transient);
  CHECK(ending.result.error ==
        "error: rule 'probe' (rules/probe.lua) did not finish within ten times 50 ms on row 5 of a "
        "chunk of 10; its thread hardly ran, so the machine is overloaded: the job is tried again");
}

TEST_CASE("watchdog: rules that end are left alone") {
  const Ending ending = probe("fast");
  CHECK(ending.exit_code == 0);
  CHECK(ending.text == "survived\n");
  CHECK_FALSE(ending.has_result);
}
