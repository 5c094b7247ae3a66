#include "scheduler/notify/announce.h"

#include <algorithm>

#include "core/text.h"
#include "scheduler/live_run.h"
#include "scheduler/notify/outbox.h"

namespace tallymill {
namespace {

constexpr std::size_t kMostDetail = 2000;

/// A message before it is known whether anybody listens.
struct Draft {
  NotificationKind kind = NotificationKind::finished;
  std::string subject;  ///< told once: the run, for a deadline also what it is of
  std::string text;     ///< one sentence
  std::string detail;   ///< more lines, or empty
  std::string command;  ///< what to type next
};

std::string text_of(const json::object& body, std::string_view key) {
  return json_text_or(body, key, "");
}

std::int64_t findings_of(const json::object& body) {
  const json::value* count = body.if_contains("findings_error");
  return count && count->is_int64() ? count->get_int64() : 0;
}

bool refused(const json::object& body) {
  const json::value* verdicts = body.if_contains("verdicts");
  if (!verdicts || !verdicts->is_array()) return false;
  return std::any_of(
      verdicts->get_array().begin(), verdicts->get_array().end(),
      [](const json::value& verdict) { return !json_boolean(verdict.as_object(), "passed"); });
}

std::string short_text(const std::string& text) {
  if (text.size() <= kMostDetail) return text;
  std::size_t end = kMostDetail;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

void draft_attempt(const Event& event, std::vector<Draft>& drafts) {
  const json::object& body = event.body;
  const std::string job = "job " + event.job + " of run " + event.run;
  const std::int64_t findings = findings_of(body);
  if (text_of(body, "job_state") == to_string(JobRunState::failed))
    drafts.push_back({NotificationKind::failed, event.run,
                      job + " failed (" + text_of(body, "error_class") + ")",
                      short_text(text_of(body, "error")),
                      "tallymill rerun " + event.run + " --failed"});
  if (findings > 0)
    drafts.push_back(
        {NotificationKind::findings, event.run,
         job + ": " + group_digits(findings) + (findings == 1 ? " finding" : " findings"), "",
         "tallymill status " + event.run});
  if (refused(body))
    drafts.push_back({NotificationKind::blocked, event.run,
                      job + " refused what it stands before; what reads that cannot start", "",
                      "tallymill why " + event.run + " " + event.job});
}

/// Failed without an attempt, waited too long for a slot, say.
Draft draft_job_failed(const Event& event) {
  const std::string sentence = text_of(event.body, "sentence");
  return {NotificationKind::failed, event.run,
          "job " + event.job + " of run " + event.run + " failed (" + event.why + ")",
          short_text(sentence), "tallymill why " + event.run + " " + event.job};
}

Draft draft_blocked(const Event& event) {
  return {NotificationKind::blocked, event.run,
          "job " + event.job + " of run " + event.run +
              " could not start: " + event.why.substr(kBlockedReason.size()),
          "", "tallymill why " + event.run + " " + event.job};
}

/// Of a job or of a dataset that it was to make.
Draft draft_late(const Event& event) {
  const std::string dataset = text_of(event.body, "dataset");
  const std::string deadline = text_of(event.body, "deadline");
  const std::string what =
      dataset.empty() ? "job " + event.job : "'" + dataset + "' of job " + event.job;
  const std::string since =
      " is late: it was due " + (deadline.empty() ? std::string("by now") : "at " + deadline);
  const std::string subject = event.run + "/" + event.job + "/" + dataset;
  const std::string graph = text_of(event.body, "graph");
  const std::string period = text_of(event.body, "period");
  if (event.run == graph + "." + period)
    return {NotificationKind::late, subject,
            what + " of graph " + graph + " for " + period + since + ", and no run has begun", "",
            "tallymill run " + graph + " --period " + period};
  return {NotificationKind::late, subject, what + " of run " + event.run + since, "",
          "tallymill why " + event.run + " " + event.job};
}

void draft_end(const Event& event, std::vector<Draft>& drafts) {
  const auto verdict = run_verdict_from(text_of(event.body, "verdict"));
  if (!verdict) return;  // given up, taken over: not its end
  const std::string look = "tallymill status " + event.run;
  drafts.push_back({NotificationKind::finished, event.run,
                    "run " + event.run + " ended: " + std::string(to_string(*verdict)), "", look});
  if (*verdict == RunVerdict::ok || *verdict == RunVerdict::findings)
    drafts.push_back({NotificationKind::recovered, event.run,
                      "run " + event.run + " ended well, after one that had failed", "", look});
}

std::vector<Draft> drafts_of(const Event& event) {
  std::vector<Draft> drafts;
  if (event.kind == "attempt_ended")
    draft_attempt(event, drafts);
  else if (event.kind == "job_failed")
    drafts.push_back(draft_job_failed(event));
  else if (event.kind == "job_cancelled" && event.why.starts_with(kBlockedReason))
    drafts.push_back(draft_blocked(event));
  else if (event.kind == "deadline_missed")
    drafts.push_back(draft_late(event));
  else if (event.kind == "run_ended")
    draft_end(event, drafts);
  return drafts;
}

/// Since the graph's last good end for the period something had failed.
bool had_failed(StoreView& view, const RunRecord& run) {
  return !view.database()
              .select(
                  "select r.id from run r where r.graph = :p0 and r.period = :p1"
                  " and r.id <> :p2 and r.event > coalesce((select max(g.event) from run g"
                  " where g.graph = :p0 and g.period = :p1 and g.id <> :p2"
                  " and g.verdict in ('ok', 'findings')), 0) and (r.verdict = 'failed'"
                  " or exists (select 1 from job_run j where j.run = r.id"
                  " and j.state = 'failed')) limit 1",
                  "t", {run.graph, run.period, run.id})
              .empty();
}

const std::vector<std::string>& listeners(const Workspace& workspace, const std::string& graph,
                                          NotificationKind kind) {
  static const std::vector<std::string> kNobody;
  if (const auto found = workspace.graphs.find(graph); found != workspace.graphs.end())
    if (const auto own = found->second->notify.find(kind); own != found->second->notify.end())
      return own->second;
  const auto rule = workspace.notify.find(kind);
  return rule == workspace.notify.end() ? kNobody : rule->second;
}

Event queued(const StoredEvent& cause, const RunRecord& run, const Draft& draft,
             const std::vector<std::string>& channels, const Workspace& workspace) {
  json::array names;
  for (const std::string& channel : channels) names.emplace_back(channel);
  return {"notification_queued",
          cause.event.run,
          cause.event.job,
          std::string(to_string(draft.kind)),
          {{"id", notification_id(cause, draft.kind)},
           {"subject", draft.subject},
           {"channels", std::move(names)},
           {"message",
            {{"workspace", workspace.name},
             {"kind", json::string(to_string(draft.kind))},
             {"graph", run.graph},
             {"period", run.period},
             {"run", cause.event.run},
             {"job", cause.event.job},
             {"event", cause.number},
             {"at", cause.at},
             {"text", draft.text},
             {"detail", draft.detail},
             {"command", draft.command}}}}};
}

}  // namespace

std::vector<Event> Announcer::follow_up(const StoredEvent& cause, StoreView& view) const {
  const std::vector<Draft> drafts = drafts_of(cause.event);
  if (drafts.empty()) return {};
  const auto workspace = workspace_();
  if (workspace->channels.empty()) return {};
  auto run = view.run(cause.event.run);
  if (!run && cause.event.kind == "deadline_missed") {
    run.emplace();  // nothing has begun yet of what is late
    run->graph = text_of(cause.event.body, "graph");
    run->period = text_of(cause.event.body, "period");
  }
  if (!run) return {};
  std::vector<Event> events;
  for (const Draft& draft : drafts) {
    const auto& channels = listeners(*workspace, run->graph, draft.kind);
    if (channels.empty() || was_announced(view, draft.kind, draft.subject)) continue;
    if (draft.kind == NotificationKind::recovered && !had_failed(view, *run)) continue;
    events.push_back(queued(cause, *run, draft, channels, *workspace));
  }
  return events;
}

}  // namespace tallymill
