#pragma once

#include <string>

#include "core/json.h"

namespace tallymill {

/// What `rules diff` found, for people. `difference`: what the command prints with --json.

/// Tables for a terminal.
std::string rule_diff_text(const json::object& difference);
/// One page that needs nothing else: no script, no font, no picture from outside.
std::string rule_diff_page(const json::object& difference);

}  // namespace tallymill
