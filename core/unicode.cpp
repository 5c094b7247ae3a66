#include "core/unicode.h"

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "core/shared_library.h"
#include "core/unicode_module.h"
#include "core/utf8.h"

namespace tallymill {
namespace {

constexpr const char* kLibrary = "libtallymill-unicode.so";
constexpr char32_t kFirstHan = 0x3400;
constexpr char32_t kEndOfHan = 0xA000;
/// Words that ICU makes traditional may stand beside new ones then; two rounds were the most seen.
constexpr int kMaxRounds = 4;

const UnicodeModule& icu_module() {
  static const UnicodeModule& module = *reinterpret_cast<decltype(&tallymill_unicode_module)>(
      function_of(open_shared_library(kLibrary, TALLYMILL_UNICODE_LIBRARY), kLibrary,
                  "tallymill_unicode_module"))();
  return module;
}

/// Calls `function(to, capacity)` of the module, a second time if the first room was too small.
template <class Function>
std::string result_of(std::size_t expected, Function function) {
  std::string result(expected, '\0');
  std::size_t bytes = function(result.data(), result.size());
  if (bytes == UnicodeModule::kFailed)
    throw Error(ErrorClass::config, "ICU lacks its data; install the package libicu72 anew");
  const bool fits = bytes <= result.size();
  result.resize(bytes);
  if (!fits) function(result.data(), result.size());
  return result;
}

std::string by_icu(std::string_view utf8, ChineseScript script) {
  return result_of(utf8.size() + utf8.size() / 2, [&](char* to, std::size_t capacity) {
    return icu_module().to_script(script == ChineseScript::traditional, utf8.data(), utf8.size(),
                                  to, capacity);
  });
}

void append_utf8(std::string& text, char32_t code) {
  const auto byte = [](char32_t bits) { return static_cast<char>(bits); };
  text += byte(0xE0 | code >> 12);
  text += byte(0x80 | (code >> 6 & 0x3F));
  text += byte(0x80 | (code & 0x3F));
}

/// The simplified character of every one of the plane's Han characters, itself where it has none.
/// ICU sends three characters in a circle; there the smallest of the circle stands for all.
std::vector<char32_t> simplified_characters() {
  std::string all;
  for (char32_t code = kFirstHan; code < kEndOfHan; ++code) append_utf8(all, code);
  const std::string changed = by_icu(all, ChineseScript::simplified);
  std::vector<char32_t> once;
  for (std::size_t at = 0; at < changed.size(); at += 3)
    once.push_back(decode_utf8(changed, at).code);
  if (changed.size() != all.size())
    throw Error(ErrorClass::bug, "ICU does not simplify character by character");
  const auto next = [&](char32_t code) { return once[code - kFirstHan]; };
  std::vector<char32_t> last;
  for (char32_t code = kFirstHan; code < kEndOfHan; ++code) {
    std::vector<char32_t> path{code};
    while (std::find(path.begin(), path.end(), next(path.back())) == path.end())
      path.push_back(next(path.back()));
    const auto circle = std::find(path.begin(), path.end(), next(path.back()));
    last.push_back(*std::min_element(circle, path.end()));
  }
  return last;
}

std::string simplified(std::string_view utf8) {
  static const std::vector<char32_t> characters = simplified_characters();
  std::string text(utf8);
  for (std::size_t at = 0; at < utf8.size();) {
    const Utf8Character character = decode_utf8(utf8, at);
    if (character.code >= kFirstHan && character.code < kEndOfHan) {
      const char32_t other = characters[character.code - kFirstHan];
      if (other != character.code) {
        std::string bytes;
        append_utf8(bytes, other);
        text.replace(at, 3, bytes);
      }
    }
    at += character.bytes;
  }
  return text;
}

}  // namespace

std::string normalize_unicode(std::string_view utf8, UnicodeForm form) {
  return result_of(utf8.size() + 16, [&](char* to, std::size_t capacity) {
    return icu_module().normalize(form == UnicodeForm::nfkc, utf8.data(), utf8.size(), to,
                                  capacity);
  });
}

std::string to_script(std::string_view utf8, ChineseScript script) {
  if (script == ChineseScript::simplified) return simplified(utf8);
  std::string text = by_icu(utf8, script);
  for (int round = 1; round < kMaxRounds; ++round) {
    std::string again = by_icu(text, script);
    if (again == text) break;
    text = std::move(again);
  }
  return text;
}

bool is_white_space(char32_t code) {
  return (code >= 0x09 && code <= 0x0D) || code == 0x20 || code == 0x85 || code == 0xA0 ||
         code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 ||
         code == 0x202F || code == 0x205F || code == 0x3000;
}

bool is_invisible(char32_t code) {
  const auto in = [&](char32_t first, char32_t last) { return code >= first && code <= last; };
  return (!is_white_space(code) && (code < 0x20 || in(0x7F, 0x9F))) || code == 0xAD ||
         code == 0x180E || in(0x200B, 0x200F) || in(0x202A, 0x202E) || in(0x2060, 0x206F) ||
         code == 0xFEFF || in(0xFFF9, 0xFFFB);
}

}  // namespace tallymill
