#include "scheduler/query_runner.h"

#include <doctest/doctest.h>

#include "core/error.h"
#include "tests/scheduler/fixtures.h"

using namespace tallymill;

namespace {

Workspace workspace_in(const TemporaryFolder& scratch) {
  Workspace workspace;
  workspace.root = scratch.path();
  workspace.state = scratch / ".tallymill";
  return workspace;
}

Task query(const std::string& name) {
  Task task;
  task.mode = TaskMode::query;
  task.spec = {{"query", name}, {"dataset", "orders"}};
  return task;
}

}  // namespace

TEST_CASE("query runner: the worker's answer comes back and the folder is gone") {
  const TemporaryFolder scratch;
  const Workspace workspace = workspace_in(scratch);
  const TaskResult result = run_query(workspace, query("echo"), test_worker());
  CHECK(json_text(result.answer.as_object(), "dataset") == "orders");
  CHECK(std::filesystem::is_empty(workspace.state / "queries"));
}

TEST_CASE("query runner: a worker that dies is an error with its last words") {
  const TemporaryFolder scratch;
  CHECK_THROWS_WITH_AS(run_query(workspace_in(scratch), query("die"), test_worker()),
                       "error: the worker ended with exit code 9 and left no result; it said:\n"
                       "cannot go on",
                       Error);
}

TEST_CASE("query runner: a query that failed throws the worker's error") {
  const TemporaryFolder scratch;
  try {
    run_query(workspace_in(scratch), query("fail"), test_worker());
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(error.error_class() == ErrorClass::data);
    CHECK(error.message() == "no such dataset: orders");
  }
}

TEST_CASE("query runner: the state folder is for its owner only") {
  const TemporaryFolder scratch;
  const Workspace workspace = workspace_in(scratch);
  run_query(workspace, query("echo"), test_worker());
  CHECK(std::filesystem::status(workspace.state).permissions() ==
        std::filesystem::perms::owner_all);
}
