#pragma once

#include <cstddef>

namespace tallymill::csv {

/// A quote must close before this many bytes and line ends of its record have gone by; else it
/// opened nothing and the record ends at its first physical line. One lost quote costs one record.
inline constexpr std::size_t kMaxQuotedBytes = 64 * 1024;
inline constexpr std::size_t kMaxQuotedLines = 100;

/// What a byte means to the scan. Everything is decoded UTF-8 by then, so each is one ASCII byte.
struct Syntax {
  char delimiter = ',';
  char quote = '"';        ///< '\0': quotes mean nothing
  char newline = '\n';     ///< '\r' for files that end lines with it alone; CR LF is '\n'
  bool is_padded = false;  ///< `trim`: blanks and tabs around a cell, also around its quotes, go

  /// Wider only where every quote is known to close: in what we wrote ourselves.
  std::size_t max_quoted_bytes = kMaxQuotedBytes;
  std::size_t max_quoted_lines = kMaxQuotedLines;

  bool has_quotes() const { return quote != '\0'; }
  /// What `trim` takes away; a tab that separates cells is no padding.
  bool is_padding(char c) const { return (c == ' ' || c == '\t') && c != delimiter; }
  bool reaches_too_far(std::size_t bytes, std::size_t lines) const {
    return bytes >= max_quoted_bytes || lines >= max_quoted_lines;
  }
};

}  // namespace tallymill::csv
