// Blocks: jobs that graphs take in as one node, at load and in real runs.
#include "scheduler/blocks.h"

#include <doctest/doctest.h>

#include "scheduler/scheduler.h"
#include "tests/scheduler/run_fixture.h"
#include "tests/scheduler/test_catalog.h"

using namespace tallymill;

namespace {

constexpr const char* kShop = R"(block: shop
with: [shop]
jobs:
  read:  { type: test, outputs: { $(shop): text }, into: $(shop)_raw }
  clean: { type: test, needs: [read], when: { if: succeeded(read) } }
)";

/// Keys are not filled in: blocks of tests name their datasets once.
constexpr const char* kPlain = R"(block: plain
with: [message]
jobs:
  read:  { type: test, do: [say: $(message) of $(node)] }
  clean: { type: test, needs: [read] }
  empty: { type: test, needs: [read], when: one_failed }
)";

struct Loaded {
  RunFixture fixture;
  Diagnostics diagnostics;
  Workspace workspace;

  explicit Loaded(const std::string& jobs, const std::map<std::string, std::string>& blocks) {
    fixture.graph("g", jobs);
    for (const auto& [name, text] : blocks) fixture.write("blocks/" + name + ".yaml", text);
    workspace = Workspace::load(fixture.root(), TestCatalog(), diagnostics);
  }
  std::vector<std::string> needs(const std::string& job) const {
    const Graph& graph = *workspace.graphs.at("g");
    std::vector<std::string> names;
    for (const Edge& edge : graph.find(job)->needs)
      names.push_back(graph.jobs[edge.from].spec.name);
    return names;
  }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("block: its jobs stand between a begin and an end, under the node's name") {
  const Loaded loaded(
      "  before: { type: test }\n"
      "  north: { type: graph, of: plain, with: { message: hello }, needs: [before] }\n"
      "  after: { type: test, needs: [north] }\n",
      {{"plain", kPlain}});
  CHECK(loaded.diagnostics.render() == "");
  CHECK(loaded.needs("north.begin") == Names{"before"});
  CHECK(loaded.needs("north.read") == Names{"north.begin"});
  CHECK(loaded.needs("north.clean") == Names{"north.read"});
  CHECK(loaded.needs("north") == Names{"north.read", "north.clean", "north.empty"});
  CHECK(loaded.needs("after") == Names{"north"});
  const JobNode* read = loaded.workspace.graphs.at("g")->find("north.read");
  CHECK(read->spec.options.node().find("do")[0][0].text() == "hello of north");
  CHECK(read->spec.where.text() == "blocks/plain.yaml:4:3");
}

TEST_CASE("block: blocks take in blocks, but never themselves") {
  const Loaded nested("  top: { type: graph, of: outer }\n",
                      {{"outer",
                        "block: outer\njobs:\n"
                        "  inner: { type: graph, of: plain, with: { message: $(node) } }\n"
                        "  last: { type: test, needs: [inner] }\n"},
                       {"plain", kPlain}});
  CHECK(nested.diagnostics.render() == "");
  CHECK(nested.needs("top.inner.begin") == Names{"top.begin"});
  CHECK(nested.needs("top.inner.read") == Names{"top.inner.begin"});
  CHECK(nested.needs("top.last") == Names{"top.inner"});
  const Loaded circular("  top: { type: graph, of: a }\n",
                        {{"a", "block: a\njobs:\n  b: { type: graph, of: b }\n"},
                         {"b", "block: b\njobs:\n  a: { type: graph, of: a }\n"}});
  CHECK(has(circular.diagnostics.render(),
            "blocks/b.yaml:3:25: error: block 'a' takes itself in, as 'top.b.a': a -> b -> a"));
}

TEST_CASE("block: what is not filled, not known or not there is reported where it stands") {
  const Loaded loaded(
      "  a: { type: graph, of: shop, with: { shp: x } }\n"
      "  b: { type: graph, of: shops, with: { shop: x } }\n",
      {{"shop", kShop}, {"other", "block: othr\njobs:\n  a: { type: test, needs: $(shop) }\n"}});
  const std::string problems = loaded.diagnostics.render();
  CHECK(has(problems, "graphs/g.yaml:4:3: error: block 'shop' needs 'shop' under 'with'"));
  CHECK(has(problems,
            "graphs/g.yaml:4:39: error: block 'shop' takes no 'shp'; did you mean "
            "'shop'?"));
  CHECK(has(problems,
            "there is no file 'blocks/shops.yaml' in the workspace; did you mean "
            "'blocks/shop.yaml'?"));
  CHECK(has(problems,
            "blocks/other.yaml:1:8: error: block 'othr' stands in file "
            "'blocks/other.yaml'"));
}

TEST_CASE("block: a node succeeds, is skipped and fails as one") {
  RunFixture fixture;
  fixture.write("blocks/plain.yaml", kPlain);
  fixture.graph("g", R"(
  bad:   { type: test, do: [fail: { class: data, message: bad }] }
  north: { type: graph, of: plain, with: { message: x } }
  south: { type: graph, of: plain, with: { message: x }, needs: [bad] }
  west:  { type: graph, of: plain, with: { message: x }, when: { if: failed(north) } }
  then:  { type: test, needs: [north, west], when: none_failed }
  alarm: { type: test, needs: [south], when: one_failed }
)");
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 1);
  CHECK(has(end.out,
            "north.begin succeeded\nnorth.read succeeded\nnorth.clean succeeded\n"
            "north.empty skipped"));
  CHECK(has(end.out, "\nnorth succeeded\n"));
  CHECK(has(end.out, "south cancelled blocked (behind south.read (blocked))\n"));
  CHECK(has(end.out, "west.begin skipped (condition_false"));
  CHECK(has(end.out, "\nwest skipped (trigger_rule"));
  CHECK(has(end.out, "then succeeded\nalarm succeeded\n"));
}

TEST_CASE("block: an open run keeps the block it began with") {
  RunFixture fixture;
  fixture.write("blocks/plain.yaml", kPlain);
  fixture.graph("g", R"(
  north: { type: graph, of: plain, with: { message: x } }
  late:  { type: test, needs: [north], reads: [other] }
)");
  fixture.graph("h", "\n  make: { type: test, outputs: { other: text } }\n");
  CHECK(fixture.run().exit == 4);
  fixture.write("blocks/plain.yaml", "block: plain\njobs:\n  broken: { type: nothing }\n");
  fixture.graph("g", "\n  north: { type: test }\n  late: { type: test, reads: [other] }\n");
  CHECK(fixture.run("h").exit == 0);
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 0);
  CHECK(has(end.out, "goes on g.2026-01.1\n"));
  CHECK(has(end.out, "north.clean succeeded\n"));
  CHECK(has(end.out, "late succeeded\n"));
}
