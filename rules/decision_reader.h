#pragma once

#include <memory>
#include <string>

#include "core/diagnostics.h"
#include "rules/decision_table.h"

namespace tallymill {

/// Reads rules/<name>.yaml or .csv as a decision table and analyses it. Everything that is wrong
/// with it goes to `diagnostics`, at its place; null if there was an error.
std::shared_ptr<const DecisionTable> read_decision_table(const std::string& name,
                                                         const std::string& file,
                                                         const std::string& text,
                                                         int currency_scale,
                                                         Diagnostics& diagnostics);

}  // namespace tallymill
