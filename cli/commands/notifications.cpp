#include <thread>

#include "cli/catalog.h"
#include "cli/dataset_query.h"
#include "cli/load_workspace.h"
#include "cli/scheduler_link.h"
#include "cli/text_table.h"
#include "core/text.h"
#include "scheduler/notify/outbox.h"

namespace tallymill {
namespace {

constexpr std::int64_t kShown = 50;
/// With --deliver somebody waits for it.
constexpr auto kPatience = std::chrono::seconds(60);

json::object notification_json(const NotificationRecord& notification) {
  return {{"id", notification.id},
          {"channel", notification.channel},
          {"kind", notification.kind},
          {"run", notification.run},
          {"job", notification.job},
          {"state", json::string(to_string(notification.state))},
          {"tries", notification.tries},
          {"queued_at", notification.queued_at},
          {"next_at", notification.next_at},
          {"ended_at", notification.ended_at},
          {"error", notification.error},
          {"message", parse_json(notification.message, "the store")}};
}

std::string state_words(const NotificationRecord& notification) {
  if (notification.state == NotificationState::given_up) return "given up";
  if (notification.state == NotificationState::delivered || notification.tries == 0)
    return std::string(to_string(notification.state));
  return "next try " + notification.next_at;
}

std::string list_text(const std::vector<NotificationRecord>& list) {
  if (list.empty()) return "nobody was to be told anything yet\n";
  TextTable table({{"queued (UTC)"},
                   {"kind"},
                   {"run"},
                   {"job"},
                   {"channel"},
                   {"state"},
                   {"tries", true},
                   {"last problem"}});
  for (const NotificationRecord& notification : list)
    table.add({notification.queued_at, notification.kind, notification.run, notification.job,
               notification.channel, state_words(notification), std::to_string(notification.tries),
               notification.state == NotificationState::delivered ? "" : notification.error});
  return table.text();
}

/// What was given up is tried again, too: a person asks for it.
void deliver(const Invocation& invocation, const UnitCatalog& catalog) {
  const Workspace workspace = load_workspace(invocation, catalog);
  if (SchedulerLink(invocation, catalog, workspace, "tallymill notifications --deliver")
          .deliver(kPatience))
    return;
  // Another process delivers; it is waited for as this one would wait for its own.
  const auto end = std::chrono::steady_clock::now() + kPatience;
  constexpr auto kBetweenLooks = std::chrono::milliseconds(100);
  StoreView store = open_store(workspace);
  while (!pending_notifications(store).empty() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(kBetweenLooks);
}

Exit run_notifications(const Invocation& invocation) {
  const UnitCatalog catalog;
  const Workspace workspace = load_workspace_to_look(invocation, catalog);
  if (invocation.has("deliver")) deliver(invocation, catalog);
  StoreView store = open_store(workspace);
  const auto list = notifications(store, static_cast<int>(invocation.integer("limit", kShown, 1)));
  if (invocation.json()) {
    json::array entries;
    for (const NotificationRecord& notification : list)
      entries.push_back(notification_json(notification));
    invocation.out() << pretty_json(json::object{{"notifications", std::move(entries)}});
  } else {
    invocation.out() << list_text(list);
  }
  const bool all_well = open_notifications(store).empty();
  return invocation.has("deliver") && !all_well ? Exit::failed : Exit::ok;
}

}  // namespace

void register_notifications(Registry<Command>& commands) {
  commands.add({
      .name = "notifications",
      .summary = "Lists what people were told, and what is still to be delivered.",
      .example = "tallymill notifications --limit 20",
      .flags = {{.name = "limit", .value = "N", .summary = "The newest N; default 50."},
                {.name = "deliver",
                 .summary = "Try all that is not delivered now, also what was given up."},
                {.name = "wait", .summary = "With --deliver: wait for another tallymill's lock."},
                json_flag()},
      .run = run_notifications,
  });
}

}  // namespace tallymill
