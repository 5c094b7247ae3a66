#include <doctest/doctest.h>

#include "jobs/job.h"

namespace tallymill {
void register_approval(Registry<JobType>& jobs);
}
using namespace tallymill;

TEST_CASE("approval: asks a person, waits for what it is about, and opens no engine") {
  Registry<JobType> jobs;
  register_approval(jobs);
  Diagnostics diagnostics;
  const auto document =
      YamlDocument::parse("g.yaml", "type: approval\nask: all right?\nof: [gl]\n", diagnostics);
  JobSpec spec{"g", "agreed", "approval", Options(document->root()), {}};
  validate_options(spec.options.node(), jobs.find("approval")->options, "approval job 'agreed'",
                   diagnostics, {"type"});
  JobShape shape;
  jobs.find("approval")->shape(spec, shape, diagnostics);
  CHECK(diagnostics.render() == "");
  CHECK(shape.waits_for_person);
  CHECK(!shape.needs_engine);
  REQUIRE(shape.inputs.size() == 1);
  CHECK(shape.inputs[0].dataset == "gl");
  CHECK(shape.outputs.empty());
}
