#include "scheduler/settled.h"

#include <algorithm>

#include "core/digest.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "core/yaml.h"
#include "scheduler/fingerprint.h"

namespace tallymill {
namespace {

constexpr int kFormat = 1;

std::filesystem::path file_of(const StateFolder& state, const std::string& graph,
                              const std::string& period) {
  return state.cache() / "settled" / percent_encode(graph + "." + period);
}

std::optional<Settled> read(const std::filesystem::path& file) {
  try {
    const json::object object = parse_json(read_file(file), file.string()).as_object();
    if (json_integer(object, "format") != kFormat) return std::nullopt;
    return Settled{json_text(object, "token"), json_integer(object, "event"),
                   json_text(object, "hash"), json_text(object, "run")};
  } catch (const std::exception&) {
    return std::nullopt;  // not there, or half there: then it is found out again
  }
}

/// Whether anything after `event` may have changed a result, a version or a gate's word. Kinds that
/// cannot are named, so that a new kind counts as one that may.
bool has_changed_since(StoreView& view, std::int64_t event) {
  const auto rows = view.database().select(
      "select count(*) from event where number > :p0 and kind not in"
      " ('run_started', 'run_ended', 'job_up_to_date', 'jobs_up_to_date', 'rule_kept',"
      " 'rule_proposed', 'rule_approved', 'rule_shadowed')"
      " and kind not like 'notification!_%' escape '!'",
      "i", {event});
  return rows.at(0).integer(0) > 0;
}

/// False in a store that is another one, or an older copy.
bool holds(StoreView& view, const Settled& settled) {
  return view.database()
             .select("select count(*) from event where number = :p0 and hash = :p1", "i",
                     {settled.event, settled.hash})
             .at(0)
             .integer(0) == 1;
}

/// A run may have to skip it, to ask somebody, to tell that it is late, or to list its partitions.
bool has_say(const JobNode& job) {
  return job.when.condition || job.when.rule != TriggerRule::all_success ||
         !job.deadlines.empty() || job.axis || job.shape.waits_for_person;
}

}  // namespace

bool may_be_settled(const Graph& graph) {
  return graph.jobs.size() >= kLargeGraph &&
         std::none_of(graph.jobs.begin(), graph.jobs.end(), [](const JobNode& job) {
           return has_say(job) || job.shape.reads_source || job.shape.reads_as_of ||
                  job.shape.has_outside_effect;
         });
}

std::string settled_token(const Workspace& workspace, const PinnedFiles& files,
                          const std::map<std::string, TaskParam>& params) {
  Fingerprint token;
  token.add("tallymill settled " + std::to_string(kFormat) + " " + std::to_string(kResultAbi));
  token.add(std::to_string(workspace.currency_scale));
  token.add("files");
  for (const auto& [path, file] : files) token.add(path).add(file.sha256);
  token.add("params");
  for (const auto& [name, param] : params) token.add(name).add(param.type).add(param.value);
  token.add("connectors");
  for (const auto& [name, connector] : workspace.connectors) {
    // Without positions: moving a connector within tallymill.yaml changes nothing.
    const auto document = YamlDocument::from_json(connector.spec);
    token.add(name).add(connector.type).add(document->root().canonical());
  }
  return token.hex();
}

void remember_settled(const StateFolder& state, const std::string& graph, const std::string& period,
                      const Settled& settled) {
  try {
    const auto file = file_of(state, graph, period);
    std::filesystem::create_directories(file.parent_path());
    write_file_durably(file, json::serialize(json::object{{"format", kFormat},
                                                          {"token", settled.token},
                                                          {"event", settled.event},
                                                          {"hash", settled.hash},
                                                          {"run", settled.run}}));
  } catch (const std::exception&) {
    // A cache: the next run looks at every job.
  }
}

std::optional<std::string> settled_by(const StateFolder& state, StoreView& view, const Graph& graph,
                                      const std::string& period, const std::string& token) {
  const auto settled = read(file_of(state, graph.name, period));
  if (!settled || settled->token != token) return std::nullopt;
  if (!holds(view, *settled) || has_changed_since(view, settled->event)) return std::nullopt;
  const bool has_data = std::any_of(graph.jobs.begin(), graph.jobs.end(), [](const JobNode& job) {
    return !job.shape.outputs.empty() || !job.shape.evidence.empty();
  });
  // Somebody may have deleted a version by hand: then it is made again.
  if (has_data)
    for (const VersionRecord& version : view.visible_of(graph.name, period))
      if (!std::filesystem::exists(
              state.version(version.dataset, version.period, version.partition, version.id)))
        return std::nullopt;
  return settled->run;
}

}  // namespace tallymill
