#include "scheduler/stored_texts.h"

#include <set>

#include "core/json.h"
#include "core/stored_text.h"
#include "scheduler/break_words.h"
#include "scheduler/corrections.h"
#include "scheduler/job_name.h"

namespace tallymill {
namespace {

/// Twelve years of days: no season looks further back.
constexpr std::size_t kMostPeriods = 4400;

/// By what a run calls the jobs of that name, of whatever partition: {"measures": {name: {period:
/// value}}}, of earlier periods of the same kind, the newest of them.
TextsInstead histories_of(StoreView& view, const std::string& graph, std::string_view job,
                          const Period& before) {
  std::map<std::string, std::map<std::string, std::map<Period, std::string>>> by_partition;
  for (const SqlRow& row : view.database().select(
           "select partition, name, period, value from measure where graph = :p0 and job = :p1",
           "tttt", {graph, job})) {
    const auto period = Period::parse(row.text(2));
    if (period && period->kind() == before.kind() && period->first_day() < before.first_day())
      by_partition[row.text(0)][row.text(1)].emplace(*period, row.text(3));
  }
  TextsInstead texts;
  for (auto& [partition, measures] : by_partition) {
    json::object all;
    for (auto& [measure, values] : measures) {
      while (values.size() > kMostPeriods) values.erase(values.begin());
      json::object by_period;
      for (const auto& [period, value] : values) by_period[period.text()] = value;
      all[measure] = std::move(by_period);
    }
    texts.emplace(history_path(job_name(job, partition)),
                  json::serialize(json::object{{"measures", std::move(all)}}));
  }
  return texts;
}

}  // namespace

TextsInstead stored_texts(StoreView& view, const Graph& graph, const Period& period) {
  TextsInstead texts = corrections_in_effect(view, graph.name, period.text());
  // Rows are corrected within their period; breaks live on, and so do the words about them.
  for (auto& [path, text] : break_words_in_effect(view, graph, period))
    texts.insert_or_assign(path, std::move(text));
  std::set<std::string_view> asked;
  for (const JobNode& job : graph.jobs)
    if (job.shape.reads_history && asked.insert(split_job_name(job.spec.name).job).second)
      texts.merge(histories_of(view, graph.name, split_job_name(job.spec.name).job, period));
  return texts;
}

}  // namespace tallymill
