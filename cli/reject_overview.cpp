#include "cli/reject_overview.h"

#include <algorithm>
#include <tuple>

#include "cli/text_table.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time/date.h"
#include "scheduler/corrections.h"
#include "scheduler/job_name.h"
#include "scheduler/machine.h"
#include "scheduler/query_runner.h"

namespace tallymill {
namespace {

std::string rejects_of(const std::string& job) {
  return std::string(split_job_name(job).job) + ".rejects";
}

std::vector<VersionRecord> rejects_in_order(StoreView& store, const std::string& job) {
  const JobName name = split_job_name(job);
  std::vector<VersionRecord> versions;
  for (VersionRecord& version : store.versions({}))
    if (version.dataset == rejects_of(job) &&
        (name.partition.empty() || version.partition == name.partition))
      versions.push_back(std::move(version));
  std::sort(versions.begin(), versions.end(), [](const auto& a, const auto& b) {
    return std::tie(a.period, a.partition) < std::tie(b.period, b.partition);
  });
  return versions;
}

/// When a version of that period and partition first had rejected rows.
std::string first_seen(StoreView& store, const VersionRecord& version) {
  const auto rows = store.database().select(
      "select min(published_at) from version where dataset = :p0 and period = :p1"
      " and partition = :p2 and row_count > 0",
      "t", {version.dataset, version.period, version.partition});
  return rows.empty() ? std::string() : rows.front().text(0);
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
  for (const VersionRecord& version : rejects_in_order(store, job)) {
    if (version.rows == 0) continue;
    OpenRejects entry{.period = version.period,
                      .partition = version.partition,
                      .rows = version.rows,
                      .since = first_seen(store, version),
                      .last_correction = {}};
    entry.days = days_since(entry.since);
    const std::string name = job_name(split_job_name(job).job, version.partition);
    for (const CorrectionImport& import :
         correction_imports(store, version.graph, name, version.period)) {
      if (import.event < version.event) continue;
      entry.corrected += import.rows;
      entry.last_correction = import.who + ", " + import.at;
    }
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
  for (const OpenRejects& entry : open) {
    rows += entry.rows;
    table.add({entry.period, entry.partition.empty() ? "-" : entry.partition,
               group_digits(entry.rows), entry.since, group_digits(entry.days),
               group_digits(entry.corrected),
               entry.last_correction.empty() ? "-" : entry.last_correction});
  }
  invocation.out() << table.text() << group_digits(rows) << (rows == 1 ? " row" : " rows") << " in "
                   << group_digits(static_cast<std::int64_t>(open.size()))
                   << (open.size() == 1 ? " period" : " periods")
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
                           {"dataset", rejects_of(job)},
                           {"by", std::move(columns)},
                           {"limit", query.limit},
                           {"reveal", query.reveal}};
  task.several = {rejects_of(job)};
  pin_versions(workspace, versions, rejects_of(job), task);
  return row_answer(run_query(workspace, std::move(task)).answer.as_object());
}

}  // namespace tallymill
