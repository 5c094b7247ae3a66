#include <doctest/doctest.h>

#include "books.h"
#include "command_line.h"
#include "core/json.h"
#include "sample_workspace.h"

using namespace tallymill;

TEST_CASE("validate: a sound workspace is counted") {
  const SampleWorkspace workspace;
  workspace.write("graphs/join.yaml", kJoin);
  const CommandOutcome outcome = run_tallymill({"validate", "--workspace", workspace.root()});
  CHECK(outcome.exit == 0);
  CHECK(outcome.out == "1 graph, 3 jobs: no problems\n");
  CHECK(outcome.err.empty());
}

TEST_CASE("validate: graphs that need no engine spawn no worker and make no state") {
  const SampleWorkspace workspace;
  workspace.write("graphs/join.yaml", kJoin);
  run_tallymill({"validate", "--workspace", workspace.root()});
  CHECK(!std::filesystem::exists(std::filesystem::path(workspace.root()) / ".tallymill"));
}

TEST_CASE("validate: every problem of every file comes with its place, and the exit code is 2") {
  const SampleWorkspace workspace;
  workspace.write("graphs/a.yaml", R"(graph: a
period: month
jobs:
  x: { type: nop }
  y: { type: noop, neds: [x], retries: 1.5 }
)");
  workspace.write("graphs/b.yaml", R"(graph: b
period: month
jobs:
  x: { type: noop, inputs: [nothing], needs: y }
  y: { type: noop, needs: [x] }
)");
  const CommandOutcome outcome = run_tallymill({"validate", "--workspace", workspace.root()});
  CHECK(outcome.exit == 2);
  CHECK(outcome.out.empty());
  CHECK(outcome.err ==
        "graphs/a.yaml:4:14: error: unknown job type 'nop'; did you mean 'noop'?\n"
        "    4 |   x: { type: nop }\n"
        "      |              ^~~\n"
        "graphs/a.yaml:5:20: error: unknown option 'neds' for noop job 'y'; did you mean 'needs'?\n"
        "    5 |   y: { type: noop, neds: [x], retries: 1.5 }\n"
        "      |                    ^~~~\n"
        "graphs/a.yaml:5:40: error: option 'retries' must be a whole number, got '1.5'\n"
        "    5 |   y: { type: noop, neds: [x], retries: 1.5 }\n"
        "      |                                        ^~~\n"
        "graphs/b.yaml:4:29: error: no job writes dataset 'nothing'; name a dataset that a job of "
        "some graph makes\n"
        "    4 |   x: { type: noop, inputs: [nothing], needs: y }\n"
        "      |                             ^~~~~~~\n"
        "graphs/b.yaml:4:46: error: jobs form a cycle: x -> y -> x; an arrow points to the job "
        "that waits; remove one of them\n"
        "    4 |   x: { type: noop, inputs: [nothing], needs: y }\n"
        "      |                                              ^\n");
}

TEST_CASE("validate: a check that does not exist hides nothing that is wrong with the others") {
  Books books;
  std::string graph = Books::kCustomers;
  graph +=
      "  customers_are_sound:\n"
      "    type: check\n"
      "    of: customers\n"
      "    checks:\n"
      "      - not_nul: nam\n"
      "      - not_null: { column: owed, severty: warn }\n"
      "      - not_null: owd\n"
      "      - matches: { column: name, pattern: \"(\" }\n";
  books.write("graphs/customers.yaml", graph);
  const ProgramEnd end = books.run({"validate"});
  CHECK(end.exit == 2);
  const std::string expected[] = {"error: unknown check 'not_nul'; did you mean 'not_null'?",
                                  "unknown option 'severty' for check 'not_null'",
                                  "error: the dataset has no column 'owd'; did you mean 'owed'?",
                                  "error: '(' is no regular expression"};
  for (const std::string& message : expected) {
    CAPTURE(end.err);
    const std::size_t at = end.err.find(message);
    REQUIRE(at != std::string::npos);
    CHECK(end.err.find(message, at + 1) == std::string::npos);
  }
}

TEST_CASE("validate: --json carries the same problems for programs") {
  const SampleWorkspace workspace;
  workspace.write("graphs/a.yaml", "graph: a\nperiod: mnth\njobs:\n  x: {}\n");
  const CommandOutcome outcome =
      run_tallymill({"validate", "--json", "--workspace", workspace.root()});
  CHECK(outcome.exit == 2);
  CHECK(outcome.err.empty());
  CHECK(parse_json(outcome.out, "output") == parse_json(R"({"valid": false, "diagnostics": [
    {"severity": "error", "file": "graphs/a.yaml", "line": 2, "column": 9, "length": 4,
     "message": "option 'period' must be one of day, week, month, quarter, year, got 'mnth'",
     "hint": "did you mean 'month'?"},
    {"severity": "error", "file": "graphs/a.yaml", "line": 4, "column": 6, "length": 1,
     "message": "job 'x' lacks the option 'type'",
     "hint": "'type' is: The job's type; `tallymill explain TYPE`"}]})",
                                                        "expectation"));
}

TEST_CASE("validate: one graph may be asked for") {
  const SampleWorkspace workspace;
  workspace.write("graphs/join.yaml", kJoin);
  workspace.write("graphs/bad.yaml", "graph: bad\n");
  const CommandOutcome outcome =
      run_tallymill({"validate", "join", "--workspace", workspace.root()});
  CHECK(outcome.exit == 0);
  CHECK(outcome.out == "1 graph, 3 jobs: no problems\n");
}

TEST_CASE("validate: a folder that is no workspace is refused") {
  const TemporaryFolder folder;
  const std::string path = folder.path().string();
  const CommandOutcome outcome = run_tallymill({"validate", "--workspace", path});
  CHECK(outcome.exit == 2);
  CHECK(outcome.err == "error: '" + path +
                           "' is not a workspace: it has no tallymill.yaml; make one with "
                           "'tallymill init DIR'\n");
}

TEST_CASE("validate: a schedule that soon asks for a day its calendar does not know is warned of") {
  const SampleWorkspace workspace;
  workspace.write("calendars/old.yaml", "calendar: old\nyears: { 2001: {} }\n");
  workspace.write("graphs/join.yaml",
                  "graph: join\nperiod: day\n"
                  "schedule: { cron: \"@daily\", days: workdays, calendar: old }\n"
                  "jobs: { a: { type: noop } }\n");
  const CommandOutcome outcome = run_tallymill({"validate", "--workspace", workspace.root()});
  CHECK(outcome.exit == 0);
  CHECK(outcome.err.starts_with("graphs/join.yaml:3:35: warning: calendar 'old' has no data for "));
  CHECK(outcome.out == "1 graph, 1 job: no errors, 1 warning\n");
}

TEST_CASE("validate: deadlines of a graph without a schedule are watched by its runs alone") {
  const SampleWorkspace workspace;
  const auto validate = [&](const std::string& schedule) {
    workspace.write("graphs/join.yaml", "graph: join\nperiod: month\n" + schedule +
                                            "jobs:\n  close:\n    type: noop\n"
                                            "    deadline: { at: \"08:00\" }\n");
    return run_tallymill({"validate", "--workspace", workspace.root()});
  };
  const CommandOutcome without = validate("");
  CHECK(without.exit == 0);
  CHECK(without.err ==
        "graphs/join.yaml:6:15: warning: graph 'join' has no schedule: its deadlines are watched "
        "only while a run of the period is at work, and a run that nobody begins is never late; "
        "give the graph a 'schedule:'\n"
        "    6 |     deadline: { at: \"08:00\" }\n"
        "      |               ^\n");
  CHECK(without.out == "1 graph, 1 job: no errors, 1 warning\n");
  CHECK(validate("schedule: { cron: \"0 6 1 * *\" }\n").out == "1 graph, 1 job: no problems\n");
}
