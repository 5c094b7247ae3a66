#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/registry.h"

namespace tallymill {

/// Exit codes of every command (docs/architecture.md, 9).
enum class Exit : int {
  ok = 0,
  failed = 1,
  usage = 2,
  findings = 3,
  waiting = 4,
  interrupted = 130
};

/// `tallymill <name> ...`: one file under cli/commands, one test, printed by `tallymill help`.
struct Command {
  std::string name;     ///< as typed; "rules test" is the unit rules_test
  std::string summary;  ///< one sentence
  std::string example;  ///< one command line, shown by --help and run by a test
  std::function<Exit(const std::vector<std::string>& arguments)> run;
};
void register_all_commands(Registry<Command>& commands);

}  // namespace tallymill
