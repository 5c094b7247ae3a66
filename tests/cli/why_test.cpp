// Causes of a job's state, from a run of jobs that do nothing and one that cannot.
#include <doctest/doctest.h>

#include "command_line.h"
#include "sample_workspace.h"

using namespace tallymill;

namespace {

CommandOutcome why(const SampleWorkspace& workspace, const std::string& job,
                   std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"why", "g", job, "--workspace", workspace.root()});
  return run_tallymill(more);
}

/// `late` reads a dataset that no graph makes visible before graph `other` has run.
struct WaitingWorkspace : SampleWorkspace {
  WaitingWorkspace() {
    write("sources/one.csv", "k\n1\n");
    write("tallymill.yaml",
          "workspace: sample\nconnectors:\n  files: { type: files, root: sources }\n");
    write("graphs/other.yaml",
          "graph: other\nperiod: month\njobs:\n  d:\n    type: extract\n"
          "    from: { connector: files, path: one.csv }\n    into: d\n    key: [k]\n"
          "    columns: { k: { type: integer, required: true } }\n");
    write("graphs/g.yaml",
          "graph: g\nperiod: month\njobs:\n  first: { type: noop }\n"
          "  late: { type: noop, needs: [first], inputs: [d] }\n"
          "  last: { type: noop, needs: [late] }\n");
  }
};

}  // namespace

TEST_CASE("why: a job that ran and one that was reused say so") {
  SampleWorkspace workspace;
  workspace.write("graphs/g.yaml", "graph: g\nperiod: month\njobs:\n  a: { type: noop }\n");
  run_tallymill({"run", "g", "--period", "2026-01", "--workspace", workspace.root()});
  CHECK(why(workspace, "a").out ==
        "a: attempt 1 succeeded  [succeeded]\n"
        "  a: it had to run: there was no result of it  [no_result]\n");
  run_tallymill({"run", "g", "--period", "2026-01", "--workspace", workspace.root()});
  CHECK(why(workspace, "a").out ==
        "a: its inputs, parameters, rules and spec are those its visible result was made of  "
        "[same_fingerprint]\n");
}

TEST_CASE("why: a waiting job leads to what it waits for, and that to its own cause") {
  const WaitingWorkspace workspace;
  CHECK(run_tallymill({"run", "g", "--period", "2026-01", "--workspace", workspace.root()}).exit ==
        4);
  const CommandOutcome last = why(workspace, "last");
  CHECK(last.out.starts_with("last: it waits for late  [waits_for_job]\n  late: "));
  CHECK(last.out.ends_with("[input_missing]\n"));
  const CommandOutcome as_json = why(workspace, "last", {"--json"});
  CHECK(as_json.out.find("\"code\": \"waits_for_job\"") != std::string::npos);
}

TEST_CASE("why: a job that does not exist is named with its neighbour") {
  const WaitingWorkspace workspace;
  run_tallymill({"run", "g", "--period", "2026-01", "--workspace", workspace.root()});
  const CommandOutcome outcome = why(workspace, "lats");
  CHECK(outcome.exit != 0);
  CHECK(outcome.err.find("graph 'g' has no job 'lats'; did you mean 'last'?") != std::string::npos);
}
