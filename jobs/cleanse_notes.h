#pragma once

#include <map>
#include <string>

#include "jobs/cleanse_flow.h"

namespace tallymill {

/// Schemas of the evidence that steps note beside the rows, by what follows `<job>.`: review,
/// proposals. Columns: row (as in the log of changes), the step's fields, step, provenance.
std::map<std::string, Schema> note_schemas(const CleanseFlow& flow, const Schema& schema);

/// One SELECT of all the notes of that evidence, over the rows that stay.
std::string note_select(const CleanseFlow& flow, const std::string& evidence, const Schema& schema,
                        const std::string& rows);

}  // namespace tallymill
