// The journal as people read it, over a run of jobs that do nothing.
#include <doctest/doctest.h>

#include "audited_workspace.h"

using namespace tallymill;

namespace {

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

TEST_CASE("audit: --acts leaves what people did, and why") {
  const AuditedWorkspace workspace;
  REQUIRE(run_tallymill({"run", "g", "--period", "2026-01", "--force", "--reason", "a new table",
                         "--workspace", workspace.root()})
              .exit == 0);
  const std::string text = workspace.audit({"--acts"}).out;
  CHECK(has(text, "run started for 2026-01: 2 jobs, 1 file pinned\n"));
  CHECK(has(text, "2 jobs forced, 1 file pinned, because: a new table\n"));
  CHECK_FALSE(has(text, "attempt"));
  CHECK_FALSE(has(text, "run ended"));
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
