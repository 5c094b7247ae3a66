#pragma once

#include "cli/dataset_query.h"
#include "cli/invocation.h"
#include "core/json.h"
#include "scheduler/control_events.h"

namespace tallymill {

/// Asks a worker for a sheet (query correction_sheet) and writes it to the file of --export, CSV or
/// .xlsx, readable by its owner alone. With --reveal `shown` is put on record first. Returns the
/// answer.
json::object write_sheet_file(const Invocation& invocation, const Workspace& workspace, Task task,
                              SensitiveShown shown);

}  // namespace tallymill
