#include "scheduler/plan.h"

#include <doctest/doctest.h>

#include "core/error.h"
#include "fake_catalog.h"
#include "scheduler/workspace.h"

using namespace tallymill;

namespace {

std::shared_ptr<const Graph> sample() {
  TemporaryFolder folder;
  write(folder, "tallymill.yaml", "workspace: demo\n");
  write(folder, "graphs/g.yaml", R"(graph: g
period: month
jobs:
  report: { type: make, from: [gl], needs: [early] }
  early: { type: make }
  gl: { type: make, into: gl }
  sound: { type: gate, of: gl }
)");
  Diagnostics diagnostics;
  Workspace workspace = Workspace::load(folder.path(), FakeCatalog(), diagnostics);
  REQUIRE(diagnostics.empty());
  return workspace.graphs.at("g");
}

const Period kJanuary = *Period::parse("2026-01");

}  // namespace

TEST_CASE("plan: jobs come in the order they can run, each with what it waits for") {
  CHECK(plan_text(make_plan(sample(), kJanuary)) ==
        "g 2026-01: 4 jobs\n"
        "  job     type  waits for                      action\n"
        "  early   make                                 run\n"
        "  gl      make                                 run\n"
        "  sound   gate  gl                             run\n"
        "  report  make  early, gl, sound (gate of gl)  run\n");
}

TEST_CASE("plan: the control plane's judgement is shown with its reason") {
  const Plan plan = make_plan(sample(), kJanuary, [](JobIndex job) {
    return job == 2 ? PlanEntry{job, "reuse", "up_to_date"} : PlanEntry{job, "run", "no_version"};
  });
  CHECK(plan_text(plan) ==
        "g 2026-01: 4 jobs\n"
        "  job     type  waits for                      action  reason\n"
        "  early   make                                 run     no_version\n"
        "  gl      make                                 reuse   up_to_date\n"
        "  sound   gate  gl                             run     no_version\n"
        "  report  make  early, gl, sound (gate of gl)  run     no_version\n");
  const json::object object = plan_json(plan);
  CHECK(
      json::serialize(object.at("jobs").as_array().at(3)) ==
      R"({"job":"report","type":"make","waits_for":[{"job":"early","kind":"job"},)"
      R"({"job":"gl","kind":"data","dataset":"gl"},{"job":"sound","kind":"gate","dataset":"gl"}],)"
      R"("action":"run","reason":"no_version"})");
}

TEST_CASE("plan: a period of another kind is refused") {
  CHECK_THROWS_WITH_AS(make_plan(sample(), *Period::parse("2026-01-31")),
                       "error: graph 'g' runs per month, and '2026-01-31' is a day", Error);
}
