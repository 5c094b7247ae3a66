#include "scheduler/break_words.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/stored_text.h"
#include "scheduler/job_name.h"

namespace tallymill {

bool carries_breaks(const JobShape& shape, std::string_view job) {
  const std::string dataset = open_breaks_dataset(std::string(job));
  return std::any_of(shape.outputs.begin(), shape.outputs.end(),
                     [&](const DatasetUse& use) { return use.dataset == dataset; });
}

TextsInstead break_words_in_effect(StoreView& view, const Graph& graph, const Period& period) {
  std::set<std::string_view> carriers;
  for (const JobNode& job : graph.jobs) {
    const std::string_view name = split_job_name(job.spec.name).job;
    if (carries_breaks(job.shape, name)) carriers.insert(name);
  }
  if (carriers.empty()) return {};
  std::map<std::string, BreakWords> by_job;
  for (const SqlRow& row : view.database().select(
           "select job, period, body, who from correction where graph = :p0 order by event", "tttt",
           {graph.name})) {
    const auto said_in = Period::parse(row.text(1));
    if (!carriers.contains(split_job_name(row.text(0)).job) || !said_in ||
        said_in->kind() != period.kind() || said_in->first_day() > period.first_day())
      continue;
    by_job[row.text(0)].add(corrections_from(row.text(2), "the store"), row.text(3),
                            said_in->text());
  }
  TextsInstead texts;
  for (const auto& [job, words] : by_job)
    if (!words.empty()) texts.emplace(corrections_path(job), corrections_text(words.standing()));
  return texts;
}

BreakWords words_about(StoreView& view, const std::string& graph, const std::string& job,
                       const std::string& version) {
  BreakWords words;
  for (const SqlRow& row : view.database().select(
           "select period, body, who from correction where graph = :p0 and job = :p1 and version ="
           " :p2 order by event",
           "ttt", {graph, job, version}))
    words.add(corrections_from(row.text(1), "the store"), row.text(2), row.text(0));
  return words;
}

std::string break_stamp(StoreView& view, const std::string& graph, const std::string& job,
                        const std::string& version) {
  const auto last = view.database().select(
      "select event from correction where graph = :p0 and job = :p1 and version = :p2 order by "
      "event"
      " desc limit 1",
      "i", {graph, job, version});
  return last.empty() ? version : version + "+" + std::to_string(last.front().integer(0));
}

}  // namespace tallymill
