#include "core/yaml.h"
#include "worker/column_pairs.h"
#include "worker/column_profile.h"
#include "worker/column_values.h"
#include "worker/file_relation.h"
#include "worker/query.h"

namespace tallymill {
namespace {

/// The question: {"dataset"} or {"from": as in an extract}, and "reveal".
json::value answer(WorkerContext& context) {
  const json::object& spec = context.task().spec.as_object();
  ProfileSubject subject{.relation = {}, .schema = {}, .reveal = json_boolean(spec, "reveal")};
  json::object profile;
  if (spec.contains("from")) {
    const auto document = YamlDocument::from_json(spec.at("from"));
    FileRelation file = read_file_relation(context, Options(document->root()));
    if (context.diagnostics().has_errors()) return nullptr;
    json::object malformed;
    for (const auto& [reason, count] : file.malformed) malformed[reason] = count;
    profile["malformed"] = std::move(malformed);
    subject.relation = file.relation;
    subject.schema = std::move(file.schema);
  } else {
    const std::string dataset = json_text(spec, "dataset");
    subject.schema = context.schema(dataset);
    subject.relation = context.relation(dataset);
  }
  Engine& engine = context.engine();
  subject.rows = engine.query("select count(*) from " + subject.relation).integer(0, 0);
  profile["rows"] = subject.rows;
  const std::size_t count = subject.schema.columns.size();
  json::array columns(count);
  std::vector<ColumnFacts> facts(count);
  std::size_t done = 0;
  for (const std::vector<std::size_t>& together : columns_together(engine, subject)) {
    profile_columns(context, subject, together, facts, columns);
    done += together.size();
    context.progress("columns profiled", static_cast<std::int64_t>(done),
                     static_cast<std::int64_t>(count));
  }
  add_orders(context, subject, columns);
  profile["columns"] = std::move(columns);
  profile["keys"] = find_keys(engine, subject, facts);
  profile["dependencies"] = find_dependencies(engine, subject, facts);
  return profile;
}

}  // namespace

void register_profile(Registry<Query>& queries) {
  queries.add({.name = "profile",
               .summary = "What the columns of a dataset or a file hold.",
               .answer = answer});
}

}  // namespace tallymill
