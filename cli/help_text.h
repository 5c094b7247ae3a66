#pragma once

#include <string>
#include <string_view>

#include "cli/command.h"

namespace tallymill {

inline constexpr std::string_view kVersion = "0.1.0";

/// What `tallymill help` prints: every command with its summary.
std::string help_overview(const Registry<Command>& commands);
/// What `tallymill <command> --help` prints: usage, arguments, options, an example.
std::string command_help(const Command& command);
/// `tallymill run GRAPH [--period PERIOD] ...`
std::string usage_line(const Command& command);

}  // namespace tallymill
