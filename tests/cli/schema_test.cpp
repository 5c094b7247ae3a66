#include <doctest/doctest.h>

#include <set>

#include "cli/catalog.h"
#include "cli/init_files.h"
#include "cli/json_schema.h"
#include "command_line.h"
#include "core/files.h"
#include "core/json.h"
#include "core/text.h"
#include "json_schema_check.h"
#include "program.h"
#include "tests/folders.h"
#include "tests/temporary_folder.h"

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

/// Every YAML file below `folder` whose path has `part` in it.
std::vector<std::filesystem::path> yaml_files(const std::string& folder, const std::string& part) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(std::filesystem::path(kSourceFolder) / folder))
    if (entry.path().extension() == ".yaml" && contains(entry.path().string(), part))
      files.push_back(entry.path());
  return files;
}

std::vector<std::string> schema_problems(const json::value& schema, const std::string& text) {
  Diagnostics diagnostics;
  const auto document = YamlDocument::parse("a file", text, diagnostics);
  REQUIRE(document);
  return JsonSchemaCheck(schema).problems(editor_value(document->root()));
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
  check_references(block_schema(catalog));
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

TEST_CASE("schema: all files are written, or one is printed") {
  const TemporaryFolder folder;
  const std::string out = (folder / "schema").string();
  const CommandOutcome outcome = run_tallymill({"schema", "--out", out});
  CHECK(outcome.exit == 0);
  CHECK(outcome.out ==
        "wrote graph.schema.json, block.schema.json, tallymill.schema.json, "
        "decision_table.schema.json and parameter_table.schema.json to '" +
            out + "'\n");
  CHECK(read_file(folder / "schema/graph.schema.json") == run_tallymill({"schema"}).out);
  CHECK(read_file(folder / "schema/tallymill.schema.json") ==
        run_tallymill({"schema", "workspace"}).out);
  CHECK(run_tallymill({"schema", "rules"}).err ==
        "error: unknown file 'rules'; there are schemas of graph, block, workspace, "
        "decision_table and parameter_table\n");
}

TEST_CASE("schema: every real graph and workspace file is valid") {
  const json::value graph = parse_json(run_tallymill({"schema"}).out, "schema");
  const json::value workspace = parse_json(run_tallymill({"schema", "workspace"}).out, "schema");
  int graphs = 0;
  for (const char* folder : {"config", "tests/cases"}) {
    for (const auto& file : yaml_files(folder, "/graphs/")) {
      if (contains(file.string(), "bad_graph") || contains(file.string(), "_bad/")) continue;
      CAPTURE(file.string());
      const auto problems = schema_problems(graph, read_file(file));
      CHECK_MESSAGE(problems.empty(), join(problems, "\n"));
      ++graphs;
    }
    for (const auto& file : yaml_files(folder, "/tallymill.yaml")) {
      CAPTURE(file.string());
      const auto problems = schema_problems(workspace, read_file(file));
      CHECK_MESSAGE(problems.empty(), join(problems, "\n"));
    }
  }
  CHECK(graphs >= 10);
  for (const auto& [name, text] : init_files()) {
    CAPTURE(name);
    if (name == "tallymill.yaml") CHECK(schema_problems(workspace, std::string(text)).empty());
    if (name.starts_with("graphs/")) CHECK(schema_problems(graph, std::string(text)).empty());
  }
}

TEST_CASE("schema: an editor underlines what validate refuses") {
  const json::value graph = parse_json(run_tallymill({"schema"}).out, "schema");
  const auto problems = [&](const std::string& job) {
    return join(schema_problems(graph, "graph: g\nperiod: month\njobs:\n  a: " + job + "\n"), "\n");
  };
  CHECK(problems("{ type: noop }").empty());
  CHECK(problems("{ type: nop }").starts_with("/jobs/a/type: is none of [\"allocate\""));
  CHECK(problems("{ type: noop, neds: [b] }") == "/jobs/a/neds: nothing is allowed here");
  CHECK(contains(problems("{ type: check, checks: [] }"), "/jobs/a: lacks \"of\""));
  CHECK(contains(problems("{ type: check, of: d, checks: [{ uniqe: [a] }] }"),
                 "/jobs/a/checks/0/uniqe: nothing is allowed here"));
  CHECK(
      join(schema_problems(graph, "graph: g\nperiod: monthly\njobs: { a: { type: noop } }\n"), "\n")
          .starts_with("/period: is none of "));
  const auto bad = schema_problems(graph, read_file(std::filesystem::path(kSourceFolder) /
                                                    "tests/cases/bad_graph/graphs/month_end.yaml"));
  CHECK(!bad.empty());
}

TEST_CASE("schema: where Python's validator is installed, it agrees") {
  const TemporaryFolder folder;
  const std::string out = folder.path().string();
  REQUIRE(run_tallymill({"schema", "--out", out}).exit == 0);
  const std::string script =
      "import json, sys, yaml, jsonschema\n"
      "schema = json.load(open(sys.argv[1]))\n"
      "kind = jsonschema.validators.validator_for(schema)\n"
      "kind.check_schema(schema)\n"
      "for name in sys.argv[2:]:\n"
      "  for problem in kind(schema).iter_errors(yaml.safe_load(open(name))):\n"
      "    sys.exit(name + ': ' + problem.message)\n";
  write_file_durably(folder / "check.py", script);
  if (std::system("python3 -c 'import yaml, jsonschema' 2>/dev/null") != 0) {
    MESSAGE("python3-jsonschema is not installed: only our own validator has looked");
    return;
  }
  std::string command = "python3 " + out + "/check.py " + out + "/graph.schema.json";
  for (const auto& file : yaml_files("config", "/graphs/")) command += " " + file.string();
  CHECK(std::system(command.c_str()) == 0);
  command = "python3 " + out + "/check.py " + out + "/tallymill.schema.json";
  for (const auto& file : yaml_files("config", "/tallymill.yaml")) command += " " + file.string();
  CHECK(std::system(command.c_str()) == 0);
}

TEST_CASE("schema: wrong usage exits 2, --help has an example") {
  const CommandOutcome misspelt = run_tallymill({"schema", "--ot", "x"});
  CHECK(misspelt.exit == 2);
  CHECK(misspelt.err ==
        "error: unknown option '--ot'; did you mean '--out'?; see 'tallymill schema --help'\n");
  CHECK(contains(run_tallymill({"schema", "--help"}).out,
                 "\nExample:\n  tallymill schema --out schema\n"));
}
