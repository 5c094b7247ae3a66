#pragma once

#include "scheduler/store/database.h"

namespace tallymill {

/// The newest schema this program knows.
int latest_schema();
/// The schema of the store; 0 for an empty file.
int schema_of(Database& database);

/// Brings the store to latest_schema(), each step in one transaction. Throws Error(config) if the
/// store was written by a newer program.
void migrate(Database& database);
/// For readers: throws Error(config) unless the store has exactly the latest schema.
void require_latest_schema(Database& database);

}  // namespace tallymill
