#include "core/utf8.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "core/text.h"

namespace tallymill {

namespace {

struct CodeRange {
  char32_t first;
  char32_t last;
};

// Marks that are drawn on the character before them, and invisible format characters.
constexpr std::array kZeroWidth{
    CodeRange{0x0300, 0x036F}, CodeRange{0x0483, 0x0489},   CodeRange{0x0591, 0x05BD},
    CodeRange{0x0610, 0x061A}, CodeRange{0x064B, 0x065F},   CodeRange{0x0E31, 0x0E31},
    CodeRange{0x0E34, 0x0E3A}, CodeRange{0x0E47, 0x0E4E},   CodeRange{0x1AB0, 0x1AFF},
    CodeRange{0x1DC0, 0x1DFF}, CodeRange{0x200B, 0x200F},   CodeRange{0x202A, 0x202E},
    CodeRange{0x2060, 0x2064}, CodeRange{0x20D0, 0x20FF},   CodeRange{0x302A, 0x302D},
    CodeRange{0x3099, 0x309A}, CodeRange{0xFE00, 0xFE0F},   CodeRange{0xFE20, 0xFE2F},
    CodeRange{0xFEFF, 0xFEFF}, CodeRange{0xE0100, 0xE01EF},
};

// East Asian Width W and F (Unicode 15), neighbouring ranges merged where nothing else is assigned.
constexpr std::array kWide{
    CodeRange{0x1100, 0x115F},   CodeRange{0x231A, 0x231B},   CodeRange{0x2329, 0x232A},
    CodeRange{0x23E9, 0x23EC},   CodeRange{0x23F0, 0x23F0},   CodeRange{0x23F3, 0x23F3},
    CodeRange{0x25FD, 0x25FE},   CodeRange{0x2614, 0x2615},   CodeRange{0x2648, 0x2653},
    CodeRange{0x267F, 0x267F},   CodeRange{0x2693, 0x2693},   CodeRange{0x26A1, 0x26A1},
    CodeRange{0x26AA, 0x26AB},   CodeRange{0x26BD, 0x26BE},   CodeRange{0x26C4, 0x26C5},
    CodeRange{0x26CE, 0x26CE},   CodeRange{0x26D4, 0x26D4},   CodeRange{0x26EA, 0x26EA},
    CodeRange{0x26F2, 0x26F3},   CodeRange{0x26F5, 0x26F5},   CodeRange{0x26FA, 0x26FA},
    CodeRange{0x26FD, 0x26FD},   CodeRange{0x2705, 0x2705},   CodeRange{0x270A, 0x270B},
    CodeRange{0x2728, 0x2728},   CodeRange{0x274C, 0x274C},   CodeRange{0x274E, 0x274E},
    CodeRange{0x2753, 0x2755},   CodeRange{0x2757, 0x2757},   CodeRange{0x2795, 0x2797},
    CodeRange{0x27B0, 0x27B0},   CodeRange{0x27BF, 0x27BF},   CodeRange{0x2B1B, 0x2B1C},
    CodeRange{0x2B50, 0x2B50},   CodeRange{0x2B55, 0x2B55},   CodeRange{0x2E80, 0x303E},
    CodeRange{0x3041, 0x4DBF},   CodeRange{0x4E00, 0xA4CF},   CodeRange{0xA960, 0xA97F},
    CodeRange{0xAC00, 0xD7A3},   CodeRange{0xF900, 0xFAFF},   CodeRange{0xFE10, 0xFE19},
    CodeRange{0xFE30, 0xFE6F},   CodeRange{0xFF01, 0xFF60},   CodeRange{0xFFE0, 0xFFE6},
    CodeRange{0x16FE0, 0x18AFF}, CodeRange{0x1AFF0, 0x1B2FF}, CodeRange{0x1F004, 0x1F004},
    CodeRange{0x1F0CF, 0x1F0CF}, CodeRange{0x1F18E, 0x1F18E}, CodeRange{0x1F191, 0x1F19A},
    CodeRange{0x1F200, 0x1F265}, CodeRange{0x1F300, 0x1F320}, CodeRange{0x1F32D, 0x1F335},
    CodeRange{0x1F337, 0x1F37C}, CodeRange{0x1F37E, 0x1F393}, CodeRange{0x1F3A0, 0x1F3CA},
    CodeRange{0x1F3CF, 0x1F3D3}, CodeRange{0x1F3E0, 0x1F3F0}, CodeRange{0x1F3F4, 0x1F3F4},
    CodeRange{0x1F3F8, 0x1F43E}, CodeRange{0x1F440, 0x1F440}, CodeRange{0x1F442, 0x1F4FC},
    CodeRange{0x1F4FF, 0x1F53D}, CodeRange{0x1F54B, 0x1F567}, CodeRange{0x1F57A, 0x1F57A},
    CodeRange{0x1F595, 0x1F596}, CodeRange{0x1F5A4, 0x1F5A4}, CodeRange{0x1F5FB, 0x1F64F},
    CodeRange{0x1F680, 0x1F6C5}, CodeRange{0x1F6CC, 0x1F6CC}, CodeRange{0x1F6D0, 0x1F6D7},
    CodeRange{0x1F6DC, 0x1F6DF}, CodeRange{0x1F6EB, 0x1F6EC}, CodeRange{0x1F6F4, 0x1F6FC},
    CodeRange{0x1F7E0, 0x1F7F0}, CodeRange{0x1F90C, 0x1F93A}, CodeRange{0x1F93C, 0x1F945},
    CodeRange{0x1F947, 0x1F9FF}, CodeRange{0x1FA70, 0x1FAFF}, CodeRange{0x20000, 0x3FFFD},
};

bool lies_in(char32_t code, std::span<const CodeRange> ranges) {
  const auto range =
      std::lower_bound(ranges.begin(), ranges.end(), code,
                       [](const CodeRange& r, char32_t wanted) { return r.last < wanted; });
  return range != ranges.end() && range->first <= code;
}

std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

}  // namespace

Utf8Character decode_utf8(std::string_view text, std::size_t offset) {
  constexpr Utf8Character kInvalid{0xFFFD, 1, false};
  constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  const auto lead = static_cast<unsigned char>(text[offset]);
  const std::size_t bytes = sequence_length(lead);
  if (bytes == 1) return {lead, 1, true};
  if (bytes == 0 || text.size() - offset < bytes) return kInvalid;
  char32_t code = static_cast<char32_t>(lead) & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto byte = static_cast<unsigned char>(text[offset + i]);
    if ((byte & 0xC0) != 0x80) return kInvalid;
    code = (code << 6) | (byte & 0x3Fu);
  }
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kSmallest[bytes] || is_surrogate || code > 0x10FFFF) return kInvalid;
  return {code, bytes, true};
}

namespace {

/// True for three bytes whose lead allows any two continuation bytes, as all Chinese has: the short
/// way past decode_utf8(), which decides about everything else.
bool is_plain_wide(std::string_view text, std::size_t offset) {
  if (text.size() - offset < 3) return false;
  const auto lead = static_cast<unsigned char>(text[offset]);
  const auto second = static_cast<unsigned char>(text[offset + 1]);
  const auto third = static_cast<unsigned char>(text[offset + 2]);
  return lead >= 0xE1 && lead <= 0xEC && (second & 0xC0) == 0x80 && (third & 0xC0) == 0x80;
}

}  // namespace

std::size_t find_invalid_utf8(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080u;
  std::size_t i = 0;
  while (i < text.size()) {
    // Most text is ASCII: eight bytes at a time.
    if (std::uint64_t block = 0; text.size() - i >= sizeof block) {
      std::memcpy(&block, text.data() + i, sizeof block);
      if ((block & kHighBits) == 0) {
        i += sizeof block;
        continue;
      }
    }
    if (is_plain_wide(text, i)) {
      i += 3;
      continue;
    }
    const Utf8Character character = decode_utf8(text, i);
    if (!character.is_valid) return i;
    i += character.bytes;
  }
  return text.size();
}

std::string mend_utf8(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t valid = find_invalid_utf8(text);
    result.append(text.substr(0, valid));
    if (valid == text.size()) break;
    result.append("\uFFFD");
    text.remove_prefix(valid + 1);
  }
  return result;
}

std::size_t display_width(char32_t code) {
  if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return 0;
  if (code < 0x300) return 1;
  if (lies_in(code, kZeroWidth)) return 0;
  return lies_in(code, kWide) ? 2 : 1;
}

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); i += decode_utf8(text, i).bytes) ++count;
  return count;
}

bool is_valid_utf8(std::string_view text) { return find_invalid_utf8(text) == text.size(); }

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    // Most text is ASCII.
    if (const char c = text[i]; c >= 0x20 && c < 0x7F) {
      ++width;
      ++i;
      continue;
    }
    const Utf8Character character = decode_utf8(text, i);
    width += display_width(character.code);
    i += character.bytes;
  }
  return width;
}

}  // namespace tallymill
