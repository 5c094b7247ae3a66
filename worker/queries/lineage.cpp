#include "core/yaml.h"
#include "datasets/version.h"
#include "jobs/dataset_input.h"
#include "worker/query.h"
#include "worker/row_lineage.h"

namespace tallymill {
namespace {

StoredRows stored_rows(const std::string& dataset, const std::string& period,
                       const std::vector<std::filesystem::path>& folders) {
  return {.dataset = dataset,
          .period = period,
          .relation = parquet_relation(folders),
          .schema = Manifest::read(folders.front()).schema};
}

/// {"dataset", "period", "folder"}
StoredRows rows_of(const json::object& version) {
  return stored_rows(json_text(version, "dataset"), json_text(version, "period"),
                     {json_text(version, "folder")});
}

StoredRows input_of(const Task& task, const std::string& name) {
  const std::vector<InputVersion>& versions = task.inputs.at(name);
  std::vector<std::filesystem::path> folders;
  for (const InputVersion& version : versions) folders.push_back(version.folder);
  const std::string& dataset = versions.front().dataset;
  return stored_rows(dataset.empty() ? name : dataset, versions.front().period, folders);
}

LineageStage stage_of(const json::object& told, const Task& task) {
  const auto document = YamlDocument::from_json(task.spec);
  LineageStage stage{.document = document,
                     .options = Options(document->root()),
                     .job = task.job,
                     .pools = {},
                     .receivers = {},
                     .parts = rows_of(json_at(told, "parts").as_object()),
                     .trace = rows_of(json_at(told, "trace").as_object()),
                     .before = json_integer(told, "before")};
  stage.pools = input_of(task, input_name(stage.options.object("pool").node()));
  stage.receivers = input_of(task, input_name(stage.options.object("receivers").node()));
  return stage;
}

/// The question: {"rows": version, "key": [[column, value]], "down", "limit", "reveal", "stages":
/// [{"parts": version, "trace": version, "before"}], "tasks": of the stages' jobs}.
json::value answer(WorkerContext& context) {
  const json::object& question = context.task().spec.as_object();
  RowLineage::Question asked{.rows = rows_of(json_at(question, "rows").as_object()),
                             .key = {},
                             .down = json_boolean(question, "down"),
                             .limit = json_integer(question, "limit"),
                             .reveal = json_boolean(question, "reveal")};
  for (const json::value& pair : json_at(question, "key").as_array())
    asked.key.emplace_back(pair.as_array().at(0).as_string(), pair.as_array().at(1).as_string());
  const json::array& tasks = json_at(question, "tasks").as_array();
  std::vector<LineageStage> stages;
  for (const json::value& told : json_at(question, "stages").as_array())
    stages.push_back(stage_of(told.as_object(), Task::from_json(tasks.at(stages.size()))));
  return RowLineage(context.engine(), std::move(asked), std::move(stages)).answer();
}

}  // namespace

void register_lineage(Registry<Query>& queries) {
  queries.add({.name = "lineage",
               .summary = "From which pools rows of an allocation are, or to whom they go.",
               .answer = answer});
}

}  // namespace tallymill
