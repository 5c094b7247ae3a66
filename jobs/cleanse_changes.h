#pragma once

#include <string>

#include "jobs/cleanse_flow.h"

namespace tallymill {

/// `<job>.changes`: row, column, before, after, step, and the provenance if there is any.
Schema change_log_schema(const Schema& schema);

/// One SELECT of that schema over the rows that stay: a line for each cell and each step that
/// changed it, values as texts, sensitive ones masked. `row` is the row's key, else its place in
/// the source, else all its values. Only rows of which a cell changed are taken apart.
std::string change_log_select(const CleanseFlow& flow, const Schema& schema,
                              const std::string& rows);

/// SQL of what a reader finds a row by: its key, else its place in the source, else all its values;
/// sensitive ones masked.
std::string row_text_sql(const Schema& schema);

}  // namespace tallymill
