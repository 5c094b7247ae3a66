#include <doctest/doctest.h>

#include "cli/dbt_import.h"
#include "command_line.h"
#include "core/error.h"
#include "core/json.h"
#include "sample_workspace.h"
#include "tests/outside_data.h"

using namespace tallymill;

namespace {

json::value manifest(const std::string& nodes, const std::string& schema = "v12") {
  return parse_json(R"({"metadata": {"dbt_schema_version":
      "https://schemas.getdbt.com/dbt/manifest/)" +
                        schema + R"(.json", "dbt_version": "1.9.0", "project_name": "shop"},
      "nodes": {)" + nodes +
                        "}}",
                    "the test");
}

std::string graph_of(const std::string& nodes) { return import_dbt(manifest(nodes), {}).yaml; }

/// What facts.json knows of a manifest.
json::object facts_of(const std::filesystem::path& file, const std::string& name) {
  const json::value facts = parse_json(read_file(file), "facts.json");
  for (const json::value& graph : facts.at("graphs").as_array())
    if (graph.at("name").as_string() == name) return graph.as_object();
  return {};
}

std::size_t edges_of_plan(const json::value& plan) {
  std::size_t edges = 0;
  for (const json::value& job : plan.at("jobs").as_array())
    edges += job.at("waits_for").as_array().size();
  return edges;
}

}  // namespace

TEST_CASE("import dbt: a node is a no-op job, what it depends on it needs") {
  CHECK(graph_of(R"("seed.shop.raw": {"name": "raw", "resource_type": "seed"},
                    "model.shop.a": {"name": "a", "resource_type": "model",
                      "original_file_path": "models/a.sql",
                      "config": {"materialized": "view"},
                      "depends_on": {"nodes": ["seed.shop.raw", "seed.shop.raw"]}})") ==
        "graph: shop\n"
        "description: \"The shape of dbt project shop, as dbt 1.9.0 tells it.\"\n"
        "period: day\n"
        "jobs:\n"
        "  # seed\n"
        "  raw:\n"
        "    type: noop\n"
        "  # model (view) models/a.sql\n"
        "  a:\n"
        "    type: noop\n"
        "    needs: [raw]\n");
}

TEST_CASE("import dbt: names that are no job's name, or twice there, are changed and told") {
  const DbtGraph graph =
      import_dbt(manifest(R"("model.shop.a-b": {"name": "a-b", "resource_type": "model"},
                             "model.other.a_b": {"name": "a_b", "resource_type": "model"})"),
                 {});
  CHECK(graph.yaml.find("  a_b:\n") != std::string::npos);
  CHECK(graph.yaml.find("  a_b_2:\n") != std::string::npos);
  REQUIRE(graph.unmapped.front().what == "renamed nodes");
  CHECK(graph.unmapped.front().examples ==
        std::vector<std::string>{"model.shop.a-b is a_b", "model.other.a_b is a_b_2"});
}

TEST_CASE("import dbt: a text of the project never leaves its comment") {
  const std::string yaml = graph_of(R"("test.shop.t": {"name": "t", "resource_type": "test",
      "original_file_path": "x\n  evil: { type: noop }",
      "test_metadata": {"name": "not_null", "kwargs": {"column_name": "a\"b\n- c"}}})");
  CHECK(yaml.find("\n  evil:") == std::string::npos);
  CHECK(yaml.find("  # as a check: - not_null: \"a\\\"b - c\"\n") != std::string::npos);
}

TEST_CASE("import dbt: what is no manifest is refused with what to give instead") {
  const auto problem = [](const json::value& value) {
    try {
      import_dbt(value, {});
    } catch (const Error& error) {
      CHECK(error.error_class() == ErrorClass::config);
      return error.message();
    }
    return std::string("accepted");
  };
  const std::string advice = "; run 'dbt parse' and give the file target/manifest.json";
  CHECK(problem({1, 2}) == "this is no dbt manifest: it is not a JSON object" + advice);
  CHECK(problem(json::object{{"nodes", {}}}) ==
        "this is no dbt manifest: it has no metadata.dbt_schema_version" + advice);
  CHECK(problem(manifest("")) == "this is no dbt manifest: it has no nodes" + advice);
  CHECK(problem(manifest("", "v99")) ==
        "the manifest has schema v99, this tallymill reads v4 to v12");
}

TEST_CASE("import dbt: the command neither replaces a file nor hides a wrong one") {
  const SampleWorkspace workspace;
  workspace.write("manifest.json", "{ \"metadata\"");
  workspace.write("there.yaml", "graph: there\n");
  const std::string manifest_file = workspace.root() + "/manifest.json";
  CHECK(run_tallymill({"import", "dbt", manifest_file})
            .err.starts_with("error: this is no dbt manifest: "));
  CHECK(run_tallymill({"import", "dbt", manifest_file}).exit == 2);
  const CommandOutcome twice =
      run_tallymill({"import", "dbt", manifest_file, "--out", workspace.root() + "/there.yaml"});
  CHECK(twice.exit == 2);
  CHECK(twice.err.find("there.yaml' exists, and an import does not replace") != std::string::npos);
  CHECK(read_file(workspace.root() + "/there.yaml") == "graph: there\n");
  CHECK(run_tallymill({"import", "dbt", workspace.root() + "/none.json"})
            .err.find("dbt writes its manifest to target/manifest.json") != std::string::npos);
}

TEST_CASE("import dbt: real projects come out whole, and their graphs validate") {
  for (const std::string name :
       {"jaffle_shop_manifest_v12_dbt1.9.json", "jaffle_shop_manifest_v12_dbt1.12.json"}) {
    CAPTURE(name);
    const auto file = outside_data("dag/dbt/" + name);
    const auto facts_file = outside_data("facts.json");
    if (!file || !facts_file) return;
    const json::object facts = facts_of(*facts_file, "dag/dbt/" + name);
    const SampleWorkspace workspace;
    std::filesystem::create_directories(workspace.root() + "/graphs");
    const CommandOutcome outcome =
        run_tallymill({"import", "dbt", file->string(), "--json", "--out",
                       workspace.root() + "/graphs/shop.yaml", "--period", "month"});
    REQUIRE(outcome.err == "");
    const json::value report = parse_json(outcome.out, "report");
    CHECK(report.at("jobs") == facts.at("by_type"));
    CHECK(report.at("edges") == facts.at("edges"));
    const json::value plan = parse_json(run_tallymill({"plan", "shop", "--period", "2026-01",
                                                       "--json", "--workspace", workspace.root()})
                                            .out,
                                        "plan");
    CHECK(plan.at("jobs").as_array().size() ==
          static_cast<std::size_t>(facts.at("tasks").to_number<int>()));
    CHECK(edges_of_plan(plan) == static_cast<std::size_t>(facts.at("edges").to_number<int>()));
  }
}

TEST_CASE("import dbt: --only takes some types and says which edges went with the others") {
  const std::string nodes = R"("seed.shop.raw": {"name": "raw", "resource_type": "seed"},
      "model.shop.a": {"name": "a", "resource_type": "model",
                       "depends_on": {"nodes": ["seed.shop.raw", "model.shop.gone"]}})";
  const DbtGraph graph = import_dbt(manifest(nodes), {.graph = "m", .only = {"model"}});
  CHECK(graph.jobs.size() == 1);
  CHECK(graph.edges == 0);
  REQUIRE(graph.unmapped.size() >= 2);
  CHECK(graph.unmapped[0].what == "edges to types left out");
  CHECK(graph.unmapped[1].what == "edges to unknown nodes");
  CHECK_THROWS_WITH_AS(
      import_dbt(manifest(nodes), {.only = {"modle"}}),
      "error: the manifest has no nodes of type 'modle'; its types are model, seed", Error);
}
