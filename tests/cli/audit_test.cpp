// The journal as people read it, over a run of jobs that do nothing.
#include <doctest/doctest.h>

#include "command_line.h"
#include "sample_workspace.h"
#include "scheduler/store/database.h"

using namespace tallymill;

namespace {

/// A workspace in which graph `g` of jobs `a` and `b` ran once.
struct AuditedWorkspace : SampleWorkspace {
  AuditedWorkspace() {
    write("graphs/g.yaml",
          "graph: g\nperiod: month\njobs:\n  a: { type: noop }\n  b: { type: noop, needs: [a] }\n");
    REQUIRE(run_tallymill({"run", "g", "--period", "2026-01", "--workspace", root()}).exit == 0);
  }
  CommandOutcome audit(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), "audit");
    more.insert(more.end(), {"--workspace", root()});
    return run_tallymill(more);
  }
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("audit: tells what happened, to which job, in order") {
  const AuditedWorkspace workspace;
  const std::string text = workspace.audit().out;
  CHECK(has(text, "store created"));
  CHECK(has(text, "run started for 2026-01: 2 jobs"));
  CHECK(text.find("attempt 1 started") < text.find("attempt succeeded"));
  CHECK(has(text, "run ended: ok"));
  const std::string of_b = workspace.audit({"g", "--job", "b"}).out;
  CHECK(has(of_b, "attempt 1 started"));
  CHECK_FALSE(has(of_b, "run ended"));
}

TEST_CASE("audit: --limit takes the newest, and must be a number") {
  const AuditedWorkspace workspace;
  const std::string text = workspace.audit({"--limit", "1"}).out;
  CHECK(has(text, "run ended"));
  CHECK_FALSE(has(text, "run started"));
  const CommandOutcome wrong = workspace.audit({"--limit", "many"});
  CHECK(wrong.exit != 0);
  CHECK(has(wrong.err, "--limit must be a whole number, got 'many'"));
}

TEST_CASE("audit verify: names the first event that was changed") {
  const AuditedWorkspace workspace;
  const CommandOutcome whole = workspace.audit({"verify"});
  CHECK(whole.exit == 0);
  CHECK(has(whole.out, "the journal is whole: "));
  {
    Database store(std::filesystem::path(workspace.root()) / ".tallymill" / "store.db",
                   Database::Mode::write);
    store.begin();
    store.execute("update event set who = 'somebody else' where number = :p0", {std::int64_t{4}});
    store.commit();
  }
  const CommandOutcome broken = workspace.audit({"verify"});
  CHECK(broken.exit == 3);
  CHECK(has(broken.out,
            "the journal is broken: event 4 was changed after it was written; the 3 events before "
            "it are sound"));
}
