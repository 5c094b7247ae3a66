#include "connectors/encoding/gb18030.h"

#include <doctest/doctest.h>

#include "core/text.h"

using namespace tallymill;

namespace {

std::string decode(std::string_view bytes, std::size_t piece = 1000) {
  Gb18030Decoder decoder;
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += piece)
    decoder.decode(bytes.substr(i, piece), i + piece >= bytes.size(), out);
  return out;
}

}  // namespace

TEST_CASE("gb18030: one, two and four byte characters come out as UTF-8") {
  CHECK(decode("A\xD6\xD0\xCE\xC4\x81\x30\x81\x30z") == "A中文\xC2\x80z");
  CHECK(decode("\x95\x32\x82\x36") == "\xF0\xA0\x80\x80");  // U+20000
}

TEST_CASE("gb18030: pieces may end within a character") {
  const std::string bytes = "x\xD6\xD0,\x95\x32\x82\x36;\xCE\xC4";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    CAPTURE(piece);
    CHECK(decode(bytes, piece) == "x中,\xF0\xA0\x80\x80;文");
  }
}

TEST_CASE("gb18030: every character of the basic plane and beyond makes the round trip") {
  for (char32_t code = 1; code < 0x11000; ++code) {
    // Surrogates are no characters; of the private use area some have no code.
    if (code >= 0xD800 && code < 0xF900) continue;
    std::string utf8;
    if (code < 0x80)
      utf8 = {static_cast<char>(code)};
    else if (code < 0x800)
      utf8 = {static_cast<char>(0xC0 | (code >> 6)), static_cast<char>(0x80 | (code & 63))};
    else if (code < 0x10000)
      utf8 = {static_cast<char>(0xE0 | (code >> 12)), static_cast<char>(0x80 | ((code >> 6) & 63)),
              static_cast<char>(0x80 | (code & 63))};
    else
      utf8 = {static_cast<char>(0xF0 | (code >> 18)), static_cast<char>(0x80 | ((code >> 12) & 63)),
              static_cast<char>(0x80 | ((code >> 6) & 63)), static_cast<char>(0x80 | (code & 63))};
    CAPTURE(static_cast<unsigned>(code));
    REQUIRE(decode(encode_gb18030(utf8)) == utf8);
  }
}

TEST_CASE("gb18030: a byte of no character is kept visible and makes the text invalid") {
  const std::string utf8 = decode("a\xFF,b\xD6,c");
  CHECK_FALSE(is_valid_utf8(utf8));
  CHECK(shown_text(utf8) == "a\\xFF,b\\xD6,c");
  CHECK(shown_text(decode("\xD6")) == "\\xD6");
  CHECK(shown_text(decode("\x81\x30")) == "\\x810");
}

TEST_CASE("shown text: valid text stays, other bytes and NUL are spelt out") {
  CHECK(shown_text("中a") == "中a");
  CHECK(shown_text({"a\0b\xC3", 4}) == "a\\x00b\\xC3");
  CHECK(is_valid_utf8(shown_text("\xED\xB2\x80\xED\xB2")));
}
