#include "scheduler/store/apply_notification.h"

#include <stdexcept>

namespace tallymill {
namespace {

void end_try(Database& database, const StoredEvent& stored, std::string_view state) {
  const json::object& body = stored.event.body;
  const std::string ended_at = state == "pending" ? "" : stored.at;
  const std::int64_t changed = database.execute(
      "update notification set state = :p0, tries = :p1, next_at = :p2, ended_at = :p3,"
      " error = :p4 where id = :p5 and channel = :p6 and state <> 'delivered'",
      {state, json_integer(body, "tries"), json_text(body, "next_at"), ended_at,
       json_text(body, "error"), json_text(body, "id"), json_text(body, "channel")});
  if (changed != 1)
    throw std::logic_error("notification " + json_text(body, "id") + " is not to be delivered");
}

}  // namespace

void apply_notification_queued(Database& database, const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  for (const json::value& channel : json_at(body, "channels").as_array())
    database.execute(
        "insert into notification (id, channel, kind, run, job, subject, message, event, queued_at,"
        " state, tries, next_at, ended_at, error) values (:p0, :p1, :p2, :p3, :p4, :p5, :p6, :p7,"
        " :p8, 'pending', 0, '', '', '')",
        {json_text(body, "id"), std::string_view(channel.as_string()), stored.event.why,
         stored.event.run, stored.event.job, json_text(body, "subject"),
         json::serialize(json_at(body, "message")), stored.number, stored.at});
}

void apply_notification_delivered(Database& database, const StoredEvent& stored) {
  end_try(database, stored, "delivered");
}
void apply_notification_failed(Database& database, const StoredEvent& stored) {
  end_try(database, stored, "pending");
}
void apply_notification_given_up(Database& database, const StoredEvent& stored) {
  end_try(database, stored, "given_up");
}

void apply_notification_retried(Database& database, const StoredEvent& stored) {
  const json::object& body = stored.event.body;
  database.execute(
      "update notification set state = 'pending', tries = 0, next_at = '', ended_at = ''"
      " where id = :p0 and channel = :p1 and state <> 'delivered'",
      {json_text(body, "id"), json_text(body, "channel")});
}

}  // namespace tallymill
