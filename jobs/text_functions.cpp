#include "jobs/text_functions.h"

#include <cstdint>

#include "core/unicode.h"
#include "core/utf8.h"

namespace tallymill {
namespace {

/// Bytes of the blank at the start of `text`; 0 if there is none.
std::size_t leading_blank(std::string_view text) {
  if (text.empty()) return 0;
  const char c = text.front();
  if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
  if (text.starts_with("\xC2\xA0")) return 2;
  if (text.starts_with("\xE3\x80\x80")) return 3;
  return 0;
}

std::size_t trailing_blank(std::string_view text) {
  if (text.empty()) return 0;
  const char c = text.back();
  if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
  if (text.ends_with("\xC2\xA0")) return 2;
  if (text.ends_with("\xE3\x80\x80")) return 3;
  return 0;
}

/// U+FF01..U+FF5E are EF BC 81..BF and EF BD 80..9E; each is its ASCII character plus 0xFEE0.
char half_width(unsigned char second, unsigned char third) {
  const auto offset = static_cast<std::uint32_t>((second - 0xBC) * 0x40 + (third - 0x80));
  return static_cast<char>(offset + 0x20);
}

bool is_full_width(unsigned char second, unsigned char third) {
  return (second == 0xBC && third >= 0x81) || (second == 0xBD && third <= 0x9E);
}

template <class Transform>
void register_text_function(Engine& engine, const std::string& name, Transform transform) {
  if (engine.has_function(name)) return;
  engine.add_function({.name = name,
                       .parameters = {Type::text()},
                       .result = {{.name = "text", .type = Type::text()}},
                       .evaluate = [transform](std::span<const ColumnView> arguments,
                                               std::size_t rows, ColumnWriter& result) {
                         for (std::size_t row = 0; row < rows; ++row) {
                           if (arguments[0].is_null(row))
                             result.set_null(row);
                           else
                             result.set_text(row,
                                             transform(arguments[0].as<StringRef>()[row].view()));
                         }
                       }});
}

}  // namespace

std::string_view trim_blanks(std::string_view utf8) {
  while (const std::size_t bytes = leading_blank(utf8)) utf8.remove_prefix(bytes);
  while (const std::size_t bytes = trailing_blank(utf8)) utf8.remove_suffix(bytes);
  return utf8;
}

std::string to_half_width(std::string_view utf8) {
  std::string text;
  text.reserve(utf8.size());
  for (std::size_t i = 0; i < utf8.size();) {
    if (i + 2 < utf8.size()) {
      const auto second = static_cast<unsigned char>(utf8[i + 1]);
      const auto third = static_cast<unsigned char>(utf8[i + 2]);
      if (utf8[i] == '\xEF' && is_full_width(second, third)) {
        text += half_width(second, third);
        i += 3;
        continue;
      }
      if (utf8.substr(i, 3) == "\xE3\x80\x80") {
        text += ' ';
        i += 3;
        continue;
      }
    }
    text += utf8[i++];
  }
  return text;
}

std::string one_blank(std::string_view utf8) {
  std::string text;
  bool is_pending = false;
  for (std::size_t at = 0; at < utf8.size();) {
    const Utf8Character character = decode_utf8(utf8, at);
    const bool is_blank = is_white_space(character.code);
    if (!is_blank && is_pending && !text.empty()) text += ' ';
    if (!is_blank) text += utf8.substr(at, character.bytes);
    is_pending = is_blank;
    at += character.bytes;
  }
  return text;
}

std::string no_blanks(std::string_view utf8) {
  std::string text;
  for (std::size_t at = 0; at < utf8.size();) {
    const Utf8Character character = decode_utf8(utf8, at);
    if (!is_white_space(character.code)) text += utf8.substr(at, character.bytes);
    at += character.bytes;
  }
  return text;
}

std::string strip_characters(std::string_view utf8, std::u32string_view also) {
  std::string text;
  for (std::size_t at = 0; at < utf8.size();) {
    const Utf8Character character = decode_utf8(utf8, at);
    if (!is_invisible(character.code) && also.find(character.code) == also.npos)
      text += utf8.substr(at, character.bytes);
    at += character.bytes;
  }
  return text;
}

std::string text_function_sql(Engine& engine, const std::string& name,
                              std::function<std::string(std::string_view)> transform,
                              const std::string& expression, bool of_ascii) {
  register_text_function(engine, name, std::move(transform));
  std::string call = name + "(" + expression + ")";
  if (of_ascii) return call;
  return "CASE WHEN strlen(" + expression + ") = length(" + expression + ") THEN " + expression +
         " ELSE " + call + " END";
}

std::string trim_blanks_sql(Engine& engine, const std::string& expression) {
  register_text_function(engine, "tm_trim",
                         [](std::string_view text) { return trim_blanks(text); });
  return "tm_trim(" + expression + ")";
}

std::string half_width_sql(Engine& engine, const std::string& expression) {
  return text_function_sql(engine, "tm_half_width", to_half_width, expression, false);
}

}  // namespace tallymill
