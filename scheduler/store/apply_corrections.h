#pragma once

#include "scheduler/store/apply.h"

namespace tallymill {

// Part of apply_event(): what people say of rows that left their jobs.

void apply_rows_corrected(Database& database, const StoredEvent& stored);

}  // namespace tallymill
