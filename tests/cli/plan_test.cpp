#include <doctest/doctest.h>

#include "command_line.h"
#include "core/json.h"
#include "sample_workspace.h"

using namespace tallymill;

namespace {

CommandOutcome plan(const std::vector<std::string>& arguments) {
  const SampleWorkspace workspace;
  workspace.write("graphs/join.yaml", kJoin);
  std::vector<std::string> words{"plan", "--workspace", workspace.root()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run_tallymill(words);
}

}  // namespace

TEST_CASE("plan command: jobs in running order with what each waits for") {
  const CommandOutcome outcome = plan({"join", "--period", "2026-01"});
  CHECK(outcome.exit == 0);
  CHECK(outcome.out ==
        "join 2026-01: 3 jobs\n"
        "  job    type  waits for    action\n"
        "  left   noop               run\n"
        "  right  noop  left         run\n"
        "  ready  noop  left, right  run\n");
  CHECK(parse_json(plan({"join", "--period", "2026-01", "--json"}).out, "plan")
            .at("jobs")
            .as_array()
            .size() == 3);
}

TEST_CASE("plan command: wrong graphs and periods are usage errors") {
  CHECK(plan({"jion", "--period", "2026-01"}).err ==
        "error: unknown graph 'jion'; did you mean 'join'?\n");
  CHECK(plan({"join", "--period", "January"}).err ==
        "error: 'January' is no period; write 2026, 2026-Q1, 2026-01, 2026-W05 or 2026-01-31\n");
  CHECK(plan({"join", "--period", "2026"}).err ==
        "error: graph 'join' runs per month, and '2026' is a year\n");
  const CommandOutcome outcome = plan({"join"});
  CHECK(outcome.exit == 2);
  CHECK(outcome.err == "error: option '--period PERIOD' is missing; see 'tallymill plan --help'\n");
}
