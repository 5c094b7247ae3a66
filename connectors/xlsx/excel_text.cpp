#include "connectors/xlsx/excel_text.h"

#include <charconv>
#include <optional>

namespace tallymill::xlsx {
namespace {

constexpr std::size_t kEscapeSize = 7;  ///< _xHHHH_

/// The code that `text` starts with in escaped form; empty if it does not.
std::optional<unsigned> code_at(std::string_view text) {
  if (text.size() < kEscapeSize || !text.starts_with("_x") || text[kEscapeSize - 1] != '_')
    return std::nullopt;
  unsigned code = 0;
  const char* const end = text.data() + kEscapeSize - 1;
  const auto [at, problem] = std::from_chars(text.data() + 2, end, code, 16);
  if (problem != std::errc() || at != end) return std::nullopt;
  return code;
}

void append_utf8(unsigned code, std::string& text) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | code >> 6);
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    text += static_cast<char>(0xE0 | code >> 12);
    text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  }
}

/// A NUL no text here can hold, and half a pair is no character.
bool is_character(unsigned code) { return code != 0 && (code < 0xD800 || code > 0xDFFF); }

}  // namespace

std::string unescaped(std::string text) {
  if (text.find("_x") == std::string::npos) return text;
  std::string out;
  const std::string_view all = text;
  for (std::size_t i = 0; i < all.size();) {
    const auto code = all[i] == '_' ? code_at(all.substr(i)) : std::nullopt;
    if (code && is_character(*code)) {
      append_utf8(*code, out);
      i += kEscapeSize;
    } else {
      out += all[i++];
    }
  }
  return out;
}

std::string escaped(std::string_view text) {
  constexpr std::string_view kNoCharacters = "\xEF\xBF";  // U+FFFE and U+FFFF, if BE or BF follows
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const std::string_view rest = text.substr(i);
    if (c == '_' && code_at(rest)) {
      out += "_x005F_";
    } else if (c > 0 && c < ' ' && c != '\t' && c != '\n') {
      out += "_x00";
      out += c < 16 ? '0' : '1';
      out += kHex[static_cast<std::size_t>(c) % 16];
      out += '_';
    } else if (rest.starts_with(kNoCharacters) && rest.size() > 2 &&
               (rest[2] == '\xBE' || rest[2] == '\xBF')) {
      out += rest[2] == '\xBE' ? "_xFFFE_" : "_xFFFF_";
      i += 2;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace tallymill::xlsx
