#include "scheduler/backfill_store.h"

#include "core/error.h"

namespace tallymill {
namespace {

std::vector<BackfillRecord> records_of(const std::vector<SqlRow>& rows) {
  std::vector<BackfillRecord> records;
  for (const SqlRow& row : rows)
    records.push_back({.name = row.text(0),
                       .graph = row.text(1),
                       .from = row.text(2),
                       .to = row.text(3),
                       .options = parse_json(row.text(4), "the store").as_object(),
                       .who = row.text(5),
                       .started_at = row.text(6),
                       .ended_at = row.text(7),
                       .verdict = row.text(8)});
  return records;
}

constexpr std::string_view kTypes = "ttttttttt";

std::string select_backfills(std::string_view rest) {
  return "select name, graph, first_period, last_period, options, who, started_at, ended_at,"
         " verdict from backfill " +
         std::string(rest);
}

}  // namespace

json::object backfill_options(const BackfillRequest& request) {
  json::object params;
  for (const auto& [name, value] : request.params) params.emplace(name, value);
  return {{"force", request.force},
          {"reverse", request.reverse},
          {"stop_on_failure", request.stop_on_failure},
          {"parallel", request.parallel},
          {"params", std::move(params)},
          {"reason", request.reason}};
}

Event backfill_started(const BackfillPlan& plan) {
  return {"backfill_started",
          "",
          "",
          "",
          {{"name", plan.request.name},
           {"graph", plan.request.graph},
           {"from", plan.request.from.text()},
           {"to", plan.request.to.text()},
           {"periods", static_cast<std::int64_t>(plan.periods.size())},
           {"job_runs", plan.job_runs},
           {"digest", plan.digest},
           {"options", backfill_options(plan.request)}}};
}

Event backfill_ended(const std::string& name, RunVerdict verdict) {
  return {"backfill_ended",
          "",
          "",
          "",
          {{"name", name}, {"verdict", json::string(to_string(verdict))}}};
}

bool BackfillRecord::is_stopped() const { return ended_at.empty() && verdict == kStoppedBackfill; }

Event backfill_stopped(const std::string& name, const std::string& why) {
  return {"backfill_stopped", "", "", why, {{"name", name}}};
}

Event backfill_resumed(const std::string& name) {
  return {"backfill_resumed", "", "", "", {{"name", name}}};
}

std::vector<BackfillRecord> unfinished_backfills(StoreView& view) {
  return records_of(view.database().select(
      select_backfills("where ended_at = '' and verdict = '' order by event"), kTypes));
}

BackfillRequest request_of(const BackfillRecord& record) {
  const auto first = Period::parse(record.from);
  const auto last = Period::parse(record.to);
  if (!first || !last)
    throw Error(ErrorClass::bug, "backfill '" + record.name + "' has periods that are none");
  BackfillRequest request{.graph = record.graph,
                          .from = *first,
                          .to = *last,
                          .name = record.name,
                          .reverse = json_boolean(record.options, "reverse"),
                          .force = json_boolean(record.options, "force"),
                          .stop_on_failure = json_boolean(record.options, "stop_on_failure"),
                          .parallel = static_cast<int>(json_integer(record.options, "parallel"))};
  for (const auto& [name, value] : json_at(record.options, "params").as_object())
    request.params[name] = std::string(value.as_string());
  request.reason = json_text_or(record.options, "reason", "");
  return request;
}

std::optional<BackfillRecord> find_backfill(StoreView& view, const std::string& name) {
  std::vector<BackfillRecord> found =
      records_of(view.database().select(select_backfills("where name = :p0"), kTypes, {name}));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::vector<BackfillRecord> backfills_of(StoreView& view, const std::string& graph) {
  return records_of(view.database().select(
      select_backfills("where graph = :p0 order by event desc"), kTypes, {graph}));
}

std::map<std::string, RunRecord> backfill_runs(StoreView& view, const std::string& name) {
  std::map<std::string, RunRecord> runs;
  for (const SqlRow& row : view.database().select(
           "select period, run from backfill_run where name = :p0 order by event", "tt", {name}))
    if (auto run = view.run(row.text(1))) runs[row.text(0)] = *std::move(run);
  return runs;
}

}  // namespace tallymill
