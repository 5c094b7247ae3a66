#include "scheduler/store_view.h"

#include <algorithm>

#include "core/error.h"
#include "scheduler/job_name.h"
#include "scheduler/store/migrations.h"

namespace tallymill {
namespace {

std::vector<std::string> texts_of(const json::value& list) {
  std::vector<std::string> texts;
  for (const json::value& item : list.as_array()) texts.emplace_back(item.as_string());
  return texts;
}

std::vector<std::string> texts_of(const std::string& json_text) {
  return texts_of(parse_json(json_text, "the store"));
}

constexpr std::string_view kRunColumns =
    "select id, graph, period, number, of_run, state, who, as_of, params, forced, options, event,"
    " started_at, ended_at, verdict from run ";
constexpr std::string_view kRunTypes =
    "tttittttt"
    "ttittt";

RunRecord run_of(const SqlRow& row) {
  RunRecord run{.id = row.text(0),
                .graph = row.text(1),
                .period = row.text(2),
                .number = static_cast<int>(row.integer(3)),
                .of = row.text(4),
                .state = run_state_from(row.text(5)).value_or(RunState::active),
                .who = row.text(6),
                .as_of = row.text(7),
                .params = params_from_json(parse_json(row.text(8), "the store").as_object()),
                .forced = texts_of(row.text(9)),
                .allow_stale = false,
                .given = {},
                .reason = {},
                .backfill = {},
                .event = row.integer(11),
                .started_at = row.text(12),
                .ended_at = row.text(13),
                .verdict = row.text(14)};
  const json::value options = parse_json(row.text(10), "the store");
  run.allow_stale = json_boolean(options.as_object(), "allow_stale");
  run.given = texts_of(json_at(options.as_object(), "given"));
  run.as = json_text_or(options.as_object(), "as", "");
  run.reason = json_text_or(options.as_object(), "reason", "");
  run.backfill = json_text_or(options.as_object(), "backfill", "");
  run.current_rules = json_text_or(options.as_object(), "rules", "") == "current";
  return run;
}

constexpr std::string_view kAttemptColumns =
    "select id, run, job, number, state, epoch, nonce, threads, started_at, ended_at, outcome,"
    " error_class, error, rows_in, rows_out, rows_rejected, findings_error, findings_warn, cpu_ms,"
    " memory_bytes, stop, partition from attempt ";
constexpr std::string_view kAttemptTypes =
    "tttitit"
    "ittttt"
    "iiiiiiitt";

AttemptRecord attempt_of(const SqlRow& row) {
  return {.id = row.text(0),
          .run = row.text(1),
          .job = job_name(row.text(2), row.text(21)),
          .number = static_cast<int>(row.integer(3)),
          .state = attempt_state_from(row.text(4)).value_or(AttemptState::lost),
          .epoch = row.integer(5),
          .nonce = row.text(6),
          .threads = static_cast<int>(row.integer(7)),
          .started_at = row.text(8),
          .ended_at = row.text(9),
          .outcome = row.text(10),
          .error_class = row.text(11),
          .error = row.text(12),
          .rows_in = row.integer(13),
          .rows_out = row.integer(14),
          .rows_rejected = row.integer(15),
          .findings_error = row.integer(16),
          .findings_warn = row.integer(17),
          .cpu_ms = row.integer(18),
          .memory_bytes = row.integer(19),
          .stop = row.text(20)};
}

VersionRecord version_of(const SqlRow& row) {
  VersionRecord version{.dataset = row.text(0),
                        .id = row.text(1),
                        .period = row.text(2),
                        .partition = row.text(3),
                        .graph = row.text(4),
                        .job = row.text(5),
                        .run = row.text(6),
                        .evidence = row.boolean(7),
                        .rows = row.integer(8),
                        .digest = row.text(9),
                        .provenance = row.text(10),
                        .amounts = {},
                        .gates = texts_of(row.text(12)),
                        .event = row.integer(13),
                        .published_at = row.text(14),
                        .visible = row.boolean(15),
                        .removed = row.boolean(16)};
  const json::value amounts = parse_json(row.text(11), "the store");
  for (const auto& [column, sum] : amounts.as_object())
    version.amounts[column] = std::string(sum.as_string());
  return version;
}

PinnedVersion pin_of(const SqlRow& row) {
  return {row.text(0), row.text(1), row.text(2), row.text(3), row.text(4)};
}

std::vector<RunRecord> runs_of(const std::vector<SqlRow>& rows) {
  std::vector<RunRecord> runs;
  for (const SqlRow& row : rows) runs.push_back(run_of(row));
  return runs;
}

std::vector<AttemptRecord> attempts_of(const std::vector<SqlRow>& rows) {
  std::vector<AttemptRecord> attempts;
  for (const SqlRow& row : rows) attempts.push_back(attempt_of(row));
  return attempts;
}

std::string sql(std::string_view columns, std::string_view rest) {
  return std::string(columns) + std::string(rest);
}

}  // namespace

std::optional<StoreView> StoreView::open(const StoreAddress& store) {
  if (!store.is_server() && !std::filesystem::exists(store.file())) return std::nullopt;
  auto database = std::make_shared<Database>(store, Database::Mode::read);
  // A first run that could not even make its tables: nothing has run.
  if (schema_of(*database) == 0) return std::nullopt;
  require_latest_schema(*database);
  StoreView view(*database);
  view.owned_ = std::move(database);
  return view;
}

StoreView StoreView::nothing() {
  auto database = std::make_shared<Database>(StoreAddress(":memory:"), Database::Mode::write);
  migrate(*database);
  StoreView view(*database);
  view.owned_ = std::move(database);
  return view;
}

std::optional<RunRecord> StoreView::run(const std::string& id) {
  const auto rows = database_->select(sql(kRunColumns, "where id = :p0"), kRunTypes, {id});
  if (rows.empty()) return std::nullopt;
  return run_of(rows[0]);
}

std::vector<RunRecord> StoreView::runs(const std::string& graph, int limit) {
  // Two statements: one for both would walk the whole history for a graph that ran long ago.
  if (graph.empty())
    return runs_of(database_->select(sql(kRunColumns, "order by event desc limit :p0"), kRunTypes,
                                     {std::int64_t{limit}}));
  return runs_of(
      database_->select(sql(kRunColumns, "where graph = :p0 order by event desc limit :p1"),
                        kRunTypes, {graph, std::int64_t{limit}}));
}

std::vector<RunRecord> StoreView::runs(const std::string& graph, const std::string& period) {
  return runs_of(
      database_->select(sql(kRunColumns, "where graph = :p0 and period = :p1 order by number"),
                        kRunTypes, {graph, period}));
}

std::vector<RunRecord> StoreView::open_runs() {
  return runs_of(
      database_->select(sql(kRunColumns, "where state <> 'ended' order by event"), kRunTypes));
}

std::vector<RunRecord> StoreView::open_runs(const std::string& graph, const std::string& period) {
  return runs_of(database_->select(
      sql(kRunColumns, "where graph = :p0 and period = :p1 and state <> 'ended' order by event"),
      kRunTypes, {graph, period}));
}

bool StoreView::waits_for_input(const std::string& run) {
  const auto has_job = [&](const std::string& condition) {
    return !database_
                ->select("select job from job_run where run = :p0 and " + condition + " limit 1",
                         "t", {run})
                .empty();
  };
  return has_job("state = 'waiting' and reason <> ''") &&
         !has_job("is_open = 1 and state <> 'waiting'");
}

int StoreView::last_run_number(const std::string& graph, const std::string& period) {
  const auto rows = database_->select(
      "select coalesce(max(number), 0) from run where graph = :p0 and period = :p1", "i",
      {graph, period});
  return static_cast<int>(rows.at(0).integer(0));
}

std::vector<JobRunRecord> StoreView::job_runs(const std::string& run) {
  std::vector<JobRunRecord> records;
  // Row by row: a run may have 100,000, and a restart waits for them.
  database_->each(
      "select state, job, partition, reason, attempts, fingerprint, retry_at, changed_at, cause,"
      " changes from job_run where run = :p0 order by position, partition",
      "ttttittttt", {run}, [&](const SqlRow& row) {
        records.push_back({run, job_name(row.text(1), row.text(2)),
                           job_run_state_from(row.text(0)).value_or(JobRunState::waiting),
                           row.text(3), static_cast<int>(row.integer(4)), row.text(5), row.text(6),
                           row.text(7), row.text(8), row.text(9)});
      });
  return records.empty() ? job_runs_of_sweep(run) : records;
}

std::vector<JobRunRecord> StoreView::job_runs_of_sweep(const std::string& run) {
  const auto sweep = this->run(run);
  if (!sweep || sweep->as.empty()) return {};
  std::vector<JobRunRecord> records = job_runs(sweep->as);
  for (JobRunRecord& record : records) {
    record.run = run;
    record.state = JobRunState::up_to_date;
    record.reason = "same_fingerprint";
    record.attempts = 0;
    record.cause.clear();
    record.changes.clear();
    record.changed_at = sweep->ended_at;
  }
  return records;
}

std::string StoreView::open_run_of(const std::string& graph, const std::string& period,
                                   const std::string& job) {
  const JobName name = split_job_name(job);
  const auto rows = database_->select(
      "select run from job_run where graph = :p0 and period = :p1 and job = :p2"
      " and partition = :p3 and is_open = 1",
      "t", {graph, period, name.job, name.partition});
  return rows.empty() ? std::string() : rows[0].text(0);
}

std::vector<AttemptRecord> StoreView::attempts(const std::string& run) {
  return attempts_of(database_->select(sql(kAttemptColumns, "where run = :p0 order by epoch"),
                                       kAttemptTypes, {run}));
}

std::vector<AttemptRecord> StoreView::attempts(const std::string& run, const std::string& job) {
  const JobName name = split_job_name(job);
  return attempts_of(database_->select(
      sql(kAttemptColumns, "where run = :p0 and job = :p1 and partition = :p2 order by number"),
      kAttemptTypes, {run, name.job, name.partition}));
}

std::vector<AttemptRecord> StoreView::open_attempts() {
  return attempts_of(database_->select(
      sql(kAttemptColumns, "where state = 'starting' order by epoch"), kAttemptTypes));
}

std::vector<std::pair<std::string, bool>> StoreView::tried_jobs(const std::string& run) {
  std::vector<std::pair<std::string, bool>> jobs;
  database_->each("select job, partition, is_open from job_run where run = :p0 and attempts > 0",
                  "tti", {run}, [&](const SqlRow& row) {
                    jobs.emplace_back(job_name(row.text(0), row.text(1)), row.boolean(2));
                  });
  return jobs;
}

std::vector<PinnedVersion> StoreView::pins(const std::string& run) {
  std::vector<PinnedVersion> pins;
  for (const SqlRow& row : database_->select(
           "select dataset, period, partition, version, digest from pin where run = :p0"
           " order by 1, 2, 3",
           "ttttt", {run}))
    pins.push_back(pin_of(row));
  return pins;
}

std::vector<PinnedText> StoreView::run_files(const std::string& run) {
  std::vector<PinnedText> files;
  for (const SqlRow& row : database_->select(
           "select path, sha256 from run_file where run = :p0 order by path", "tt", {run}))
    files.push_back({row.text(0), row.text(1)});
  return files;
}

std::vector<DurationRecord> StoreView::durations(const std::string& graph, int runs) {
  std::vector<DurationRecord> durations;
  for (const SqlRow& row : database_->select(
           "with recent as (select id, event from run where graph = :p0 and state = 'ended'"
           " order by event desc limit :p1)"
           " select attempt.job, started_at, ended_at, recent.event from attempt join recent"
           " on attempt.run = recent.id where state = 'succeeded' and outcome <> 'unchanged'"
           " union all select job_run.job, changed_at, changed_at, recent.event from job_run"
           " join recent on job_run.run = recent.id where state = 'skipped' order by 4 desc, 1",
           "ttti", {graph, std::int64_t{runs}}))
    durations.push_back({row.text(0), row.text(1), row.text(2)});
  return durations;
}

std::vector<MissedDeadline> StoreView::missed_deadlines(const std::string& run) {
  std::vector<MissedDeadline> missed;
  for (const SqlRow& row : database_->select(
           "select job, dataset, deadline, missed_at from missed_deadline where run = :p0"
           " order by event",
           "tttt", {run}))
    missed.push_back({row.text(0), row.text(1), row.text(2), row.text(3)});
  return missed;
}

std::vector<ResultRecord> StoreView::results(const std::string& graph, const std::string& period) {
  std::vector<ResultRecord> results;
  const auto take = [&](const SqlRow& row) {
    ResultRecord result{job_name(row.text(0), row.text(12)),
                        row.text(1),
                        row.text(2),
                        row.text(3),
                        row.text(4),
                        row.text(11),
                        row.integer(5),
                        row.integer(6),
                        row.integer(7),
                        row.integer(8),
                        row.integer(9),
                        std::nullopt};
    if (row.integer(10) >= 0) result.gate_passed = row.boolean(10);
    results.push_back(std::move(result));
  };
  database_->each(
      "select job, attempt, fingerprint, source_state, ledger, rows_in, rows_out,"
      " rows_rejected, findings_error, findings_warn, gate_passed, indicators,"
      " partition from result"
      " where graph = :p0 and period = :p1",
      "ttttt"
      "iiiiiitt",
      {graph, period}, take);
  return results;
}

std::vector<PinnedVersion> StoreView::result_inputs(const std::string& graph,
                                                    const std::string& period,
                                                    const std::string& job) {
  const JobName name = split_job_name(job);
  std::vector<PinnedVersion> pins;
  for (const SqlRow& row : database_->select(
           "select dataset, input_period, input_partition, version, digest from result_input"
           " where graph = :p0 and period = :p1 and job = :p2 and partition = :p3 order by 1, 2, 3",
           "ttttt", {graph, period, name.job, name.partition}))
    pins.push_back(pin_of(row));
  return pins;
}

std::vector<VersionRecord> StoreView::select_versions(std::string_view where,
                                                      const std::vector<StoreValue>& parameters) {
  std::vector<VersionRecord> versions;
  for (const SqlRow& row : database_->select(
           sql("select dataset, id, period, partition, graph, job, run, evidence, row_count,"
               " digest, provenance, amounts, gates, event, published_at, visible, removed"
               " from version ",
               where),
           "ttttttt"
           "iittttitii",
           parameters))
    versions.push_back(version_of(row));
  return versions;
}

std::vector<VersionRecord> StoreView::visible_of(const std::string& graph,
                                                 const std::string& period) {
  return select_versions("where graph = :p0 and period = :p1 and visible = 1", {graph, period});
}

std::optional<VersionRecord> StoreView::visible(const std::string& dataset,
                                                const std::string& period,
                                                const std::string& partition) {
  auto found =
      select_versions("where dataset = :p0 and period = :p1 and partition = :p2 and visible = 1",
                      {dataset, period, partition});
  if (found.empty()) return std::nullopt;
  return std::move(found[0]);
}

std::optional<VersionRecord> StoreView::version(const std::string& dataset, const std::string& id) {
  auto found = select_versions("where dataset = :p0 and id = :p1", {dataset, id});
  if (found.empty()) return std::nullopt;
  return std::move(found[0]);
}

std::vector<VersionRecord> StoreView::versions(const std::string& dataset) {
  if (dataset.empty())
    return select_versions("where visible = 1 order by dataset, period desc, partition", {});
  return select_versions("where dataset = :p0 order by event desc", {dataset});
}

std::vector<VersionRecord> StoreView::visible_versions(const std::string& dataset) {
  return select_versions("where dataset = :p0 and visible = 1 order by period, partition",
                         {dataset});
}

std::vector<VerdictRecord> StoreView::verdicts(const std::string& dataset,
                                               const std::string& version) {
  std::vector<VerdictRecord> verdicts;
  for (const SqlRow& row : database_->select(
           "select gate, passed from verdict where dataset = :p0 and version = :p1 order by gate",
           "ti", {dataset, version}))
    verdicts.push_back({row.text(0), row.boolean(1)});
  return verdicts;
}

std::optional<std::vector<std::string>> StoreView::partition_list(const std::string& graph,
                                                                  const std::string& period,
                                                                  const std::string& list_job) {
  const auto rows = database_->select(
      "select partitions from partition_list where graph = :p0 and period = :p1 and job = :p2", "t",
      {graph, period, list_job});
  if (rows.empty()) return std::nullopt;
  return texts_of(rows[0].text(0));
}

GateState StoreView::gate_state(const VersionRecord& version) {
  if (version.gates.empty()) return GateState::none;
  std::size_t passed = 0;
  for (const VerdictRecord& verdict : verdicts(version.dataset, version.id)) {
    // A gate that no longer stands before the dataset has no say any more.
    if (std::find(version.gates.begin(), version.gates.end(), verdict.gate) == version.gates.end())
      continue;
    if (!verdict.passed) return GateState::refused;
    ++passed;
  }
  return passed == version.gates.size() ? GateState::passed : GateState::ungated;
}

}  // namespace tallymill
