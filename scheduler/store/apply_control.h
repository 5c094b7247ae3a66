#pragma once

#include "scheduler/store/apply.h"

namespace tallymill {

// Parts of apply_event(): what people ask of runs.

void apply_run_paused(Database& database, const StoredEvent& stored);
void apply_run_resumed(Database& database, const StoredEvent& stored);
void apply_job_approved(Database& database, const StoredEvent& stored);
void apply_job_rejected(Database& database, const StoredEvent& stored);
void apply_job_marked(Database& database, const StoredEvent& stored);
void apply_attempt_stopped(Database& database, const StoredEvent& stored);

}  // namespace tallymill
