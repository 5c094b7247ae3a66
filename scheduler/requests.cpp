#include "scheduler/requests.h"

#include <array>

#include "core/error.h"

namespace tallymill {
namespace {

constexpr std::array<std::string_view, 6> kOperations{"cancel",  "pause",  "resume",
                                                      "approve", "reject", "mark"};

json::array texts(const std::vector<std::string>& items) {
  return json::array(items.begin(), items.end());
}

std::vector<std::string> texts_from(const json::object& object, std::string_view key) {
  std::vector<std::string> items;
  for (const json::value& item : json_at(object, key).as_array())
    items.emplace_back(item.as_string());
  return items;
}

json::value partition_json(const std::optional<PartitionChoice>& partition) {
  if (!partition) return nullptr;
  return {{"name", partition->name}, {"value", partition->value}};
}

std::optional<PartitionChoice> partition_from(const json::object& object) {
  const json::value& value = json_at(object, "partition");
  if (!value.is_object()) return std::nullopt;
  return PartitionChoice{json_text(value.get_object(), "name"),
                         json_text(value.get_object(), "value")};
}

json::string rules_word(RulesOf rules) { return rules == RulesOf::now ? "current" : "period"; }

RulesOf rules_from(const json::object& object) {
  return json_text_or(object, "rules", "period") == "current" ? RulesOf::now : RulesOf::period;
}

}  // namespace

std::string_view to_string(RunOperationKind kind) {
  return kOperations[static_cast<std::size_t>(kind)];
}

json::object to_wire(const RunRequest& request) {
  json::object params;
  for (const auto& [name, value] : request.params) params.emplace(name, value);
  json::array taken;
  for (const auto& [run, job] : request.takes_over) taken.push_back({run, job});
  return {{"format", kWireFormat},
          {"request", "run"},
          {"graph", request.graph},
          {"period", request.period.text()},
          {"params", std::move(params)},
          {"force", request.force},
          {"fresh", request.fresh},
          {"allow_stale", request.allow_stale},
          {"partition", partition_json(request.partition)},
          {"reason", request.reason},
          {"backfill", request.backfill},
          {"rules", rules_word(request.rules)},
          {"of", request.of},
          {"jobs", texts(request.jobs)},
          {"forced", texts(request.forced)},
          {"takes_over", std::move(taken)}};
}

RunRequest run_request_from(const json::object& object) {
  const std::string text = json_text(object, "period");
  const auto period = Period::parse(text);
  if (!period) throw Error(ErrorClass::data, "'" + text + "' is no period");
  RunRequest request{.graph = json_text(object, "graph"), .period = *period};
  for (const auto& [name, value] : json_at(object, "params").as_object())
    request.params[name] = std::string(value.as_string());
  request.force = json_boolean(object, "force");
  request.fresh = json_boolean(object, "fresh");
  request.allow_stale = json_boolean(object, "allow_stale");
  request.partition = partition_from(object);
  request.reason = json_text(object, "reason");
  request.backfill = json_text(object, "backfill");
  request.rules = rules_from(object);
  request.of = json_text(object, "of");
  request.jobs = texts_from(object, "jobs");
  request.forced = texts_from(object, "forced");
  for (const json::value& item : json_at(object, "takes_over").as_array())
    request.takes_over.emplace_back(item.at(0).as_string(), item.at(1).as_string());
  return request;
}

json::object to_wire(const RerunRequest& request) {
  return {{"format", kWireFormat},
          {"request", "rerun"},
          {"of", request.of},
          {"failed", request.selection.failed},
          {"job", request.selection.job},
          {"downstream", request.selection.downstream},
          {"partition", partition_json(request.selection.partition)},
          {"force", request.selection.force},
          {"cascade", request.selection.cascade},
          {"reason", request.selection.reason},
          {"rules", rules_word(request.selection.rules)},
          {"digest", request.digest}};
}

RerunRequest rerun_request_from(const json::object& object) {
  return {.of = json_text(object, "of"),
          .selection = {.failed = json_boolean(object, "failed"),
                        .job = json_text(object, "job"),
                        .downstream = json_boolean(object, "downstream"),
                        .partition = partition_from(object),
                        .force = json_boolean(object, "force"),
                        .cascade = json_boolean(object, "cascade"),
                        .reason = json_text(object, "reason"),
                        .rules = rules_from(object)},
          .digest = json_text(object, "digest")};
}

json::object to_wire(const RunOperation& operation) {
  return {{"format", kWireFormat},
          {"request", json::string(to_string(operation.kind))},
          {"run", operation.run},
          {"job", operation.job},
          {"to", json::string(to_string(operation.to))},
          {"why", operation.why}};
}

RunOperation run_operation_from(const json::object& object) {
  const std::string kind = json_text(object, "request");
  for (std::size_t i = 0; i < kOperations.size(); ++i) {
    if (kind != kOperations[i]) continue;
    return {.kind = static_cast<RunOperationKind>(i),
            .run = json_text(object, "run"),
            .job = json_text(object, "job"),
            .to = job_run_state_from(json_text(object, "to")).value_or(JobRunState::skipped),
            .why = json_text(object, "why")};
  }
  throw Error(ErrorClass::data, "unknown request '" + kind + "'");
}

json::object to_wire(const SensitiveShown& change) {
  return {{"format", kWireFormat},
          {"request", "sensitive_shown"},
          {"command", change.command},
          {"run", change.run},
          {"dataset", change.dataset},
          {"period", change.period},
          {"versions", texts(change.versions)},
          {"columns", texts(change.columns)},
          {"why", change.why}};
}

SensitiveShown sensitive_shown_from(const json::object& object) {
  return {.command = json_text(object, "command"),
          .run = json_text(object, "run"),
          .dataset = json_text(object, "dataset"),
          .period = json_text(object, "period"),
          .versions = texts_from(object, "versions"),
          .columns = texts_from(object, "columns"),
          .why = json_text(object, "why")};
}

}  // namespace tallymill
