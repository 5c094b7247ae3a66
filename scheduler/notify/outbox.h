#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/events.h"
#include "scheduler/notify/notification.h"
#include "scheduler/store/apply.h"
#include "scheduler/store_view.h"

namespace tallymill {

/// pending: to be delivered, perhaps tried before; given_up: a person has to look.
enum class NotificationState : std::uint8_t { pending, delivered, given_up };
std::string_view to_string(NotificationState state);

/// One message to one channel, as the store's outbox holds it.
struct NotificationRecord {
  std::string id;  ///< the same at every try: whoever gets it twice can tell
  std::string channel;
  std::string kind;
  std::string run;
  std::string job;
  std::string message;  ///< JSON text
  std::string queued_at;
  NotificationState state = NotificationState::pending;
  int tries = 0;
  std::string next_at;  ///< of a pending one that was tried; empty: at once
  std::string ended_at;
  std::string error;  ///< of the last try
};

/// "<event>-<kind>-<piece of the event's hash>": one per cause and kind, in every copy of a store.
std::string notification_id(const StoredEvent& cause, NotificationKind kind);
/// Whether somebody has been told of this already.
bool was_announced(StoreView& view, NotificationKind kind, const std::string& subject);

/// Oldest first.
std::vector<NotificationRecord> pending_notifications(StoreView& view);
/// Pending and given up, oldest first.
std::vector<NotificationRecord> open_notifications(StoreView& view);
/// The newest `limit`, oldest first.
std::vector<NotificationRecord> notifications(StoreView& view, int limit);

/// How a try to deliver ended.
struct DeliveryEnd {
  bool delivered = false;
  bool retry = true;  ///< of one that failed: a later try may succeed
  std::string error;
};
/// What follows from a try: delivered, failed (with the time of the next try) or given up.
Event to_event(const NotificationRecord& notification, const DeliveryEnd& end);
/// A person wants one that is not delivered tried now, as if it had never been tried.
Event notification_retried(const NotificationRecord& notification, const std::string& who);

/// Waiting time after the n-th try, from 10 s to an hour; none left after kMostDeliveryTries.
inline constexpr int kMostDeliveryTries = 30;
std::chrono::milliseconds delivery_backoff(int tries);

}  // namespace tallymill
