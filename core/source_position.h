#pragma once

#include <string>

namespace tallymill {

/// A place in a text file a person edits. `line` and `column` are 1-based; 0 means unknown.
/// `length` is the number of columns a caret line underlines.
struct SourcePosition {
  std::string file;
  int line = 0;
  int column = 0;
  int length = 1;

  bool is_known() const { return line > 0; }
  /// `file:line:column`, or as much of it as is known; empty if nothing is.
  std::string text() const;

  friend auto operator<=>(const SourcePosition&, const SourcePosition&) = default;
};

}  // namespace tallymill
