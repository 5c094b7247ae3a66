#include <doctest/doctest.h>

#include <set>

#include "../scheduler/fixtures.h"
#include "cli/catalog.h"
#include "cli/json_schema.h"
#include "command_line.h"
#include "core/json.h"

using namespace tallymill;

namespace {

/// Every `$ref` below `value`.
void collect_references(const json::value& value, std::set<std::string>& references) {
  if (const json::array* array = value.if_array())
    for (const json::value& item : *array) collect_references(item, references);
  if (const json::object* object = value.if_object())
    for (const auto& member : *object) {
      if (member.key() == "$ref" && member.value().is_string())
        references.insert(std::string(member.value().get_string()));
      collect_references(member.value(), references);
    }
}

void check_references(const json::object& schema) {
  std::set<std::string> references;
  collect_references(schema, references);
  CHECK(!references.empty());
  for (const std::string& reference : references) {
    CAPTURE(reference);
    REQUIRE(reference.starts_with("#/$defs/"));
    CHECK(schema.at("$defs").as_object().contains(reference.substr(8)));
  }
}

}  // namespace

TEST_CASE("schema: every reference leads to a definition") {
  const UnitCatalog catalog;
  check_references(graph_schema(catalog));
  check_references(workspace_schema(catalog));
}

TEST_CASE("schema: every unit has a definition with its summary") {
  const UnitCatalog catalog;
  const json::object graph = graph_schema(catalog);
  const json::object& definitions = graph.at("$defs").as_object();
  for (const auto& [name, type] : catalog.jobs()) {
    CAPTURE(name);
    const json::object& job = definitions.at("job." + name).as_object();
    CHECK(json_text(job, "description") == type.summary);
    CHECK(job.at("properties").as_object().contains("needs"));
  }
  for (const auto& [name, type] : catalog.checks()) {
    CAPTURE(name);
    CHECK(json_text(definitions.at("check." + name).as_object(), "description") == type.summary);
  }
  for (const auto& [name, type] : catalog.connectors()) {
    CAPTURE(name);
    const json::object workspace = workspace_schema(catalog);
    CHECK(workspace.at("$defs").as_object().contains("connector." + name));
  }
}

TEST_CASE("schema: the type of a job decides about its keys") {
  const json::object schema = graph_schema(UnitCatalog());
  const json::object& job = schema.at("$defs").at("job").as_object();
  bool found = false;
  for (const json::value& branch : job.at("allOf").as_array())
    if (json::serialize(branch) ==
        R"({"if":{"properties":{"type":{"const":"noop"}},"required":["type"]},)"
        R"("then":{"$ref":"#/$defs/job.noop"}})")
      found = true;
  CHECK(found);
  CHECK(json::serialize(schema.at("required")) == R"(["graph","period","jobs"])");
  CHECK(json::serialize(schema.at("properties").at("jobs").at("additionalProperties")) ==
        R"({"$ref":"#/$defs/job"})");
}

TEST_CASE("schema: both files are written, or one is printed") {
  const ScratchFolder folder;
  const std::string out = (folder / "schema").string();
  const CommandOutcome outcome = run_tallymill({"schema", "--out", out});
  CHECK(outcome.exit == 0);
  CHECK(outcome.out == "wrote graph.schema.json and tallymill.schema.json to '" + out + "'\n");
  CHECK(read_file(folder / "schema/graph.schema.json") == run_tallymill({"schema"}).out);
  CHECK(read_file(folder / "schema/tallymill.schema.json") ==
        run_tallymill({"schema", "workspace"}).out);
  CHECK(run_tallymill({"schema", "rules"}).err ==
        "error: unknown file 'rules'; there are schemas of graph and workspace\n");
}
