#pragma once

#include <string>
#include <string_view>

namespace tallymill {

enum class UnicodeForm {
  nfc,   ///< the same characters, each written in one way
  nfkc,  ///< also ligatures, circled and Roman numerals, full width: what only looks different
};

/// `utf8` in that normal form; by ICU, of the Unicode version the package has.
std::string normalize_unicode(std::string_view utf8, UnicodeForm form);

enum class ChineseScript { simplified, traditional };

/// Chinese characters of the other script replaced, all else kept. A second call changes nothing.
///
/// To simplified goes character by character, where nearly always one answer is right. To
/// traditional knows common words (ICU's data) and takes the most common character elsewhere.
std::string to_script(std::string_view utf8, ChineseScript script);

/// Unicode's White_Space: blanks of any width, line and paragraph ends.
bool is_white_space(char32_t code);
/// What no reader sees and no word needs: controls other than white space, zero-width and
/// directional marks, soft hyphens, byte order marks.
bool is_invisible(char32_t code);

}  // namespace tallymill
