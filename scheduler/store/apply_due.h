#pragma once

#include "scheduler/store/apply.h"

namespace tallymill {

// Parts of apply_event(): what makes runs due.

void apply_trigger_seen(Database& database, const StoredEvent& stored);
void apply_run_due(Database& database, const StoredEvent& stored);
void apply_due_skipped(Database& database, const StoredEvent& stored);
/// Of a run that was due and has started.
void drop_due(Database& database, const std::string& graph, const std::string& period,
              const std::string& due);

}  // namespace tallymill
