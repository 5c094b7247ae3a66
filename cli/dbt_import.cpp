#include "cli/dbt_import.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <unordered_map>

#include "cli/dbt_test_text.h"
#include "cli/text_table.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill {
namespace {

constexpr int kOldestSchema = 4;
constexpr int kNewestSchema = 12;
constexpr std::size_t kExamples = 3;

/// Where the manifest keeps its nodes, in the order in which they become jobs.
constexpr std::array<std::string_view, 7> kSections{
    "sources", "nodes", "exposures", "metrics", "saved_queries", "semantic_models", "unit_tests"};

struct DbtNode {
  std::string id;
  std::string type;
  const json::object* body = nullptr;
  std::string job;
};

Error no_manifest(const std::string& what) {
  return Error(ErrorClass::config, "this is no dbt manifest: " + what +
                                       "; run 'dbt parse' and give the file target/manifest.json");
}

const json::object* object_in(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

/// ".../dbt/manifest/v12.json" -> 12; 0 if it is not written so.
int schema_number(const std::string& schema) {
  const std::size_t at = schema.rfind("/manifest/v");
  if (at == std::string::npos) return 0;
  int number = 0;
  const char* first = schema.data() + at + std::string_view("/manifest/v").size();
  std::from_chars(first, schema.data() + schema.size(), number);
  return number;
}

const json::object& metadata_of(const json::value& manifest) {
  const json::object* root = manifest.if_object();
  if (root == nullptr) throw no_manifest("it is not a JSON object");
  const json::object* metadata = object_in(*root, "metadata");
  const std::string schema =
      metadata == nullptr ? std::string() : json_text_or(*metadata, "dbt_schema_version", "");
  if (schema.empty()) throw no_manifest("it has no metadata.dbt_schema_version");
  const int number = schema_number(schema);
  if (number == 0) throw no_manifest("its schema is '" + schema + "'");
  if (number < kOldestSchema || number > kNewestSchema)
    throw Error(ErrorClass::config, "the manifest has schema v" + std::to_string(number) +
                                        ", this tallymill reads v" + std::to_string(kOldestSchema) +
                                        " to v" + std::to_string(kNewestSchema));
  return *metadata;
}

std::string identifier_of(std::string_view text) {
  std::string name;
  for (const char byte : text) {
    const bool fits = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                      (byte >= '0' && byte <= '9') || byte == '_';
    name += fits ? byte : '_';
  }
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name.insert(0, "_");
  return name;
}

/// Models and seeds keep their names, as people know them; others say what they are.
std::string wanted_name(const DbtNode& node) {
  const std::string name = json_text_or(*node.body, "name", node.id);
  if (node.type == "model" || node.type == "seed" || node.type == "snapshot")
    return identifier_of(name);
  if (node.type == "source")
    return identifier_of("source_" + json_text_or(*node.body, "source_name", "") + "_" + name);
  return identifier_of(node.type + "_" + name);
}

class Importer {
 public:
  Importer(const json::value& manifest, const DbtImportOptions& options) : options_(options) {
    const json::object& metadata = metadata_of(manifest);
    graph_.project = json_text_or(metadata, "project_name", "");
    graph_.dbt_version = json_text_or(metadata, "dbt_version", "");
    read_nodes(manifest.as_object());
    name_jobs();
  }

  DbtGraph import() {
    std::string name = options_.graph;
    if (name.empty()) name = identifier_of(graph_.project.empty() ? "dbt" : graph_.project);
    graph_.yaml = "graph: " + name + "\ndescription: " + header() + "\nperiod: " + options_.period +
                  "\njobs:\n";
    for (const DbtNode& node : nodes_) add_job(node);
    report_bodies();
    return std::move(graph_);
  }

 private:
  std::string header() const {
    return "\"The shape of dbt project " + one_line(graph_.project) + ", as dbt " +
           one_line(graph_.dbt_version) + " tells it.\"";
  }

  bool is_wanted(const std::string& type) const {
    return options_.only.empty() ||
           std::find(options_.only.begin(), options_.only.end(), type) != options_.only.end();
  }

  void read_nodes(const json::object& root) {
    std::set<std::string> types;
    for (const std::string_view section : kSections) {
      const json::object* entries = object_in(root, section);
      if (entries == nullptr) continue;
      for (const auto& [id, value] : *entries) {
        const json::object* body = value.if_object();
        if (body == nullptr) throw no_manifest("node '" + std::string(id) + "' is no object");
        DbtNode node{std::string(id), json_text_or(*body, "resource_type", ""), body, {}};
        if (node.type.empty()) node.type = node.id.substr(0, node.id.find('.'));
        types.insert(node.type);
        if (is_wanted(node.type))
          nodes_.push_back(std::move(node));
        else
          left_out_.insert(node.id);
      }
    }
    for (const std::string& type : options_.only)
      if (!types.contains(type)) {
        const std::vector<std::string> known(types.begin(), types.end());
        throw Error(ErrorClass::config, "the manifest has no nodes of type '" + type +
                                            "'; its types are " + join(known, ", "));
      }
    if (nodes_.empty()) throw no_manifest("it has no nodes");
  }

  void name_jobs() {
    std::set<std::string> taken;
    for (DbtNode& node : nodes_) {
      const std::string wanted = wanted_name(node);
      node.job = wanted;
      for (int i = 2; !taken.insert(node.job).second; ++i)
        node.job = wanted + "_" + std::to_string(i);
      if (node.job != json_text_or(*node.body, "name", "") &&
          (node.type == "model" || node.type == "seed" || node.type == "snapshot"))
        note("renamed nodes", "a job's name is letters, digits and '_', and no two are the same",
             node.id + " is " + node.job);
      by_id_.emplace(node.id, &node);
    }
  }

  /// The jobs this one waits for, each once, in the manifest's order.
  std::vector<std::string> needs_of(const DbtNode& node) {
    std::vector<std::string> needs;
    const json::object* depends = object_in(*node.body, "depends_on");
    const json::value* ids = depends == nullptr ? nullptr : depends->if_contains("nodes");
    if (ids == nullptr || !ids->is_array()) return needs;
    for (const json::value& id : ids->as_array()) {
      if (!id.is_string()) continue;
      const std::string text(id.as_string());
      const auto found = by_id_.find(text);
      if (found == by_id_.end()) {
        note(left_out_.contains(text) ? "edges to types left out" : "edges to unknown nodes",
             left_out_.contains(text) ? "--only asked for other types"
                                      : "the manifest does not hold them: disabled, or not parsed",
             node.id + " -> " + text);
        continue;
      }
      if (std::find(needs.begin(), needs.end(), found->second->job) == needs.end())
        needs.push_back(found->second->job);
    }
    return needs;
  }

  void add_job(const DbtNode& node) {
    ++graph_.jobs[node.type];
    const std::vector<std::string> needs = needs_of(node);
    graph_.edges += needs.size();
    std::string remark = node.type;
    const json::object* config = object_in(*node.body, "config");
    const std::string kind = config == nullptr ? "" : json_text_or(*config, "materialized", "");
    if (!kind.empty() && kind != node.type) remark += " (" + kind + ")";
    const std::string path = json_text_or(*node.body, "original_file_path", "");
    if (!path.empty()) remark += " " + path;
    graph_.yaml += "  # " + one_line(remark) + "\n";
    if (node.type == "test") add_check(node);
    graph_.yaml += "  " + node.job + ":\n    type: noop\n";
    if (!needs.empty()) graph_.yaml += "    needs: [" + join(needs, ", ") + "]\n";
  }

  void add_check(const DbtNode& node) {
    const std::string check = check_for_dbt_test(*node.body);
    if (!check.empty()) {
      graph_.yaml += "  # as a check: - " + check + "\n";
      return;
    }
    note("data tests without a counterpart",
         "write them as a check 'expression', or as a rule in Lua", node.id);
  }

  void report_bodies() {
    static const std::map<std::string, std::pair<std::string, std::string>> kBodies{
        {"model",
         {"SQL of models",
          "it is text for the project's database: write a 'transform' job "
          "with its key, columns and balance"}},
        {"snapshot",
         {"snapshots", "versions of a dataset are kept anyway: write an 'extract' job"}},
        {"seed", {"rows of seeds", "put the file under tables/, or write an 'extract' job"}},
        {"source", {"sources", "declare a connector, and an 'extract' job for what is read"}},
        {"test",
         {"data tests", "put the check written beside each into a 'check' job of its dataset"}},
        {"unit_test", {"unit tests", "write a case under tests/ of the workspace"}},
        {"metric", {"metrics", "dbt runs none of them: write an 'indicator' job"}},
        {"semantic_model", {"semantic models", "dbt runs none of them; there is no counterpart"}},
        {"saved_query", {"saved queries", "there is no counterpart: write an 'export' job"}},
        {"exposure", {"exposures", "write an 'export' job where something is delivered"}},
        {"operation", {"hooks (operations)", "there is no counterpart for on-run hooks"}}};
    for (const DbtNode& node : nodes_) {
      const auto known = kBodies.find(node.type);
      if (known == kBodies.end())
        note("nodes of type " + node.type, "this tallymill does not know the type", node.id);
      else
        note(known->second.first, known->second.second, node.id);
    }
  }

  void note(const std::string& what, const std::string& why, const std::string& example) {
    auto part = std::find_if(graph_.unmapped.begin(), graph_.unmapped.end(),
                             [&](const UnmappedPart& known) { return known.what == what; });
    if (part == graph_.unmapped.end())
      part = graph_.unmapped.insert(part, UnmappedPart{what, why, 0, {}});
    if (++part->count <= kExamples) part->examples.push_back(one_line(example));
  }

  const DbtImportOptions& options_;
  DbtGraph graph_;
  std::vector<DbtNode> nodes_;
  std::unordered_map<std::string, const DbtNode*> by_id_;
  std::set<std::string> left_out_;
};

}  // namespace

DbtGraph import_dbt(const json::value& manifest, const DbtImportOptions& options) {
  return Importer(manifest, options).import();
}

std::string dbt_report(const DbtGraph& graph) {
  std::size_t jobs = 0;
  TextTable types({{"type"}, {"jobs", true}});
  for (const auto& [type, count] : graph.jobs) {
    types.add({type, std::to_string(count)});
    jobs += count;
  }
  TextTable parts({{"not mapped"}, {"count", true}, {"what to do"}, {"first"}});
  for (const UnmappedPart& part : graph.unmapped)
    parts.add({part.what, std::to_string(part.count), part.why, fit(part.examples.front(), 60)});
  return "dbt project " + one_line(graph.project) + " (dbt " + one_line(graph.dbt_version) +
         "): " + std::to_string(jobs) + " jobs, " + std::to_string(graph.edges) + " edges\n" +
         types.text() + "\n" + parts.text();
}

json::object dbt_report_json(const DbtGraph& graph) {
  json::object jobs;
  for (const auto& [type, count] : graph.jobs) jobs[type] = count;
  json::array parts;
  for (const UnmappedPart& part : graph.unmapped) {
    json::array examples;
    for (const std::string& example : part.examples) examples.emplace_back(example);
    parts.push_back({{"what", part.what},
                     {"count", part.count},
                     {"why", part.why},
                     {"examples", std::move(examples)}});
  }
  return {{"project", graph.project},
          {"dbt_version", graph.dbt_version},
          {"jobs", std::move(jobs)},
          {"edges", graph.edges},
          {"not_mapped", std::move(parts)}};
}

}  // namespace tallymill
