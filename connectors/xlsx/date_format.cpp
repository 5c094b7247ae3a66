#include <string>
#include <string_view>

#include "connectors/xlsx/stored_number.h"
#include "core/ascii.h"

namespace tallymill::xlsx {
namespace {

bool is_elapsed(std::string_view in_brackets) {
  return !in_brackets.empty() && in_brackets.find_first_not_of("hH") == std::string_view::npos;
}

bool is_elapsed_part(std::string_view in_brackets) {
  return is_elapsed(in_brackets) ||
         (!in_brackets.empty() && (in_brackets.find_first_not_of("mM") == std::string_view::npos ||
                                   in_brackets.find_first_not_of("sS") == std::string_view::npos));
}

/// The letters of a format code's first section, without what is only shown: "..", \x, _x, *x and
/// [colours and conditions].
struct Letters {
  std::string text;
  bool has_elapsed = false;

  explicit Letters(std::string_view code) {
    for (std::size_t i = 0; i < code.size() && code[i] != ';'; ++i) {
      const char c = code[i];
      if (c == '"') {
        i = std::min(code.find('"', i + 1), code.size() - 1);
      } else if (c == '\\' || c == '_' || c == '*') {
        ++i;
      } else if (c == '[') {
        const std::size_t end = std::min(code.find(']', i), code.size() - 1);
        has_elapsed = has_elapsed || is_elapsed_part(code.substr(i + 1, end - i - 1));
        i = end;
      } else {
        text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      }
    }
  }
};

void erase_all(std::string& text, std::string_view part) {
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at))
    text.erase(at, part.size());
}

}  // namespace

DateStyle date_style_of(std::string_view format_code) {
  Letters letters(format_code);
  if (letters.has_elapsed) return DateStyle::elapsed;
  for (const char* no_date : {"general", "am/pm", "a/p", "e+", "e-"})
    erase_all(letters.text, no_date);
  const auto has = [&](std::string_view any_of) {
    return letters.text.find_first_of(any_of) != std::string::npos;
  };
  const bool has_time = has("hs");
  // Digits beside an m make it no month: such a format is of numbers.
  const bool is_number = has("0#?@") && !has_time && !has("yd");
  if (is_number) return DateStyle::none;
  // An m beside hours or seconds is of minutes.
  const bool has_date = has("yde") || (has("m") && !has_time) || (has("gb") && has("ymd"));
  if (has_date) return has_time ? DateStyle::date_time : DateStyle::date;
  return has_time ? DateStyle::time : DateStyle::none;
}

}  // namespace tallymill::xlsx
