#include "verify/verify.h"

#include "core/yaml.h"
#include "worker/query.h"

namespace tallymill {
namespace {

using verify::RecordedVersion;

std::map<std::string, std::string> amounts_of(const json::object& version) {
  std::map<std::string, std::string> amounts;
  for (const auto& [column, amount] : json_at(version, "amounts").as_object())
    amounts[std::string(column)] = std::string(amount.as_string());
  return amounts;
}

/// What the journal says the job made, where it lies.
std::vector<RecordedVersion> made_of(const json::object& question) {
  std::vector<RecordedVersion> made;
  for (const json::value& value : json_at(question, "made").as_array()) {
    const json::object& version = value.as_object();
    made.push_back({.dataset = json_text(version, "dataset"),
                    .version = json_text(version, "version"),
                    .folder = json_text(version, "folder"),
                    .digest = json_text(version, "digest"),
                    .evidence = json_boolean(version, "evidence"),
                    .is_made = true,
                    .rows = json_integer(version, "rows"),
                    .amounts = amounts_of(version)});
  }
  return made;
}

/// A driver that is SQL, with the run's parameters bound as the job bound them.
std::optional<std::pair<std::string, std::string>> driver_expression(WorkerContext& context,
                                                                     const Task& asked,
                                                                     const Options& options) {
  if (asked.type != "allocate" || !options.node("driver").is_mapping()) return std::nullopt;
  const Options driver = options.object("driver");
  if (!driver.has("sql")) return std::nullopt;
  PublishedInputs inputs(asked);
  TaskResult unused;
  WorkerContext job(asked, context.session(), inputs, unused);
  return std::pair{driver.text("sql"),
                   job.bind_parameters(driver.text("sql"), driver.position("sql"))};
}

json::value answer(WorkerContext& context) {
  const json::object& question = context.task().spec.as_object();
  const Task asked = Task::from_json(json_at(question, "tasks").as_array().at(0));
  // The options live as long as their document.
  const auto document = YamlDocument::from_json(asked.spec);
  verify::RecordedJob job{.job = asked.job,
                          .type = asked.type,
                          .options = Options(document->root()),
                          .params = asked.params,
                          .inputs = {},
                          .made = made_of(question),
                          .ledger = json_at(question, "ledger").as_object(),
                          .report = json_at(question, "report").as_object()};
  for (const auto& [name, versions] : asked.inputs)
    for (const InputVersion& version : versions)
      job.inputs[name].push_back({.dataset = version.dataset.empty() ? name : version.dataset,
                                  .version = version.version,
                                  .folder = version.folder,
                                  .digest = version.digest});
  if (const auto driver = driver_expression(context, asked, job.options))
    job.expressions[driver->first] = driver->second;
  verify::VerifyWanted wanted{.contents_of = {},
                              .certificate = json_boolean(question, "certificate")};
  for (const json::value& name : json_at(question, "contents_of").as_array())
    wanted.contents_of.insert(std::string(name.as_string()));
  return verify::verify_job(context.engine(), job, wanted);
}

}  // namespace

void register_verify(Registry<Query>& queries) {
  queries.add({.name = "verify", .summary = "Recomputes what a job published.", .answer = answer});
}

}  // namespace tallymill
