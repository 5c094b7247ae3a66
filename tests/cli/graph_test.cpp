#include <doctest/doctest.h>

#include "books.h"
#include "cli/graph_drawing.h"
#include "command_line.h"
#include "core/json.h"
#include "sample_workspace.h"

using namespace tallymill;

namespace {

CommandOutcome graph(const std::vector<std::string>& arguments) {
  const SampleWorkspace workspace;
  workspace.write("graphs/join.yaml", kJoin);
  std::vector<std::string> words{"graph", "join", "--workspace", workspace.root()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run_tallymill(words);
}

/// Two jobs and a gate between them, as no job type is needed to draw.
Graph gated() {
  Graph result;
  result.name = "books";
  result.jobs.resize(3);
  result.jobs[0].spec.name = "clean";
  result.jobs[0].spec.type = "cleanse";
  result.jobs[0].shape.outputs = {{"gl", {}}};
  result.jobs[1].spec.name = "sound";
  result.jobs[1].spec.type = "check";
  result.jobs[1].shape.inputs = {{"gl", {}}};
  result.jobs[1].shape.gates = "gl";
  result.jobs[1].shape.on_fail = OnFail::block;
  result.jobs[1].needs = {{0, EdgeKind::data, "gl"}};
  result.jobs[2].spec.name = "deliver";
  result.jobs[2].spec.type = "export";
  result.jobs[2].shape.inputs = {{"gl", {}}};
  result.jobs[2].needs = {{0, EdgeKind::data, "gl"}, {1, EdgeKind::gate, "gl"}};
  result.order = {0, 1, 2};
  return result;
}

}  // namespace

TEST_CASE("graph command: text is the default") {
  const CommandOutcome outcome = graph({});
  CHECK(outcome.exit == 0);
  CHECK(outcome.out ==
        "join, per month: Three branches that meet.\n"
        "  left   noop\n"
        "  right  noop    [after left]\n"
        "  ready  noop    [after left, right]\n");
}

TEST_CASE("graph command: dot and mermaid draw every edge") {
  CHECK(graph({"--format", "dot"}).out ==
        "digraph \"join\" {\n  rankdir=LR;\n  node [shape=box];\n"
        "  \"left\" [label=\"left\\nnoop\"];\n"
        "  \"right\" [label=\"right\\nnoop\"];\n"
        "  \"ready\" [label=\"ready\\nnoop\"];\n"
        "  \"left\" -> \"right\";\n"
        "  \"left\" -> \"ready\";\n"
        "  \"right\" -> \"ready\";\n}\n");
  CHECK(graph({"--format", "mermaid"}).out ==
        "flowchart LR\n"
        "  j1[\"left<br/>noop\"]\n"
        "  j2[\"right<br/>noop\"]\n"
        "  j0[\"ready<br/>noop\"]\n"
        "  j1 --> j2\n"
        "  j1 --> j0\n"
        "  j2 --> j0\n");
}

TEST_CASE("graph drawing: datasets and gates are named") {
  CHECK(draw_text(gated()) ==
        "books, per month\n"
        "  clean    cleanse   -> gl\n"
        "  sound    check    gl  [gate of gl]\n"
        "  deliver  export   gl\n");
  const std::string dot = draw_dot(gated());
  CHECK(dot.find("  \"clean\" -> \"deliver\" [label=\"gl\"];\n") != std::string::npos);
  CHECK(dot.find("  \"sound\" -> \"deliver\" [label=\"gate of gl\", style=dashed];\n") !=
        std::string::npos);
  const std::string mermaid = draw_mermaid(gated());
  CHECK(mermaid.find("  j0 -->|gl| j2\n  j1 -.->|gate of gl| j2\n") != std::string::npos);
}

TEST_CASE("graph command: --json names edges by kind, an unknown format is refused") {
  const json::value value = parse_json(graph({"--json"}).out, "graph");
  CHECK(json::serialize(value.at("edges").as_array().at(0)) ==
        R"({"from":"left","to":"right","kind":"job","dataset":""})");
  const CommandOutcome outcome = graph({"--format", "svg"});
  CHECK(outcome.exit == 2);
  CHECK(outcome.err == "error: unknown format 'svg'; the formats are text, dot, mermaid\n");
}

TEST_CASE("graph: the program draws a real graph; wrong usage exits 2 with what is near") {
  Books& books = finished_books();
  CHECK(books.run({"graph", "customers"}).out ==
        "customers, per month: What customers owe.\n"
        "  read_customers   extract   -> customers_raw\n"
        "  clean_customers  cleanse  customers_raw -> customers\n"
        "  nobody_is_owed   check    customers\n");
  const ProgramEnd unknown = books.run({"graph", "custmers"});
  CHECK(unknown.exit == 2);
  CHECK(unknown.err == "error: unknown graph 'custmers'; did you mean 'customers'?\n");
  CHECK(books.run({"graph", "customers", "--formt", "dot"}).err ==
        "error: unknown option '--formt'; did you mean '--format'?; see 'tallymill graph "
        "--help'\n");
  CHECK(contains(books.run({"graph", "--help"}).out,
                 "\nExample:\n  tallymill graph month_end --format mermaid\n"));
}
