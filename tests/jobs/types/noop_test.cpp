#include <doctest/doctest.h>

#include "jobs/job.h"

namespace tallymill {
void register_noop(Registry<JobType>& jobs);
}
using namespace tallymill;

namespace {

JobShape shape_of(const std::string& yaml) {
  Registry<JobType> jobs;
  register_noop(jobs);
  Diagnostics diagnostics;
  const auto document = YamlDocument::parse("g.yaml", yaml, diagnostics);
  JobSpec spec{"g", "ready", "noop", Options(document->root()), {}};
  validate_options(spec.options.node(), jobs.find("noop")->options, "noop job 'ready'", diagnostics,
                   {"type"});
  JobShape shape;
  if (!diagnostics.has_errors()) jobs.find("noop")->shape(spec, shape, diagnostics);
  INFO(diagnostics.render());
  REQUIRE(diagnostics.empty());
  return shape;
}

}  // namespace

TEST_CASE("noop: makes nothing and opens no engine") {
  const JobShape shape = shape_of("type: noop");
  CHECK(!shape.needs_engine);
  CHECK(shape.inputs.empty());
  CHECK(shape.outputs.empty());
  CHECK(shape.evidence.empty());
}

TEST_CASE("noop: waits for the datasets it names") {
  const JobShape shape = shape_of("type: noop\ninputs: [gl, clean.rejects]\n");
  REQUIRE(shape.inputs.size() == 2);
  CHECK(shape.inputs[0].dataset == "gl");
  CHECK(shape.inputs[1].dataset == "clean.rejects");
  CHECK(shape.inputs[1].where.text() == "g.yaml:2:14");
}
