#include "cli/verification.h"

#include "core/error.h"
#include "scheduler/imagined_job.h"
#include "scheduler/job_name.h"
#include "scheduler/query_runner.h"
#include "scheduler/state_folder.h"
#include "scheduler/store.h"

namespace tallymill {
namespace {

/// What a query calls the versions that the job made; no input can be called so.
constexpr const char* kMade = "made ";

json::array inputs_json(const Task& asked) {
  json::array inputs;
  for (const auto& [name, versions] : asked.inputs)
    for (const InputVersion& version : versions)
      inputs.push_back(json::object{{"input", name},
                                    {"dataset", version.dataset.empty() ? name : version.dataset},
                                    {"version", version.version},
                                    {"digest", version.digest}});
  return inputs;
}

}  // namespace

Verification::Verification(const Workspace& workspace, StoreView& store, const RunRecord& run)
    : workspace_(workspace), store_(store), run_(run) {
  AttemptFinder finder(store, run);
  std::set<std::string> wanted;
  for (const JobRunRecord& job : store.job_runs(run.id))
    if (const auto attempt = is_good(job.state) ? finder.find(job) : std::nullopt) {
      attempts_[job.job] = *attempt;
      wanted.insert(attempt->id);
    }
  const ChainReport chain = walk_chain(store.database(), [&](const StoredEvent& stored) {
    if (stored.event.kind != "attempt_ended") return;
    const std::string attempt = json_text(stored.event.body, "attempt");
    const json::value* result = stored.event.body.if_contains("result");
    if (result != nullptr && wanted.contains(attempt)) results_[attempt] = result->as_object();
  });
  journal_ = {{"whole", chain.broken_at == 0},
              {"events", chain.events},
              {"head", chain.head.hash},
              {"problem", chain.problem}};
}

/// The folder of a version; of one that was the same as before, the one that was there.
std::string Verification::place_of(const AttemptRecord& attempt, const json::object& version,
                                   bool publishes) {
  const std::string dataset = json_text(version, "dataset");
  const std::string partition(split_job_name(attempt.job).partition);
  std::string id = attempt.id;
  if (!publishes) {
    const auto visible = store_.visible(dataset, run_.period, partition);
    if (!visible || visible->digest != json_text(version, "digest")) return {};
    id = visible->id;
  }
  const auto record = store_.version(dataset, id);
  if (!record || record->removed) return {};
  return StateFolder(workspace_.state).version(dataset, run_.period, partition, id).string();
}

json::array Verification::made_by(const AttemptRecord& attempt, const json::object& result,
                                  std::string& why) {
  json::array made;
  for (const json::value& value : json_at(result, "versions").as_array()) {
    json::object version = value.as_object();
    const std::string folder = place_of(attempt, version, json_boolean(result, "publishes"));
    if (folder.empty()) {
      why = "dataset '" + json_text(version, "dataset") + "' of attempt " + attempt.id +
            " is no longer kept";
      return {};
    }
    version["version"] = std::filesystem::path(folder).filename().string();
    version["folder"] = folder;
    made.push_back(std::move(version));
  }
  return made;
}

Task Verification::question_about(Task asked, const json::array& made, const json::object& result,
                                  json::object report, bool with_certificate) {
  json::array contents_of;
  for (const auto& [name, versions] : asked.inputs)
    for (const InputVersion& version : versions)
      if (looked_at_.insert(version.folder.string()).second) {
        contents_of.emplace_back(name);
        break;
      }
  const std::string ledger = json_text(result, "ledger");
  json::object question{
      {"query", "verify"},
      {"made", made},
      {"ledger", ledger.empty() ? json::value(json::object()) : parse_json(ledger, "the journal")},
      {"report", std::move(report)},
      {"contents_of", std::move(contents_of)},
      {"certificate", with_certificate}};
  Task query = query_about({std::move(asked)}, std::move(question));
  for (const json::value& value : made) {
    const json::object& version = value.as_object();
    const std::string folder = json_text(version, "folder");
    looked_at_.insert(folder);
    query.inputs[kMade + json_text(version, "dataset")].push_back(
        {.version = json_text(version, "version"),
         .folder = folder,
         .period = run_.period,
         .partition = {},
         .digest = json_text(version, "digest")});
  }
  return query;
}

json::object Verification::verify(const JobRunRecord& job, bool with_certificate) {
  json::object part{{"job", job.job},
                    {"type", ""},
                    {"made_by", nullptr},
                    {"state", "nothing"},
                    {"why", "it is " + std::string(to_string(job.state))}};
  const auto counted = attempts_.find(job.job);
  if (counted == attempts_.end()) return part;
  const AttemptRecord* attempt = &counted->second;
  part["made_by"] = attempt->run;
  part["state"] = "left_out";
  const auto result = results_.find(attempt->id);
  auto asked = task_of(StateFolder(workspace_.state), *attempt);
  if (result == results_.end() || !asked) {
    part["why"] = result == results_.end()
                      ? "the journal does not tell of attempt " + attempt->id
                      : "what attempt " + attempt->id + " was asked is no longer kept";
    return part;
  }
  part["type"] = asked->type;
  std::string why;
  json::array made = made_by(*attempt, result->second, why);
  part["why"] = why;
  if (!why.empty()) return part;
  part["inputs"] = inputs_json(*asked);
  const auto left = result_left_by(StateFolder(workspace_.state), *attempt);
  json::object report = left ? json_at(*left, "report").as_object() : json::object();
  Task query =
      question_about(std::move(*asked), made, result->second, std::move(report), with_certificate);
  for (json::value& version : made) version.as_object().erase("folder");
  part["made"] = std::move(made);
  try {
    part["proof"] = run_query(workspace_, std::move(query)).answer;
  } catch (Error& error) {
    error.add_context("verifying job '" + job.job + "'");
    throw;
  }
  part["state"] = json_boolean(part.at("proof").as_object(), "holds") ? "verified" : "broken";
  return part;
}

}  // namespace tallymill
