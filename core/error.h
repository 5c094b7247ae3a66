#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/source_position.h"

namespace tallymill {

/// What kind of misfortune ended a job; it alone decides about retrying (docs/architecture.md, 9).
enum class ErrorClass {
  transient,        ///< may go away by itself: retried with backoff
  memory,           ///< once more, with one thread
  data,             ///< the data does not allow the job to end well
  config,           ///< graph, rule, parameter or connector is wrong
  bug,              ///< we are wrong
  outcome_unknown,  ///< an outside effect may have happened: never retried by itself
};

std::string_view to_string(ErrorClass error_class);
std::optional<ErrorClass> error_class_from(std::string_view text);

/// A job, command or load could not be done. Caught once, at the top of a process; layers in
/// between only add context. Expected findings about data are values, never an Error.
class Error : public std::exception {
 public:
  /// `message` says what was found, what was expected and what to do; no trailing full stop.
  Error(ErrorClass error_class, std::string message, SourcePosition where = {});

  /// Adds one `while ...` line, innermost first: pass "reading table 'x' from connector 'y'".
  Error& add_context(std::string doing);

  ErrorClass error_class() const { return class_; }
  const std::string& message() const { return message_; }
  const SourcePosition& where() const { return where_; }
  const std::vector<std::string>& context() const { return context_; }
  /// `file:line:column: error: message`, then one `  while ...` line per context entry.
  const char* what() const noexcept override { return rendered_.c_str(); }

 private:
  void render();

  ErrorClass class_;
  std::string message_;
  SourcePosition where_;
  std::vector<std::string> context_;
  std::string rendered_;
};

}  // namespace tallymill
