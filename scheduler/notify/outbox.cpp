#include "scheduler/notify/outbox.h"

#include <algorithm>
#include <array>

#include "scheduler/machine.h"

namespace tallymill {
namespace {

constexpr std::array<std::string_view, 3> kStates{"pending", "delivered", "given_up"};

NotificationState state_from(const std::string& text) {
  const auto found = std::find(kStates.begin(), kStates.end(), text);
  return static_cast<NotificationState>(found - kStates.begin());
}

std::vector<NotificationRecord> select(StoreView& view, const std::string& rest,
                                       const std::vector<StoreValue>& parameters) {
  std::vector<NotificationRecord> records;
  for (const SqlRow& row : view.database().select(
           "select id, channel, kind, run, job, message, queued_at, state, tries, next_at,"
           " ended_at, error from notification " +
               rest,
           "ttttttttittt", parameters))
    records.push_back({.id = row.text(0),
                       .channel = row.text(1),
                       .kind = row.text(2),
                       .run = row.text(3),
                       .job = row.text(4),
                       .message = row.text(5),
                       .queued_at = row.text(6),
                       .state = state_from(row.text(7)),
                       .tries = static_cast<int>(row.integer(8)),
                       .next_at = row.text(9),
                       .ended_at = row.text(10),
                       .error = row.text(11)});
  return records;
}

}  // namespace

std::string_view to_string(NotificationState state) {
  return kStates[static_cast<std::size_t>(state)];
}

std::string notification_id(const StoredEvent& cause, NotificationKind kind) {
  constexpr std::size_t kHashDigits = 12;
  return std::to_string(cause.number) + "-" + std::string(to_string(kind)) + "-" +
         cause.hash.substr(0, kHashDigits);
}

bool was_announced(StoreView& view, NotificationKind kind, const std::string& subject) {
  return !view.database()
              .select("select id from notification where subject = :p0 and kind = :p1 limit 1", "t",
                      {subject, to_string(kind)})
              .empty();
}

std::vector<NotificationRecord> pending_notifications(StoreView& view) {
  return select(view, "where state <> 'delivered' and state = 'pending' order by event, channel",
                {});
}

std::vector<NotificationRecord> open_notifications(StoreView& view) {
  return select(view, "where state <> 'delivered' order by event, channel", {});
}

std::vector<NotificationRecord> notifications(StoreView& view, int limit) {
  auto records = select(view, "order by event desc, channel desc limit :p0", {std::int64_t{limit}});
  std::reverse(records.begin(), records.end());
  return records;
}

Event to_event(const NotificationRecord& notification, const DeliveryEnd& end) {
  const int tries = notification.tries + 1;
  const bool again = !end.delivered && end.retry && tries < kMostDeliveryTries;
  return {end.delivered ? "notification_delivered"
          : again       ? "notification_failed"
                        : "notification_given_up",
          notification.run,
          notification.job,
          notification.kind,
          {{"id", notification.id},
           {"channel", notification.channel},
           {"tries", tries},
           {"next_at", again ? utc_after(delivery_backoff(tries)) : ""},
           {"error", end.error}}};
}

Event notification_retried(const NotificationRecord& notification, const std::string& who) {
  return {"notification_retried",
          notification.run,
          notification.job,
          notification.kind,
          {{"id", notification.id}, {"channel", notification.channel}, {"asked_by", who}}};
}

std::chrono::milliseconds delivery_backoff(int tries) {
  constexpr std::chrono::seconds kFirst{10};
  constexpr std::chrono::hours kLongest{1};
  std::chrono::milliseconds delay = kFirst;
  for (int i = 1; i < tries && delay < kLongest; ++i) delay *= 3;
  return std::min<std::chrono::milliseconds>(delay, kLongest);
}

}  // namespace tallymill
