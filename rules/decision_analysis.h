#pragma once

#include "core/diagnostics.h"
#include "rules/decision_table.h"

namespace tallymill {

/// Looks at a table over everything its inputs can be, exactly: cuts them into atoms and asks which
/// rows admit which. Errors: facts that no row meets (where nothing stands behind), rows that
/// overlap though they may not, rows that admit nothing of a domain. Warnings: rows that earlier
/// ones leave nothing for. Where a table is too tangled for that, is_proved becomes false, and the
/// facts themselves are watched.
void analyse(DecisionTable& table, Diagnostics& diagnostics);

}  // namespace tallymill
