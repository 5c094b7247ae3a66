#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tallymill {

/// One decoded character of a UTF-8 text.
struct Utf8Character {
  char32_t code = 0;      ///< 0xFFFD where the bytes are not UTF-8
  std::size_t bytes = 0;  ///< 1 for a byte that starts no valid character
  bool is_valid = false;
};

/// Decodes the character at `offset`, which must be inside `text`. Strict: overlong forms,
/// surrogates and codes above U+10FFFF are not valid.
Utf8Character decode_utf8(std::string_view text, std::size_t offset);

/// The offset of the first byte that is not UTF-8; text.size() if there is none.
std::size_t find_invalid_utf8(std::string_view text);

/// `text` with every byte that is not UTF-8 replaced by U+FFFD.
std::string mend_utf8(std::string_view text);

/// Terminal columns of one character: 0 for controls and combining marks, 2 for wide ones, else 1.
std::size_t display_width(char32_t code);

/// Characters (code points) in `text`; a byte that is not UTF-8 counts as one.
std::size_t count_characters(std::string_view text);

}  // namespace tallymill
