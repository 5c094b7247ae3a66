#pragma once

#include <string>

#include "core/diagnostics.h"
#include "core/task.h"

namespace tallymill {

/// User SQL with :period, :period_first_day, :period_last_day, :param_<name> and, in a partitioned
/// job, :partition replaced by typed SQL literals made from parsed values. Unknown names, values
/// that do not fit their type and
/// `${` are reported at `where`; `sql` comes back as far as it could be bound.
std::string bind_sql_parameters(const Task& task, const std::string& sql,
                                const SourcePosition& where, Diagnostics& diagnostics);

/// A path or text with every `${expression}` of the date language replaced. What cannot be
/// evaluated is reported at its place in the text that stands at `where`; the text then comes back
/// as it is.
std::string expand_text(const Task& task, const std::string& text, const SourcePosition& where,
                        Diagnostics& diagnostics);

}  // namespace tallymill
