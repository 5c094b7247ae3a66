#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tallymill {

/// `text` in at most `columns` terminal columns, with "..." where it was cut; never half a
/// character. What would move the cursor (a line break, an escape) is shown as \n, \x1b, and what
/// nobody would see (a blank of no width, a mark of direction) as \u200b.
std::string fit(std::string_view text, std::size_t columns);

/// Rows of texts in columns as wide as their widest cell, two blanks apart, indented by two.
class TextTable {
 public:
  struct Column {
    std::string title;
    bool is_number = false;  ///< aligned right
  };
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// A cell per column; missing ones are empty.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  /// Columns in which no row has anything are left out. Lines end with a newline, never a blank.
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace tallymill
