// What only a worker can find: this runs tallymill-worker beside the test program.
#include <doctest/doctest.h>

#include "command_line.h"
#include "sample_workspace.h"

using namespace tallymill;

namespace {

std::string graph_with_sql(const std::string& sql) {
  return "graph: totals\nperiod: month\njobs:\n  total:\n    type: transform\n    inputs: []\n"
         "    sql: " +
         sql +
         "\n    into: total\n    key: [name]\n    columns: { name: text, amount: money }\n"
         "    balance: none\n    because: a test\n    tags: [result]\n";
}

CommandOutcome validate(const SampleWorkspace& workspace) {
  return run_tallymill({"validate", "--workspace", workspace.root()});
}

/// The one file in which the last answer is kept.
std::filesystem::path kept_answer(const SampleWorkspace& workspace) {
  const std::filesystem::path folder =
      std::filesystem::path(workspace.root()) / ".tallymill" / "cache";
  std::filesystem::path found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    CHECK(found.empty());
    found = entry.path();
  }
  return found;
}

}  // namespace

TEST_CASE("validate: SQL is bound, and its problems quote the graph") {
  const SampleWorkspace workspace;
  workspace.write("graphs/totals.yaml", graph_with_sql("select 'x' as name, 1.50 as amuont"));
  const CommandOutcome wrong = validate(workspace);
  CHECK(wrong.exit == 2);
  CHECK(wrong.err.starts_with("graphs/totals.yaml:"));
  CHECK(wrong.err.find("    7 |     sql: select 'x' as name, 1.50 as amuont\n") !=
        std::string::npos);
  workspace.write("graphs/totals.yaml", graph_with_sql("select 'x' as name, 1.50 as amount"));
  const CommandOutcome right = validate(workspace);
  CHECK(right.err.empty());
  CHECK(right.out == "1 graph, 1 job: no problems\n");
}

TEST_CASE("validate: one pass finds what is wrong in graphs and in the SQL of their sound jobs") {
  const SampleWorkspace workspace;
  const auto transform = [](const std::string& name, const std::string& input,
                            const std::string& column) {
    return "  " + name + ":\n    type: transform\n    inputs: [" + input + "]\n    sql: select " +
           column + " as name from " + (input.empty() ? "range(3)" : input) +
           "\n    into: " + name +
           "\n    key: [name]\n    columns: { name: text }\n    balance: none\n    because: a "
           "test\n";
  };
  workspace.write("graphs/parts.yaml",
                  "graph: parts\nperiod: month\njobs:\n" + transform("sound", "", "nme") +
                      transform("misspelt", "", "'x'") + "    balanse: none\n" +
                      transform("echo", "misspelt", "nme") + transform("loop", "loop", "nme"));
  workspace.write("graphs/params.yaml",
                  "graph: params\nperiod: month\nparams: { p: { type: mony, default: \"1\" } }\n"
                  "jobs:\n" +
                      transform("unbound", "", ":param_p"));
  workspace.write("graphs/totals.yaml", graph_with_sql("select 'x' as name, 1.50 as amuont"));
  const CommandOutcome wrong = validate(workspace);
  CHECK(wrong.exit == 2);
  const auto says = [&](const std::string& text) {
    return wrong.err.find(text) != std::string::npos;
  };
  INFO(wrong.err);
  CHECK(says("graphs/parts.yaml:7:10: error: Referenced column \"nme\" not found"));
  CHECK(says("unknown option 'balanse'"));
  CHECK(says("jobs form a cycle: loop -> loop"));
  CHECK(says("graphs/totals.yaml:7:10: error: the SQL gives column 'amuont'"));
  CHECK(says("got 'mony'"));
  // What only follows from another fault is not told.
  CHECK(!says("graphs/parts.yaml:26:10"));
  CHECK(!says("graphs/params.yaml:8:10"));
}

TEST_CASE("validate: the worker's answer is kept until something it depends on changes") {
  const SampleWorkspace workspace;
  workspace.write("graphs/totals.yaml", graph_with_sql("select 'x' as name, 1.50 as amount"));
  CHECK(validate(workspace).exit == 0);
  const std::filesystem::path kept = kept_answer(workspace);
  // If the answer is taken from here, this shows.
  write_file_durably(kept, R"({"diagnostics": [{"severity": "warning", "file": "", "line": 0,
    "column": 0, "length": 1, "message": "kept", "hint": ""}], "schemas": {}})");
  CHECK(validate(workspace).err == "warning: kept\n");
  workspace.write("graphs/totals.yaml", graph_with_sql("select 'y' as name, 1.50 as amount"));
  CHECK(validate(workspace).err.empty());
  CHECK(kept_answer(workspace) != kept);
}

TEST_CASE("validate: a damaged kept answer is made again") {
  const SampleWorkspace workspace;
  workspace.write("graphs/totals.yaml", graph_with_sql("select 'x' as name, 1.50 as amount"));
  validate(workspace);
  write_file_durably(kept_answer(workspace), "{");
  CHECK(validate(workspace).exit == 0);
  CHECK(read_file(kept_answer(workspace)).size() > 1);
}
