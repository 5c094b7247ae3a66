#include "scheduler/audit.h"

#include <algorithm>

#include "core/rule_version.h"
#include "core/text.h"
#include "scheduler/live_run.h"

namespace tallymill {
namespace {

std::string text_of(const json::object& body, std::string_view key) {
  const json::value* value = body.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number_of(const json::object& body, std::string_view key) {
  const json::value* value = body.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

std::size_t count_of(const json::object& body, std::string_view key) {
  const json::value* value = body.if_contains(key);
  return value != nullptr && value->is_array() ? value->get_array().size() : 0;
}

std::vector<std::string> texts_of(const json::object& body, std::string_view key) {
  std::vector<std::string> texts;
  for (const json::value& text : json_at(body, key).as_array())
    texts.emplace_back(text.as_string());
  return texts;
}

std::string counted(std::size_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string because(const std::string& why) { return why.empty() ? "" : " (" + why + ")"; }

/// Why somebody wanted it, in their words.
std::string for_reason(const json::object& options) {
  const std::string reason = text_of(options, "reason");
  return reason.empty() ? "" : ", because: " + reason;
}

std::string run_started(const json::object& body) {
  std::string text =
      "run started for " + text_of(body, "period") + ": " + counted(count_of(body, "jobs"), "job");
  if (const std::string of = text_of(body, "of"); !of.empty()) text += ", rerun of " + of;
  if (const std::size_t taken = count_of(body, "takes_over"); taken > 0)
    text += ", takes over " + counted(taken, "job");
  if (const std::string due = text_of(body, "due"); !due.empty()) text += ", due since " + due;
  if (const std::size_t forced = count_of(body, "forced"); forced > 0)
    text += ", " + counted(forced, "job") + " forced";
  text += ", " + counted(count_of(body, "files"), "file") + " pinned";
  const json::value* options = body.if_contains("options");
  if (options == nullptr) return text;
  if (const std::string as = text_of(options->as_object(), "as"); !as.empty())
    text += ", all its jobs up to date as run " + as + " left them";
  if (const std::string name = text_of(options->as_object(), "backfill"); !name.empty())
    text += ", of backfill " + name;
  return text + for_reason(options->as_object());
}

/// "notification failed by ops, try 2: the server answered 503 (failed)".
std::string notification_try(const Event& event) {
  const json::object& body = event.body;
  const std::string what = event.kind.substr(event.kind.find('_') + 1);
  std::string text = "notification " + (what == "given_up" ? "given up" : what) + ", channel " +
                     text_of(body, "channel");
  if (const std::int64_t tries = number_of(body, "tries"); tries > 1)
    text += ", try " + std::to_string(tries);
  if (const std::string error = text_of(body, "error"); !error.empty()) text += ": " + error;
  return text + because(event.why);
}

std::string backfill_started(const json::object& body) {
  const json::object& options = json_at(body, "options").as_object();
  std::string text = "backfill " + text_of(body, "name") + " of " + text_of(body, "graph") +
                     " started: " + text_of(body, "from") + " to " + text_of(body, "to") + ", " +
                     counted(static_cast<std::size_t>(number_of(body, "periods")), "period") +
                     ", plan " + text_of(body, "digest");
  if (json_boolean(options, "force")) text += ", forced";
  return text + for_reason(options);
}

std::vector<std::string> published(const json::object& body) {
  std::vector<std::string> datasets;
  const json::value* result = body.if_contains("result");
  if (result == nullptr) return datasets;
  for (const json::value& version : json_at(result->as_object(), "versions").as_array())
    datasets.push_back(text_of(version.as_object(), "dataset") + " (" +
                       std::to_string(number_of(version.as_object(), "rows")) + " rows)");
  return datasets;
}

std::string due_sentence(const Event& event) {
  const json::object& seen = json_at(event.body, "seen").as_object();
  if (event.kind == "trigger_seen" && text_of(seen, "graph") == "*")
    return "retention will be applied daily from " + text_of(seen, "state") + " on";
  if (event.kind == "trigger_seen")
    return "graph " + text_of(seen, "graph") + " looks at " + text_of(seen, "cause") +
           " from here on";
  const json::object& run = json_at(event.body, "run").as_object();
  return "graph " + text_of(run, "graph") + " for " + text_of(run, "period") +
         (event.kind == "run_due" ? " is due since " : " is not run, due was ") +
         text_of(run, "due") + because(event.why);
}

std::string sensitive_shown(const Event& event) {
  const std::vector<std::string> columns = texts_of(event.body, "columns");
  return "sensitive cells of " + text_of(event.body, "dataset") + " of " +
         text_of(event.body, "period") + " were shown by '" + text_of(event.body, "command") + "'" +
         (columns.empty() ? "" : ", columns " + join(columns, ", ")) + because(event.why);
}

/// What somebody decided about a rule, or what a shadow saw.
std::string rule_sentence(const Event& event) {
  const json::object& body = event.body;
  const std::string rule = "rule " + text_of(body, "rule");
  const std::string version = "version " + short_version(text_of(body, "version"));
  const std::string from = text_of(body, "from");
  if (event.kind == "rule_kept") return rule + ": " + version + " is kept";
  if (event.kind == "rule_activated")
    return rule + ": " + version + " counts from " + from + " on" + because(event.why);
  if (event.kind == "rule_rolled_back")
    return rule + ": " + version + " counts from " + from + " on no more" + because(event.why);
  if (event.kind == "rule_shadowed")
    return rule +
           (text_of(body, "version").empty() ? ": nothing runs beside any more"
                                             : ": " + version + " runs beside") +
           because(event.why);
  if (event.kind == "rule_shadow_seen")
    return rule + ": " + version + " would change " + std::to_string(number_of(body, "changed")) +
           " of " + counted(static_cast<std::size_t>(number_of(body, "rows")), "row");
  const bool is_proposal = event.kind == "rule_proposed";
  return rule + ": " + version + (is_proposal ? " proposed" : " approved") + because(event.why);
}

std::string rows_corrected(const Event& event) {
  const json::object& body = event.body;
  const bool is_breaks = text_of(body, "of") == "breaks";
  return counted(static_cast<std::size_t>(number_of(body, "rows")), is_breaks ? "break" : "row") +
         " of " + text_of(body, "graph") + " for " + text_of(body, "period") +
         (is_breaks ? " resolved from " : " corrected from ") + text_of(body, "file") +
         ", as left by " + text_of(body, "version") + because(event.why);
}

std::string attempt_ended(const Event& event) {
  const json::object& body = event.body;
  std::string text = "attempt " + text_of(body, "state") + because(event.why);
  if (const std::string error = text_of(body, "error"); !error.empty())
    return text + ", " + text_of(body, "error_class") + ": " + error.substr(0, error.find('\n'));
  const std::vector<std::string> datasets = published(body);
  return datasets.empty() ? text : text + ", published " + join(datasets, ", ");
}

}  // namespace

AuditQuery audit_query(StoreView& store, const AuditFilter& filter) {
  // No event of a run comes before that which began it: the journal's key leads there.
  const auto run = filter.run.empty() ? std::nullopt : store.run(filter.run);
  // A sweep names its jobs in its body.
  std::string which =
      "where number >= :p3 and (:p0 = '' or run = :p0) and (:p1 = '' or job = :p1"
      " or substr(job, 1, length(:p1) + 1) = :p1 || '['"
      " or (kind = 'jobs_up_to_date' and (body like '%\"' || :p1 || '\"%'"
      " or body like '%\"' || :p1 || '[%')))";
  // Everything else follows by itself from these.
  if (filter.acts)
    which +=
        " and (kind in ('run_started', 'run_paused', 'run_resumed', 'job_approved', 'job_rejected',"
        " 'job_marked', 'backfill_started', 'backfill_stopped', 'backfill_resumed',"
        " 'notification_retried', 'sensitive_shown', 'rule_proposed', 'rule_approved',"
        " 'rule_activated', 'rule_rolled_back', 'rule_shadowed', 'rows_corrected') or why in "
        "('given_up',"
        " 'cancelled', 'interrupted') or (kind = 'job_cancelled' and why like '" +
        std::string(kAskedReason) + "%'))";
  return {which + " order by number desc limit :p2",
          {filter.run, filter.job, static_cast<std::int64_t>(filter.limit),
           run ? run->event : std::int64_t{0}}};
}

std::vector<StoredEvent> audit_events(StoreView& store, const AuditFilter& filter) {
  const AuditQuery query = audit_query(store, filter);
  std::vector<StoredEvent> events = read_events(store.database(), query.which, query.parameters);
  std::reverse(events.begin(), events.end());
  return events;
}

std::string event_sentence(const Event& event) {
  const json::object& body = event.body;
  if (event.kind == "run_started") return run_started(body);
  if (event.kind == "notification_queued")
    return "to be told: " + text_of(json_at(body, "message").as_object(), "text") +
           because(event.why);
  if (event.kind.starts_with("notification_")) return notification_try(event);
  if (event.kind == "backfill_started") return backfill_started(body);
  if (event.kind == "backfill_ended")
    return "backfill " + text_of(body, "name") + " ended: " + text_of(body, "verdict");
  if (event.kind == "cascade_started")
    return "the rerun will go on into " + counted(count_of(body, "steps"), "more run");
  if (event.kind == "cascade_step") return "the rerun goes on with " + text_of(body, "current");
  if (event.kind == "cascade_ended")
    return "the rerun has ended: " + text_of(body, "verdict") +
           (number_of(body, "left") > 0
                ? ", " + counted(static_cast<std::size_t>(number_of(body, "left")), "run") +
                      " not begun"
                : "");
  if (event.kind == "backfill_stopped")
    return "backfill " + text_of(body, "name") + " begins nothing more" + because(event.why);
  if (event.kind == "backfill_resumed") return "backfill " + text_of(body, "name") + " goes on";
  if (event.kind == "run_ended")
    return "run ended: " + text_of(body, "verdict") + because(event.why);
  if (event.kind == "job_ready")
    return "ready, " + counted(count_of(body, "pins"), "version") + " pinned";
  if (event.kind == "jobs_up_to_date")
    return counted(count_of(body, "jobs") + count_of(body, "others"), "job") + " up to date" +
           because(event.why);
  if (event.kind == "job_up_to_date") return "up to date" + because(event.why);
  if (event.kind == "job_held") return "cannot start: " + event.why;
  if (event.kind == "job_cancelled") return "cancelled" + because(event.why);
  if (event.kind == "partitions_listed")
    return counted(count_of(body, "values"), "partition") + " listed";
  if (event.kind == "attempt_started")
    return "attempt " + std::to_string(number_of(body, "number")) + " started";
  if (event.kind == "attempt_stopped")
    return "attempt was sent " + text_of(body, "signal") +
           because(event.why + (text_of(body, "reason").empty() ? "" : ": ") +
                   text_of(body, "reason"));
  if (event.kind == "attempt_ended") return attempt_ended(event);
  if (event.kind == "run_paused") return "run paused" + because(event.why);
  if (event.kind == "run_resumed") return "run goes on" + because(event.why);
  if (event.kind == "job_approved") return "approved" + because(event.why);
  if (event.kind == "job_rejected") return "rejected" + because(event.why);
  if (event.kind == "job_marked")
    return "marked " + text_of(body, "to") + " (was " + text_of(body, "from") + ")" +
           because(event.why);
  if (event.kind.starts_with("rule_")) return rule_sentence(event);
  if (event.kind == "rows_corrected") return rows_corrected(event);
  if (event.kind == "sensitive_shown") return sensitive_shown(event);
  if (event.kind == "trigger_seen" || event.kind == "run_due" || event.kind == "due_skipped")
    return due_sentence(event);
  if (event.kind == "garbage_collected")
    return "retention applied, " +
           counted(static_cast<std::size_t>(number_of(body, "items")), "thing") + " taken away";
  if (event.kind == "deadline_missed")
    return (text_of(body, "dataset").empty() ? "it" : "'" + text_of(body, "dataset") + "'") +
           std::string(" is late, it was due ") + text_of(body, "deadline");
  if (event.kind == "store_created") return "store created, id " + text_of(body, "store_id");
  if (event.kind == "store_bound")
    return "store bound to state folder " + text_of(body, "state_folder");
  if (event.kind == "store_restored")
    return "store restored from a backup that ends at event " +
           std::to_string(number_of(body, "event")) + ", " +
           counted(count_of(body, "moved"), "newer folder") + " moved to the trash";
  if (event.kind == "store_migrated")
    return "store moved from " + text_of(body, "from") + " to " + text_of(body, "to");
  if (event.kind == "versions_removed")
    return counted(count_of(body, "versions"), "superseded version") + " removed" +
           because(event.why);
  if (event.kind == "run_removed") return "run removed" + because(event.why);
  return event.kind + because(event.why);
}

}  // namespace tallymill
