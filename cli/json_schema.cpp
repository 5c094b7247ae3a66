#include "cli/json_schema.h"

#include "rules/check_suite.h"
#include "rules/decision_table.h"
#include "rules/param_table.h"
#include "scheduler/file_options.h"

namespace tallymill {
namespace {

constexpr const char* kDraft = "https://json-schema.org/draft/2020-12/schema";
constexpr const char* kNamePattern = "^[A-Za-z_][A-Za-z0-9_]*$";

json::object reference(const std::string& definition) {
  return {{"$ref", "#/$defs/" + definition}};
}

/// A mapping with free, well-formed keys whose values are all alike.
json::object named_values(json::value value, const char* description) {
  return {{"type", "object"},
          {"description", description},
          {"propertyNames", json::object{{"pattern", kNamePattern}}},
          {"additionalProperties", std::move(value)}};
}

json::object with_summary(json::object schema, const std::string& summary) {
  schema["description"] = summary;
  return schema;
}

/// `{type: <name>, ...}` where the type decides about the other keys: if/then per type, so that an
/// editor shows the keys of the type at hand instead of every type's.
json::object by_type(const std::vector<std::string>& types, const std::string& prefix) {
  json::array names;
  json::array branches;
  for (const std::string& type : types) {
    names.emplace_back(type);
    branches.push_back(
        {{"if", json::object{{"properties", json::object{{"type", json::object{{"const", type}}}}},
                             {"required", json::array{"type"}}}},
         {"then", reference(prefix + "." + type)}});
  }
  return {{"type", "object"},
          {"properties", json::object{{"type", json::object{{"enum", std::move(names)}}}}},
          {"required", json::array{"type"}},
          {"allOf", std::move(branches)}};
}

/// `{<unit name>: <its options>}`, one key, for lists of checks and steps.
json::object one_of_units(const std::vector<std::string>& names, const std::string& prefix) {
  json::object properties;
  for (const std::string& name : names) properties[name] = reference(prefix + "." + name);
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"additionalProperties", false},
          {"minProperties", 1},
          {"maxProperties", 1}};
}

template <class Unit, class Schema>
void add_units(const Registry<Unit>& units, const std::string& prefix, Schema schema_of,
               json::object& definitions) {
  definitions[prefix] = one_of_units(units.names(), prefix);
  for (const auto& [name, unit] : units)
    definitions[prefix + "." + name] = with_summary(schema_of(unit), unit.summary);
}

void add_jobs(const Registry<JobType>& jobs, json::object& definitions) {
  definitions["job"] = by_type(jobs.names(), "job");
  for (const auto& [name, type] : jobs) {
    std::vector<OptionSpec> options = common_job_options();
    options.insert(options.end(), type.options.begin(), type.options.end());
    definitions["job." + name] = with_summary(options_schema(options), type.summary);
  }
}

void add_all_jobs(const UnitCatalog& catalog, json::object& definitions) {
  add_jobs(catalog.jobs(), definitions);
  add_units(catalog.checks(), "check", check_schema, definitions);
  add_units(catalog.steps(), "step", step_schema, definitions);
}

/// A file's own keys, some of them described better than an OptionSpec of kind `any` can.
json::object file_schema(const char* title, const std::vector<OptionSpec>& options,
                         json::object better, json::object definitions) {
  json::object schema{{"$schema", kDraft}, {"title", title}};
  for (auto& member : options_schema(options)) schema[member.key()] = std::move(member.value());
  for (auto& member : better)
    schema["properties"].as_object()[member.key()] = std::move(member.value());
  schema["$defs"] = std::move(definitions);
  return schema;
}

}  // namespace

json::object graph_schema(const UnitCatalog& catalog) {
  json::object definitions;
  definitions["param"] = options_schema(param_options());
  add_all_jobs(catalog, definitions);
  json::object better;
  better["params"] =
      named_values(reference("param"), "Values that rules, SQL and options may name.");
  better["jobs"] = named_values(reference("job"), "The jobs by name.");
  return file_schema("A graph of Tallymill", graph_options(), std::move(better),
                     std::move(definitions));
}

json::object block_schema(const UnitCatalog& catalog) {
  json::object definitions;
  add_all_jobs(catalog, definitions);
  json::object better;
  better["jobs"] = named_values(reference("job"), "The jobs by name.");
  return file_schema("A block of Tallymill", block_options(), std::move(better),
                     std::move(definitions));
}

json::object workspace_schema(const UnitCatalog& catalog) {
  json::object definitions;
  definitions["connector"] = by_type(catalog.connectors().names(), "connector");
  for (const auto& [name, type] : catalog.connectors())
    definitions["connector." + name] =
        with_summary(options_schema(type.options, {"type"}), type.summary);
  json::object better;
  better["connectors"] =
      named_values(reference("connector"), "The outside systems jobs read and write, by name.");
  return file_schema("A workspace of Tallymill", workspace_options(), std::move(better),
                     std::move(definitions));
}

json::object decision_table_schema() {
  return file_schema("A decision table of Tallymill", decision_table_options(), {}, {});
}

json::object param_table_schema() {
  return file_schema("A parameter table of Tallymill", param_table_options(), {}, {});
}

}  // namespace tallymill
