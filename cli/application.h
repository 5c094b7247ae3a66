#pragma once

#include <exception>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/invocation.h"
#include "core/diagnostics.h"

namespace tallymill {

/// Thrown by a command whose graph, rule or workspace files are wrong. The application prints
/// every problem and ends with Exit::usage.
class InvalidInput : public std::exception {
 public:
  explicit InvalidInput(Diagnostics diagnostics) : diagnostics_(std::move(diagnostics)) {}
  const Diagnostics& diagnostics() const { return diagnostics_; }
  const char* what() const noexcept override { return "invalid graph, rule or workspace"; }

 private:
  Diagnostics diagnostics_;
};

/// Runs `arguments` (without the program's name) and returns the exit code. The one place where
/// errors and diagnostics become text and exit codes: Error(config) is 2, every other Error is 1.
int run_application(const Registry<Command>& commands, const std::vector<std::string>& arguments,
                    const Terminal& terminal);

/// Prints diagnostics to `err` as Diagnostics::render() gives them, coloured on a terminal.
void print_diagnostics(const Diagnostics& diagnostics, const Terminal& terminal);

}  // namespace tallymill
