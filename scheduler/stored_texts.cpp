#include "scheduler/stored_texts.h"

#include <algorithm>

#include "core/digest.h"
#include "core/json.h"
#include "core/stored_text.h"
#include "scheduler/corrections.h"
#include "scheduler/job_name.h"

namespace tallymill {
namespace {

/// Twelve years of days: no season looks further back.
constexpr std::size_t kMostPeriods = 4400;

/// {"measures": {name: {period: value}}}: of earlier periods of the same kind, the newest of them.
std::string history_of(StoreView& view, const std::string& graph, const std::string& job,
                       const Period& before) {
  const JobName name = split_job_name(job);
  std::map<std::string, std::map<Period, std::string>> measures;
  for (const SqlRow& row : view.database().select(
           "select name, period, value from measure where graph = :p0 and job = :p1 and partition ="
           " :p2",
           "ttt", {graph, name.job, name.partition})) {
    const auto period = Period::parse(row.text(1));
    if (period && period->kind() == before.kind() && period->first_day() < before.first_day())
      measures[row.text(0)].emplace(*period, row.text(2));
  }
  json::object all;
  for (auto& [measure, values] : measures) {
    while (values.size() > kMostPeriods) values.erase(values.begin());
    json::object by_period;
    for (const auto& [period, value] : values) by_period[period.text()] = value;
    all[measure] = std::move(by_period);
  }
  return json::serialize(json::object{{"measures", std::move(all)}});
}

}  // namespace

TextsInstead stored_texts(StoreView& view, const Graph& graph, const Period& period) {
  TextsInstead texts = corrections_in_effect(view, graph.name, period.text());
  for (const JobNode& job : graph.jobs)
    if (job.shape.reads_history)
      texts.emplace(history_path(job.spec.name),
                    history_of(view, graph.name, job.spec.name, period));
  return texts;
}

void add_stored_texts(StoreView& view, const Graph& graph, const Period& period,
                      PinnedFiles& files) {
  for (const auto& [path, text] : stored_texts(view, graph, period))
    files[path] = {path, sha256_hex(text), {}};
}

}  // namespace tallymill
