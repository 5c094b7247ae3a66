#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/source_position.h"

namespace tallymill {

enum class Severity { error, warning };

/// One problem of a file somebody edits, with the place to mend it.
struct Diagnostic {
  Severity severity = Severity::error;
  SourcePosition where;
  std::string message;  ///< what was found and what was expected; no trailing full stop
  std::string hint;     ///< what to do, e.g. "did you mean 'column'?"; may be empty
};

/// All problems of a load. Loaders go on after a problem and report everything at once.
class Diagnostics {
 public:
  void error(SourcePosition where, std::string message, std::string hint = {});
  void warning(SourcePosition where, std::string message, std::string hint = {});
  void add(Diagnostic diagnostic);
  void add_all(const Diagnostics& other);

  bool has_errors() const { return errors_ > 0; }
  bool empty() const { return items_.empty(); }
  /// Ordered by file, line, column; equal entries once.
  std::vector<Diagnostic> sorted() const;

  /// Remembers the text of a file so that render() can quote the line.
  void add_source(std::string file, std::shared_ptr<const std::string> text);

  /// Every problem as `file:line:column: error: message; hint`, the source line and a caret,
  /// joined by newlines; ends with a newline unless empty.
  std::string render() const;
  /// [{"severity","file","line","column","length","message","hint"}, ...] in sorted() order.
  json::array to_json() const;
  /// Reads to_json() back (a worker reports diagnostics to the control process).
  static Diagnostics from_json(const json::array& items);

 private:
  std::vector<Diagnostic> items_;
  std::map<std::string, std::shared_ptr<const std::string>, std::less<>> sources_;
  int errors_ = 0;
};

}  // namespace tallymill
