#include "verify/verify.h"

#include <algorithm>

#include "core/yaml.h"
#include "worker/pinned_table.h"
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

/// SQL of the job's options, with the run's parameters bound as the job bound them.
std::map<std::string, std::string> expressions_of(WorkerContext& context, const Task& asked,
                                                  const Options& options) {
  std::map<std::string, std::string> expressions;
  PublishedInputs inputs(asked);
  TaskResult unused;
  WorkerContext job(asked, context.session(), inputs, unused);
  const auto add = [&](const char* group, const char* option, const std::string& name) {
    if (!options.has(group) || !options.node(group).is_mapping()) return;
    const Options within = options.object(group);
    if (!within.has(option)) return;
    const std::string sql = within.text(option);
    expressions[name.empty() ? sql : name] = job.bind_parameters(sql, within.position(option));
  };
  add("driver", "sql", "");
  for (const char* side : {"left", "right"}) add(side, "where", std::string(side) + " where");
  const auto add_of_list = [&](const Options& of, const char* list, const char* option,
                               const auto& name) {
    if (!of.has(list)) return;
    std::size_t number = 0;
    for (const YamlNode& node : of.list(list)) {
      const Options entry(node);
      if (entry.has(option))
        expressions[name(entry, number)] =
            job.bind_parameters(entry.text(option), entry.position(option));
      ++number;
    }
  };
  add_of_list(options, "systems", "where",
              [](const Options& system, std::size_t) { return system.text("name") + " where"; });
  const auto numbered = [](const std::string& name) {
    return
        [name](const Options&, std::size_t number) { return name + " " + std::to_string(number); };
  };
  add_of_list(options, "complete_when", "condition", numbered("complete_when"));
  if (!options.has("life")) return expressions;
  const Options life = options.object("life");
  add_of_list(life, "write_off", "when", numbered("write_off"));
  if (life.has("days"))
    expressions["life days"] = job.expand(life.text("days"), life.position("days"));
  return expressions;
}

/// Tables, calendars and other files that the run pinned, as far as they are still kept.
std::map<std::string, std::string> files_of(const Task& asked) {
  std::map<std::string, std::string> files;
  for (const auto& [path, file] : asked.files)
    if (file.text || std::filesystem::exists(file.blob))
      if (auto text = read_pinned(asked, path)) files[path] = std::move(*text);
  return files;
}

json::value answer(WorkerContext& context) {
  const json::object& question = context.task().spec.as_object();
  const Task asked = Task::from_json(json_at(question, "tasks").as_array().at(0));
  // The options live as long as their document.
  const auto document = YamlDocument::from_json(asked.spec);
  verify::RecordedJob job{.graph = asked.graph,
                          .job = asked.job,
                          .partition = asked.partition,
                          .period = asked.period,
                          .type = asked.type,
                          .options = Options(document->root()),
                          .params = asked.params,
                          .inputs = {},
                          .made = made_of(question),
                          .ledger = json_at(question, "ledger").as_object(),
                          .report = json_at(question, "report").as_object()};
  for (const auto& [name, versions] : asked.inputs) {
    std::vector<RecordedVersion>& read = job.inputs[name];
    const bool is_of_several = std::ranges::find(asked.several, name) != asked.several.end();
    for (const InputVersion& version : versions) {
      read.push_back({.dataset = version.dataset.empty() ? name : version.dataset,
                      .version = version.version,
                      .folder = version.folder,
                      .digest = version.digest});
      if (is_of_several)
        read.back().origin = {.period = version.period, .partition = version.partition};
    }
  }
  job.expressions = expressions_of(context, asked, job.options);
  job.files = files_of(asked);
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
