#pragma once

#include "connectors/xlsx/sheet_writer.h"
#include "worker/context.h"

namespace tallymill {

/// Adds to a workbook of breaks what they come to: the statement of their movements (the input
/// "statement" of the question names), how many there are by class, lifecycle and age, and the
/// "classes" of the job's own statement, where the question has them.
void add_break_sheets(WorkerContext& context, xlsx::SheetWriter& writer);

}  // namespace tallymill
