#pragma once

#include <string>

#include "core/json.h"

namespace tallymill {

/// What `preview` found, for people. `preview`: what the command prints with --json.
std::string preview_text(const json::object& preview);

}  // namespace tallymill
