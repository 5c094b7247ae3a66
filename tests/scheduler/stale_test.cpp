#include "scheduler/stale.h"

#include <doctest/doctest.h>

#include "tests/scheduler/run_fixture.h"

using namespace tallymill;

namespace {

/// "dataset" of every visible version that is stale, by dataset.
std::vector<std::string> stale(const RunFixture& fixture) {
  StoreView view = fixture.view();
  StaleFinder finder(view);
  std::vector<std::string> datasets;
  for (const VersionRecord& version : view.versions("")) {
    CHECK(finder.cause(version) == stale_cause(view, version));
    if (!finder.cause(version).empty()) datasets.push_back(version.dataset);
  }
  return datasets;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("stale: what read a replaced version, and what was made from that in turn") {
  RunFixture fixture;
  fixture.graph("g", "  a: { type: test, outputs: { a: first } }\n");
  fixture.graph("h",
                "  b: { type: test, reads: [a], outputs: { b: x } }\n"
                "  c: { type: test, reads: [a], outputs: { c: x } }\n"
                "  d: { type: test, reads: [b, c], outputs: { d: x } }\n"
                "  e: { type: test, outputs: { e: x } }\n");
  for (const char* graph : {"g", "h"}) REQUIRE(fixture.run(graph).exit == 0);
  CHECK(stale(fixture).empty());
  fixture.graph("g", "  a: { type: test, outputs: { a: second } }\n");
  REQUIRE(fixture.run("g").exit == 0);
  CHECK(stale(fixture) == Texts{"b", "c", "d"});
  REQUIRE(fixture.run("h").exit == 0);
  CHECK(stale(fixture).empty());
}

TEST_CASE("stale: a new version with the same content makes nothing stale") {
  RunFixture fixture;
  fixture.graph("g", "  a: { type: test, outputs: { a: same } }\n");
  fixture.graph("h", "  b: { type: test, reads: [a], outputs: { b: x } }\n");
  for (const char* graph : {"g", "h"}) REQUIRE(fixture.run(graph).exit == 0);
  REQUIRE(fixture.run("g", {"force"}).exit == 0);
  CHECK(stale(fixture).empty());
}
