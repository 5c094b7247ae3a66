#include "cli/reject_overview.h"

#include <map>
#include <set>

#include "cli/run_words.h"
#include "cli/text_table.h"
#include "core/correction.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time/date.h"
#include "scheduler/corrections.h"
#include "scheduler/job_name.h"
#include "scheduler/machine.h"
#include "scheduler/query_runner.h"

namespace tallymill {
namespace {

std::string dataset_of(const std::string& job) {
  return rejects_dataset(std::string(split_job_name(job).job));
}

/// Of all periods; of a job named with its partition only that one's.
std::vector<VersionRecord> rejects_in_order(StoreView& store, const std::string& job) {
  std::vector<VersionRecord> versions = store.visible_versions(dataset_of(job));
  const JobName name = split_job_name(job);
  std::erase_if(versions, [&](const VersionRecord& version) {
    return !name.partition.empty() && version.partition != name.partition;
  });
  return versions;
}

/// When a version of a period and partition first had rejected rows.
std::map<std::pair<std::string, std::string>, std::string> first_seen(StoreView& store,
                                                                      const std::string& dataset) {
  std::map<std::pair<std::string, std::string>, std::string> seen;
  for (const VersionRecord& version : store.versions(dataset))  // newest first
    if (version.rows > 0) seen[{version.period, version.partition}] = version.published_at;
  return seen;
}

std::int64_t days_since(const std::string& instant) {
  constexpr std::int64_t kDay = std::int64_t{86'400} * 1'000'000;
  const auto then = parse_timestamp(instant);
  const auto now = parse_timestamp(utc_now());
  return then && now ? (now.value - then.value) / kDay : 0;
}

}  // namespace

std::vector<OpenRejects> open_rejects(StoreView& store, const std::string& job) {
  std::vector<OpenRejects> open;
  const auto seen = first_seen(store, dataset_of(job));
  for (const VersionRecord& version : rejects_in_order(store, job)) {
    if (version.rows == 0) continue;
    OpenRejects entry{.period = version.period,
                      .partition = version.partition,
                      .rows = version.rows,
                      .since = seen.at({version.period, version.partition}),
                      .last_correction = {}};
    entry.days = days_since(entry.since);
    const std::string name = job_name(split_job_name(job).job, version.partition);
    for (const CorrectionImport& import :
         correction_imports(store, version.graph, name, version.period)) {
      if (import.event < version.event) continue;
      entry.last_correction = import.who + ", " + import.at;
    }
    entry.corrected =
        rows_corrected_since(store, version.graph, name, version.period, version.event);
    open.push_back(std::move(entry));
  }
  return open;
}

void print_open_rejects(const std::vector<OpenRejects>& open, const Invocation& invocation) {
  if (invocation.json()) {
    json::array list;
    for (const OpenRejects& entry : open)
      list.push_back(json::object{{"period", entry.period},
                                  {"partition", entry.partition},
                                  {"rows", entry.rows},
                                  {"since", entry.since},
                                  {"days", entry.days},
                                  {"corrected", entry.corrected},
                                  {"last_correction", entry.last_correction}});
    invocation.out() << pretty_json(json::object{{"open", std::move(list)}});
    return;
  }
  if (open.empty()) {
    invocation.out() << "no rejected row is open\n";
    return;
  }
  TextTable table({{"period"},
                   {"partition"},
                   {"rows", true},
                   {"since"},
                   {"days", true},
                   {"corrected", true},
                   {"last correction"}});
  std::int64_t rows = 0;
  std::set<std::string> periods;
  for (const OpenRejects& entry : open) {
    rows += entry.rows;
    periods.insert(entry.period);
    table.add({entry.period, entry.partition.empty() ? "-" : entry.partition,
               group_digits(entry.rows), entry.since, group_digits(entry.days),
               group_digits(entry.corrected),
               entry.last_correction.empty() ? "-" : entry.last_correction});
  }
  invocation.out() << table.text() << counted(rows, "row") << " in "
                   << counted(static_cast<std::int64_t>(periods.size()), "period")
                   << "; what is corrected counts from the job's next run on\n";
}

RowAnswer count_rejects(const Workspace& workspace, StoreView& store, const std::string& job,
                        const std::vector<std::string>& by, const RowQuery& query) {
  const std::vector<VersionRecord> versions = rejects_in_order(store, job);
  if (versions.empty())
    throw Error(ErrorClass::config, "job '" + job + "' has published no rejects yet");
  json::array columns;
  for (const std::string& column : by) columns.emplace_back(column);
  Task task;
  task.mode = TaskMode::query;
  task.period = versions.back().period;
  task.spec = json::object{{"query", "reject_counts"},
                           {"dataset", dataset_of(job)},
                           {"by", std::move(columns)},
                           {"limit", query.limit},
                           {"reveal", query.reveal}};
  task.several = {dataset_of(job)};
  pin_versions(workspace, versions, dataset_of(job), task);
  return row_answer(run_query(workspace, std::move(task)).answer.as_object());
}

}  // namespace tallymill
