#include <doctest/doctest.h>

#include "jobs/job.h"

namespace tallymill {
void register_graph(Registry<JobType>& jobs);
}
using namespace tallymill;

TEST_CASE("graph: depends on the block's file, makes nothing and opens no engine") {
  Registry<JobType> jobs;
  register_graph(jobs);
  Diagnostics diagnostics;
  const auto document =
      YamlDocument::parse("g.yaml", "type: graph\nof: shop\nwith: { shop: north }\n", diagnostics);
  const JobSpec spec{"g", "north", "graph", Options(document->root()), {}};
  validate_options(spec.options.node(), jobs.find("graph")->options, "graph job 'north'",
                   diagnostics, {"type"});
  JobShape shape;
  jobs.find("graph")->shape(spec, shape, diagnostics);
  CHECK(diagnostics.empty());
  REQUIRE(shape.files.size() == 1);
  CHECK(shape.files[0].path == "blocks/shop.yaml");
  CHECK(shape.files[0].where.text() == "g.yaml:2:5");
  CHECK(!shape.needs_engine);
  CHECK(shape.outputs.empty());
}
