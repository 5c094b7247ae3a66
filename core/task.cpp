#include "core/task.h"

#include <array>
#include <span>

namespace tallymill {

namespace {

constexpr std::array kModes{
    std::pair{TaskMode::run, std::string_view("run")},
    std::pair{TaskMode::query, std::string_view("query")},
    std::pair{TaskMode::bind, std::string_view("bind")},
};

constexpr std::array kOutcomes{
    std::pair{TaskOutcome::succeeded, std::string_view("succeeded")},
    std::pair{TaskOutcome::findings, std::string_view("findings")},
    std::pair{TaskOutcome::failed, std::string_view("failed")},
    std::pair{TaskOutcome::unchanged, std::string_view("unchanged")},
};

template <class Names, class Value>
json::string name_of(const Names& names, Value value) {
  for (const auto& [known, name] : names)
    if (known == value) return json::string(name);
  return {};
}

template <class Names>
auto value_of(const Names& names, std::string_view key, const std::string& text) {
  for (const auto& [known, name] : names)
    if (name == text) return known;
  throw Error(ErrorClass::data,
              "key '" + std::string(key) + "' has the unknown value '" + text + "'");
}

const json::object& object_of(const json::value& value, std::string_view what) {
  if (const json::object* object = value.if_object()) return *object;
  throw Error(ErrorClass::data, std::string(what) + " must be an object");
}

const json::object& object_at(const json::object& object, std::string_view key) {
  return object_of(json_at(object, key), "key '" + std::string(key) + "'");
}

const json::array& array_at(const json::object& object, std::string_view key) {
  if (const json::array* array = json_at(object, key).if_array()) return *array;
  throw Error(ErrorClass::data, "key '" + std::string(key) + "' must be a list");
}

/// Both sides of a folder may be of different releases: a clear refusal beats a guess.
const json::object& checked_object(const json::value& value, std::string_view what) {
  const json::object& object = object_of(value, what);
  const std::int64_t format = json_integer(object, "format");
  if (format != kTaskFormat)
    throw Error(ErrorClass::data, std::string(what) + " has format " + std::to_string(format) +
                                      ", this program reads format " + std::to_string(kTaskFormat) +
                                      "; scheduler and worker must be of one release");
  return object;
}

json::value epoch_to_json(const Epoch& epoch) {
  return {{"number", epoch.number}, {"nonce", epoch.nonce}, {"store_id", epoch.store_id}};
}

Epoch epoch_from_json(const json::object& object) {
  return {json_integer(object, "number"), json_text(object, "nonce"),
          json_text(object, "store_id")};
}

json::object inputs_to_json(const std::map<std::string, std::vector<InputVersion>>& inputs) {
  json::object result;
  for (const auto& [dataset, versions] : inputs) {
    json::array& list = result.emplace(dataset, json::array()).first->value().get_array();
    for (const InputVersion& input : versions)
      list.push_back({{"version", input.version},
                      {"folder", input.folder.string()},
                      {"period", input.period},
                      {"partition", input.partition},
                      {"digest", input.digest},
                      {"dataset", input.dataset}});
  }
  return result;
}

std::map<std::string, std::vector<InputVersion>> inputs_from_json(const json::object& object) {
  std::map<std::string, std::vector<InputVersion>> inputs;
  for (const auto& [dataset, versions] : object) {
    std::vector<InputVersion>& list = inputs[dataset];
    for (const json::value& value : array_at(object, dataset)) {
      const json::object& input = object_of(value, "an input version");
      list.push_back({json_text(input, "version"), json_text(input, "folder"),
                      json_text(input, "period"), json_text(input, "partition"),
                      json_text(input, "digest"), json_text_or(input, "dataset", "")});
    }
  }
  return inputs;
}

json::value output_to_json(const TaskOutput& output) {
  json::object amounts;
  for (const auto& [column, sum] : output.amounts) amounts.emplace(column, sum);
  return {{"dataset", output.dataset},      {"evidence", output.evidence},
          {"folder", output.folder},        {"rows", output.rows},
          {"digest", output.digest},        {"amounts", amounts},
          {"provenance", output.provenance}};
}

TaskOutput output_from_json(const json::value& value) {
  const json::object& object = object_of(value, "an output");
  TaskOutput output{json_text(object, "dataset"),          json_boolean(object, "evidence"),
                    json_text(object, "folder"),           json_integer(object, "rows"),
                    json_text(object, "digest"),           {},
                    json_text_or(object, "provenance", "")};
  const json::object& amounts = object_at(object, "amounts");
  for (const auto& [column, sum] : amounts) output.amounts[column] = json_text(amounts, column);
  return output;
}

}  // namespace

json::value Task::to_json() const {
  json::object params_json, files_json, connectors_json;
  for (const auto& [name, param] : params)
    params_json.emplace(name, json::object{{"type", param.type}, {"value", param.value}});
  for (const auto& [name, file] : files) {
    json::object fields{{"path", file.path}, {"sha256", file.sha256}, {"blob", file.blob.string()}};
    if (file.text) fields["text"] = *file.text;
    files_json.emplace(name, std::move(fields));
  }
  for (const auto& [name, connector] : connectors) connectors_json.emplace(name, connector);
  json::object schemas_json;
  for (const auto& [name, schema] : schemas) schemas_json.emplace(name, schema);
  json::array several_json;
  for (const std::string& name : several) several_json.emplace_back(name);
  return {
      {"format", kTaskFormat},
      {"mode", name_of(kModes, mode)},
      {"attempt", attempt},
      {"epoch", epoch_to_json(epoch)},
      {"folder", folder.string()},
      {"workspace", workspace.string()},
      {"currency_scale", currency_scale},
      {"graph", graph},
      {"job", job},
      {"type", type},
      {"period", period},
      {"partition", partition},
      {"time", {{"zone", time.zone}, {"calendar", time.calendar}, {"scheduled", time.scheduled}}},
      {"as_of", as_of},
      {"threads", threads},
      {"memory_bytes", memory_bytes},
      {"spec", spec},
      {"params", params_json},
      {"inputs", inputs_to_json(inputs)},
      {"schemas", schemas_json},
      {"several", several_json},
      {"files", files_json},
      {"connectors", connectors_json},
      {"hidden_columns", json::array(hidden_columns.begin(), hidden_columns.end())},
      {"last_event", last_event},
      {"last_event_hash", last_event_hash},
      {"previous", previous}};
}

Task Task::from_json(const json::value& value) {
  const json::object& object = checked_object(value, "task.json");
  Task task;
  task.mode = value_of(kModes, "mode", json_text(object, "mode"));
  task.attempt = json_text(object, "attempt");
  task.epoch = epoch_from_json(object_at(object, "epoch"));
  task.folder = json_text(object, "folder");
  task.workspace = json_text(object, "workspace");
  task.currency_scale = static_cast<int>(json_integer(object, "currency_scale"));
  task.graph = json_text(object, "graph");
  task.job = json_text(object, "job");
  task.type = json_text(object, "type");
  task.period = json_text(object, "period");
  task.partition = json_text(object, "partition");
  const json::object& time = object_at(object, "time");
  task.time = {json_text(time, "zone"), json_text(time, "calendar"), json_text(time, "scheduled")};
  task.as_of = json_text(object, "as_of");
  task.threads = static_cast<int>(json_integer(object, "threads"));
  task.memory_bytes = json_integer(object, "memory_bytes");
  task.spec = json_at(object, "spec");
  for (const auto& [name, param] : object_at(object, "params")) {
    const json::object& fields = object_of(param, "a parameter");
    task.params[name] = {json_text(fields, "type"), json_text(fields, "value")};
  }
  task.inputs = inputs_from_json(object_at(object, "inputs"));
  for (const auto& [name, schema] : object_at(object, "schemas")) task.schemas[name] = schema;
  for (const json::value& name : array_at(object, "several"))
    task.several.emplace_back(name.as_string());
  for (const auto& [name, file] : object_at(object, "files")) {
    const json::object& fields = object_of(file, "a pinned file");
    task.files[name] = {json_text(fields, "path"), json_text(fields, "sha256"),
                        json_text(fields, "blob")};
    if (fields.contains("text")) task.files[name].text = json_text(fields, "text");
  }
  for (const auto& [name, connector] : object_at(object, "connectors"))
    task.connectors[name] = connector;
  // Attempts from before it was kept are still looked at.
  if (object.contains("hidden_columns"))
    for (const json::value& column : array_at(object, "hidden_columns"))
      task.hidden_columns.emplace_back(column.as_string());
  task.last_event = json_integer(object, "last_event");
  task.last_event_hash = json_text(object, "last_event_hash");
  task.previous = json_at(object, "previous");
  return task;
}

json::value TaskResult::to_json() const {
  json::array outputs_json;
  for (const TaskOutput& output : outputs) outputs_json.push_back(output_to_json(output));
  return {{"format", kTaskFormat},
          {"attempt", attempt},
          {"epoch", epoch_to_json(epoch)},
          {"outcome", name_of(kOutcomes, outcome)},
          {"error_class", json::string(to_string(error_class))},
          {"error", error},
          {"outputs", outputs_json},
          {"ledger", ledger},
          {"checks", checks},
          {"indicators", indicators},
          {"gate", gate},
          {"source_state", source_state},
          {"report", report},
          {"metrics", metrics},
          {"diagnostics", diagnostics},
          {"answer", answer},
          {"rows_in", rows_in},
          {"rows_out", rows_out},
          {"rows_rejected", rows_rejected},
          {"findings_error", findings_error},
          {"findings_warn", findings_warn}};
}

TaskResult TaskResult::from_json(const json::value& value) {
  const json::object& object = checked_object(value, "result.json");
  TaskResult result;
  result.attempt = json_text(object, "attempt");
  result.epoch = epoch_from_json(object_at(object, "epoch"));
  result.outcome = value_of(kOutcomes, "outcome", json_text(object, "outcome"));
  const std::string class_name = json_text(object, "error_class");
  const auto error_class = error_class_from(class_name);
  if (!error_class)
    throw Error(ErrorClass::data, "key 'error_class' has the unknown value '" + class_name + "'");
  result.error_class = *error_class;
  result.error = json_text(object, "error");
  for (const json::value& output : array_at(object, "outputs"))
    result.outputs.push_back(output_from_json(output));
  result.ledger = object_at(object, "ledger");
  result.checks = array_at(object, "checks");
  result.indicators = array_at(object, "indicators");
  result.gate = object_at(object, "gate");
  result.source_state = json_at(object, "source_state");
  result.report = object_at(object, "report");
  result.metrics = object_at(object, "metrics");
  result.diagnostics = array_at(object, "diagnostics");
  result.answer = json_at(object, "answer");
  result.rows_in = json_integer(object, "rows_in");
  result.rows_out = json_integer(object, "rows_out");
  result.rows_rejected = json_integer(object, "rows_rejected");
  result.findings_error = json_integer(object, "findings_error");
  result.findings_warn = json_integer(object, "findings_warn");
  return result;
}

}  // namespace tallymill
