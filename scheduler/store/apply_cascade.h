#pragma once

#include "scheduler/store/apply.h"

namespace tallymill {

void apply_cascade_started(Database& database, const StoredEvent& stored);
void apply_cascade_step(Database& database, const StoredEvent& stored);
void apply_cascade_ended(Database& database, const StoredEvent& stored);

}  // namespace tallymill
