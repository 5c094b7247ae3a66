#pragma once

#include "scheduler/store/apply.h"

namespace tallymill {

void apply_notification_queued(Database& database, const StoredEvent& stored);
void apply_notification_delivered(Database& database, const StoredEvent& stored);
void apply_notification_failed(Database& database, const StoredEvent& stored);
void apply_notification_given_up(Database& database, const StoredEvent& stored);
void apply_notification_retried(Database& database, const StoredEvent& stored);

}  // namespace tallymill
