#pragma once

#include <string>
#include <vector>

namespace tallymill {

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
