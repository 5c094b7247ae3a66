#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace tallymill {

/// Where a command prints. Results go to `out`, everything said about them to `err`.
struct Terminal {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;  ///< colours and live lines only then
  bool err_is_terminal = false;
};

/// One parsed command line: the values a command declared, by their declared names.
/// Reading an undeclared name is a bug and throws std::logic_error.
class Invocation {
 public:
  /// Throws Error(config) that names what is wrong and the nearest flag.
  Invocation(const Command& command, const Registry<Command>& commands,
             const std::vector<std::string>& arguments, Terminal terminal);

  bool has(std::string_view name) const;
  /// The value of a flag or argument given once, or `fallback`.
  std::string text(std::string_view name, std::string_view fallback = {}) const;
  std::vector<std::string> texts(std::string_view name) const;
  /// Throws Error(config) unless the value is a whole number of at least `least`.
  std::int64_t integer(std::string_view name, std::int64_t fallback, std::int64_t least = 0) const;

  /// `--workspace DIR`, else the nearest folder with tallymill.yaml at or above the current one.
  /// Throws Error(config) if there is none.
  std::filesystem::path workspace_root() const;

  bool wants_help() const { return wants_help_; }
  bool json() const { return has("json"); }
  const Command& command() const { return *command_; }
  const Registry<Command>& commands() const { return *commands_; }
  std::ostream& out() const { return terminal_.out; }
  std::ostream& err() const { return terminal_.err; }
  const Terminal& terminal() const { return terminal_; }

 private:
  void place_arguments(const std::vector<std::string>& given);
  const std::vector<std::string>& values(std::string_view name) const;

  const Command* command_;
  const Registry<Command>* commands_;
  Terminal terminal_;
  bool wants_help_ = false;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// The command's own flags, then `--workspace` and `--help`.
std::vector<Flag> all_flags(const Command& command);

}  // namespace tallymill
