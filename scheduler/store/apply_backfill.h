#pragma once

#include "scheduler/store/apply.h"

namespace tallymill {

void apply_backfill_started(Database& database, const StoredEvent& stored);
void apply_backfill_ended(Database& database, const StoredEvent& stored);
void apply_backfill_stopped(Database& database, const StoredEvent& stored);
void apply_backfill_resumed(Database& database, const StoredEvent& stored);
/// Of a run that was started: notes which backfill it belongs to, if any.
void apply_backfill_run(Database& database, const StoredEvent& stored);

}  // namespace tallymill
