#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "cli/application.h"

namespace tallymill {

/// What a command line printed and how it ended, run within the test's own process.
struct CommandOutcome {
  int exit = 0;
  std::string out;
  std::string err;
};

inline CommandOutcome run_command(const Registry<Command>& commands,
                                  const std::vector<std::string>& arguments,
                                  bool is_terminal = false) {
  std::ostringstream out;
  std::ostringstream err;
  const int exit = run_application(commands, arguments, {out, err, is_terminal, is_terminal});
  return {exit, out.str(), err.str()};
}

/// The same with every command of the program.
inline CommandOutcome run_tallymill(const std::vector<std::string>& arguments) {
  Registry<Command> commands;
  register_all_commands(commands);
  return run_command(commands, arguments);
}

}  // namespace tallymill
