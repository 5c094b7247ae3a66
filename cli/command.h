#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/registry.h"

namespace tallymill {

class Invocation;

/// Exit codes of every command (docs/architecture.md, 9).
enum class Exit : int {
  ok = 0,
  failed = 1,
  usage = 2,
  findings = 3,
  waiting = 4,
  interrupted = 130
};

/// A positional argument. Optional ones come after required ones, a repeated one is last.
struct Argument {
  std::string name;  ///< as help shows it and Invocation reads it: "GRAPH"
  std::string summary;
  bool required = true;
  bool repeated = false;  ///< takes everything that is left
};

/// `--name`, or `--name VALUE` where `value` is set.
struct Flag {
  std::string name;        ///< without the dashes
  std::string value = {};  ///< placeholder in help ("DIR"); empty: a switch
  std::string summary = {};
  bool required = false;
  bool repeated = false;  ///< may be given more than once
  char letter = '\0';     ///< `-f`; none by default
};

/// `tallymill <name> ...`: one file under cli/commands, one test, printed by `tallymill help`.
/// `--help` belongs to every command, `--workspace DIR` to every one that is `in_workspace`.
struct Command {
  std::string name;     ///< as typed; "rules test" is the unit rules_test
  std::string summary;  ///< one sentence
  std::string example;  ///< one command line, shown by --help and run by a test
  std::vector<Argument> arguments = {};
  std::vector<Flag> flags = {};
  /// Throws Error or InvalidInput (cli/application.h), which the application renders.
  std::function<Exit(const Invocation&)> run;
  bool in_workspace = true;
};
void register_all_commands(Registry<Command>& commands);

/// `--json`: every command whose output a program might read has this flag under this name.
inline Flag json_flag() { return {.name = "json", .summary = "Print JSON instead of text."}; }

}  // namespace tallymill
