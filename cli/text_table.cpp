#include "cli/text_table.h"

#include <algorithm>

#include "core/text.h"
#include "core/utf8.h"

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

/// Whether nobody can see it though it is no ASCII: a control character, a mark of direction, a
/// blank of no width or one that does not break.
bool is_hidden(char32_t code) {
  return (code >= 0x80 && code <= 0xa0) || code == 0xad || (code >= 0x200b && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202f) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

/// What nobody sees as C writes it: data must not drive a terminal, and two texts that differ must
/// not look alike.
std::string printable(std::string_view text) {
  constexpr std::string_view kHexDigits = "0123456789abcdef";
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (const Utf8Character next = decode_utf8(text, i); next.is_valid && is_hidden(next.code)) {
      result += "\\u";
      for (int shift = 12; shift >= 0; shift -= 4) result += kHexDigits[next.code >> shift & 15U];
      i += next.bytes - 1;
    } else if (c == '\n')
      result += "\\n";
    else if (c == '\r')
      result += "\\r";
    else if (c == '\t')
      result += "\\t";
    else if (byte < 0x20 || byte == 0x7f)
      result += {'\\', 'x', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
    else
      result += c;
  }
  return result;
}

}  // namespace

std::string fit(std::string_view text, std::size_t columns) {
  constexpr std::string_view kCut = "...";
  std::string whole = printable(text);
  if (display_width(whole) <= columns) return whole;
  const std::size_t room = columns < kCut.size() ? columns : columns - kCut.size();
  std::string part;
  std::size_t width = 0;
  for (std::size_t i = 0; i < whole.size();) {
    std::size_t next = i + 1;
    while (next < whole.size() && (static_cast<unsigned char>(whole[next]) & 0xC0U) == 0x80U)
      ++next;
    const std::string character = whole.substr(i, next - i);
    width += display_width(character);
    if (width > room) break;
    part += character;
    i = next;
  }
  return columns < kCut.size() ? part : part + std::string(kCut);
}

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
