#pragma once

#include <string>
#include <string_view>

namespace tallymill {

/// Turns GB18030 (which includes GBK and GB2312) into UTF-8, piece by piece. Two-byte characters
/// go through a table built once from the system's iconv, ASCII is copied eight bytes at a time.
///
/// A byte that belongs to no character comes out as escape_byte(), which is not UTF-8: whoever
/// validates the result finds the record it stands in, and shown_text() can still show the byte.
class Gb18030Decoder {
 public:
  /// Throws Error(config) if this system's iconv does not know GB18030.
  Gb18030Decoder();
  /// Appends the UTF-8 of `bytes` to `out`. A character that is cut at the end of a piece waits
  /// for the next one, unless `is_last`.
  void decode(std::string_view bytes, bool is_last, std::string& out);
  /// True if every byte so far belonged to a character: what was decoded is valid UTF-8.
  bool is_valid_so_far() const { return is_valid_so_far_; }

 private:
  std::size_t decode_wide(std::string_view bytes, bool is_last, std::string& out);
  std::size_t decode_rare(std::string_view bytes, bool is_last, std::string& out);

  bool is_valid_so_far_ = true;
  std::string cut_;  ///< up to three bytes of an unfinished character
};

/// UTF-8 to GB18030, which has a code for every character. Throws Error(bug) if `text` is not
/// UTF-8.
std::string encode_gb18030(std::string_view text);

/// Three bytes that stand for one undecodable byte (a lone low surrogate, as in Python's
/// surrogateescape); never part of valid UTF-8.
std::string escape_byte(unsigned char byte);

/// Any bytes as valid UTF-8 for people: what is not UTF-8, and NUL, as \xHH.
std::string shown_text(std::string_view bytes);

}  // namespace tallymill
