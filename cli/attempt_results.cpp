#include "cli/attempt_results.h"

#include <algorithm>

#include "core/files.h"
#include "scheduler/job_name.h"
#include "scheduler/rule_book.h"

namespace tallymill {

namespace fs = std::filesystem;

void AttemptFinder::load_all() {
  last_.emplace();
  for (AttemptRecord& attempt : store_.attempts(run_.id)) {
    AttemptRecord& last = (*last_)[attempt.job];
    if (last.id.empty() || last.number < attempt.number) last = std::move(attempt);
  }
}

void AttemptFinder::load_earlier() {
  if (is_loaded_) return;
  is_loaded_ = true;
  for (const ResultRecord& result : store_.results(run_.graph, run_.period))
    reused_[result.job] = result.attempt;
  for (const RunRecord& run : store_.runs(run_.graph, run_.period))
    for (AttemptRecord& attempt : store_.attempts(run.id)) {
      std::string id = attempt.id;
      by_attempt_.emplace(std::move(id), std::move(attempt));
    }
}

std::optional<AttemptRecord> AttemptFinder::find(const JobRunRecord& job) {
  if (job.state != JobRunState::up_to_date && last_) {
    const auto last = last_->find(job.job);
    return last == last_->end() ? std::nullopt : std::optional(last->second);
  }
  if (job.state != JobRunState::up_to_date) {
    auto attempts = store_.attempts(run_.id, job.job);
    if (attempts.empty()) return std::nullopt;
    return std::move(attempts.back());
  }
  load_earlier();
  const auto id = reused_.find(job.job);
  if (id == reused_.end()) return std::nullopt;
  const auto attempt = by_attempt_.find(id->second);
  if (attempt == by_attempt_.end()) return std::nullopt;
  return attempt->second;
}

std::optional<json::object> result_left_by(const StateFolder& state, const AttemptRecord& attempt) {
  const fs::path file = state.attempt(attempt.run, attempt.job, attempt.number) / "result.json";
  const auto text = read_file_if_there(file);
  if (!text) return std::nullopt;
  return parse_json(*text, file.string()).as_object();
}

std::optional<Task> task_of(const StateFolder& state, const AttemptRecord& attempt) {
  const fs::path file = state.attempt(attempt.run, attempt.job, attempt.number) / kTaskFile;
  const auto text = read_file_if_there(file);
  if (!text || text->empty()) return std::nullopt;
  return Task::from_json(parse_json(*text, file.string()));
}

std::map<std::string, std::string> rules_of(const Workspace& workspace, StoreView& store,
                                            const std::string& graph, const std::string& job,
                                            const std::string& run) {
  const auto found = workspace.graphs.find(graph);
  const std::string_view name = split_job_name(job).job;
  const JobNode* node =
      found == workspace.graphs.end() ? nullptr : found->second->find_job(std::string(name));
  return node == nullptr ? std::map<std::string, std::string>()
                         : rules_that_judged(store, run, *node);
}

const std::vector<std::string>& turned_away_kinds() {
  static const std::vector<std::string> kKinds{"rejects", "failures", "breaks", "parked"};
  return kKinds;
}

std::optional<TurnedAway> turned_away_by(const StateFolder& state, StoreView& store,
                                         const RunRecord& run, const AttemptRecord& attempt,
                                         const json::object& result) {
  const JobName name = split_job_name(attempt.job);
  for (const std::string& kind : turned_away_kinds())
    for (const json::value& item : json_at(result, "outputs").as_array()) {
      const json::object& output = item.as_object();
      TurnedAway rows{std::string(name.job) + "." + kind, json_integer(output, "rows"), {}};
      if (json_text(output, "dataset") != rows.dataset) continue;
      const std::string partition(name.partition);
      std::vector<fs::path> places{
          state.attempt(attempt.run, attempt.job, attempt.number) / "staging" / rows.dataset,
          state.version(rows.dataset, run.period, partition, attempt.id)};
      // An attempt that made what was there already has published no version of its own.
      if (json_text_or(result, "outcome", "") == "unchanged")
        if (const auto visible = store.visible(rows.dataset, run.period, partition))
          places.push_back(state.version(rows.dataset, run.period, partition, visible->id));
      for (fs::path& place : places)
        if (!rows.folder && fs::exists(place / "manifest.json")) rows.folder = std::move(place);
      return rows;
    }
  return std::nullopt;
}

}  // namespace tallymill
