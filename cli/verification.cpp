#include "cli/verification.h"

#include "cli/attempt_results.h"
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
    : workspace_(workspace), store_(store), run_(run), results_(run) {
  const ChainReport chain =
      walk_chain(store.database(), [&](const StoredEvent& stored) { results_.take(stored); });
  journal_ = {{"whole", chain.broken_at == 0},
              {"events", chain.events},
              {"head", chain.head.hash},
              {"problem", chain.problem}};
}

json::array Verification::made_by(const std::string& job, const StandingResult& stands,
                                  std::string& why) {
  const std::string partition(split_job_name(job).partition);
  json::array made;
  for (const json::value& value : stands.versions) {
    json::object version = value.as_object();
    const std::string dataset = json_text(version, "dataset");
    const auto record = store_.version(dataset, stands.version);
    if (!record || record->removed) {
      why = "dataset '" + dataset + "' of attempt " + stands.version + " is no longer kept";
      return {};
    }
    version["version"] = stands.version;
    version["folder"] = StateFolder(workspace_.state)
                            .version(dataset, run_.period, partition, stands.version)
                            .string();
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
  json::object part{{"job", job.job},     {"type", ""},
                    {"made_by", nullptr}, {"same_result", false},
                    {"state", "nothing"}, {"why", "it is " + std::string(to_string(job.state))}};
  const StandingResult* stands = results_.find(job.job);
  if (stands == nullptr) return part;
  part["made_by"] = stands->made_by;
  part["same_result"] = stands->version != stands->attempt;
  part["state"] = "left_out";
  AttemptRecord attempt;
  attempt.id = stands->attempt;
  attempt.run = stands->run;
  attempt.job = job.job;
  attempt.number = stands->number;
  auto asked = task_of(StateFolder(workspace_.state), attempt);
  if (!asked) {
    part["why"] = "what attempt " + attempt.id + " was asked is no longer kept";
    return part;
  }
  part["type"] = asked->type;
  std::string why;
  json::array made = made_by(job.job, *stands, why);
  part["why"] = why;
  if (!why.empty()) return part;
  part["inputs"] = inputs_json(*asked);
  const auto left = result_left_by(StateFolder(workspace_.state), attempt);
  json::object report = left ? json_at(*left, "report").as_object() : json::object();
  Task query =
      question_about(std::move(*asked), made, stands->ended, std::move(report), with_certificate);
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
