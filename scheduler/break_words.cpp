#include "scheduler/break_words.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/break_word.h"
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

}  // namespace tallymill
