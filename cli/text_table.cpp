#include "cli/text_table.h"

#include <algorithm>

#include "core/text.h"

namespace tallymill {
namespace {

const std::string& cell(const std::vector<std::string>& row, std::size_t column) {
  static const std::string kEmpty;
  return column < row.size() ? row[column] : kEmpty;
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string blanks(width - display_width(text), ' ');
  return right ? blanks + text : text + blanks;
}

}  // namespace

std::string TextTable::text() const {
  std::vector<std::size_t> widths(columns_.size(), 0);
  for (const auto& row : rows_)
    for (std::size_t c = 0; c < columns_.size(); ++c)
      widths[c] = std::max(widths[c], display_width(cell(row, c)));
  std::vector<std::string> titles;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    titles.push_back(columns_[c].title);
    if (widths[c] > 0) widths[c] = std::max(widths[c], display_width(titles[c]));
  }
  std::string text;
  const auto add_line = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t c = 0; c < columns_.size(); ++c)
      if (widths[c] > 0) line += "  " + padded(cell(row, c), widths[c], columns_[c].is_number);
    while (line.ends_with(' ')) line.pop_back();
    text += line + "\n";
  };
  add_line(titles);
  for (const auto& row : rows_) add_line(row);
  return text;
}

}  // namespace tallymill
