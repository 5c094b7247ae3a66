#include "cli/catalog.h"

#include <doctest/doctest.h>

using namespace tallymill;

namespace {

struct Shaped {
  JobShape shape;
  std::string problems;
};

Shaped shape_of(const std::string& yaml) {
  Diagnostics parsing;
  const auto document = YamlDocument::parse("g.yaml", yaml, parsing);
  REQUIRE(document);
  const JobSpec spec{
      "g", "job", std::string(document->root().find("type").text()), Options(document->root()), {}};
  Diagnostics diagnostics;
  Shaped result;
  result.shape = UnitCatalog().shape(spec, {"type"}, diagnostics);
  result.problems = diagnostics.render();
  return result;
}

std::string connector_problems(const std::string& yaml) {
  Diagnostics diagnostics;
  const auto document = YamlDocument::parse("tallymill.yaml", yaml, diagnostics);
  UnitCatalog().check_connector("crm", document->root(), diagnostics);
  return diagnostics.render();
}

}  // namespace

TEST_CASE("catalog: every job type can tell its shape and make a job") {
  const UnitCatalog catalog;
  CHECK(catalog.types() == catalog.jobs().names());
  for (const auto& [name, type] : catalog.jobs()) {
    CAPTURE(name);
    CHECK(type.shape);
    CHECK(type.make);
  }
}

TEST_CASE("catalog: a misspelt key does not hide what the others say") {
  const Shaped shaped = shape_of("type: noop\ninputs: [gl]\nneds: x\n");
  CHECK(shaped.problems.starts_with("g.yaml:3:1: error: unknown option 'neds' for noop job 'job'"));
  REQUIRE(shaped.shape.inputs.size() == 1);
  CHECK(shaped.shape.inputs[0].dataset == "gl");
}

TEST_CASE("catalog: a value of the wrong kind is reported once and tells nothing") {
  const Shaped shaped = shape_of("type: noop\ninputs: gl\n");
  CHECK(shaped.problems == "g.yaml:2:9: error: option 'inputs' must be a list, got 'gl'\n");
  CHECK(shaped.shape.inputs.empty());
}

TEST_CASE("catalog: connectors are checked by their type") {
  CHECK(connector_problems("{ type: files, root: in }").empty());
  CHECK(connector_problems("{ root: in }") ==
        "tallymill.yaml:1:1: error: connector 'crm' lacks the option 'type'; the types are files, "
        "postgresql, sqlite\n"
        "    1 | { root: in }\n"
        "      | ^\n");
  CHECK(connector_problems("{ type: file, root: in }") ==
        "tallymill.yaml:1:9: error: unknown connector type 'file'; did you mean 'files'?\n"
        "    1 | { type: file, root: in }\n"
        "      |         ^~~~\n");
  CHECK(connector_problems("{ type: files, rot: in }").find("did you mean 'root'?") !=
        std::string::npos);
}
