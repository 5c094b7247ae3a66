#include "connectors/encoding/text_encoding.h"

#include <algorithm>
#include <array>

#include "connectors/encoding/gb18030.h"
#include "core/utf8.h"

namespace tallymill {

namespace {

/// The characters of a sample, seen as one encoding.
struct Census {
  std::size_t wide = 0;     ///< valid characters of more than one byte
  std::size_t invalid = 0;  ///< bytes that belong to none
};

/// A character that the end of the sample cuts: it says nothing about the encoding.
bool is_cut_character(std::string_view rest) {
  const auto lead = static_cast<unsigned char>(rest[0]);
  const std::size_t needed = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  return lead >= 0xC2 && lead <= 0xF4 && rest.size() < needed &&
         std::all_of(rest.begin() + 1, rest.end(),
                     [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; });
}

Census take_census(std::string_view sample) {
  Census census;
  for (std::size_t i = 0; i < sample.size();) {
    const Utf8Character character = decode_utf8(sample, i);
    if (!character.is_valid && is_cut_character(sample.substr(i))) break;
    census.wide += character.is_valid && character.bytes > 1 ? 1 : 0;
    census.invalid += character.is_valid ? 0 : 1;
    i += character.bytes;
  }
  return census;
}

Census take_gb18030_census(std::string_view sample) {
  std::string utf8;
  Gb18030Decoder().decode(sample, false, utf8);
  Census census = take_census(utf8);
  census.invalid /= escape_byte(0).size();
  return census;
}

bool is_plausible(const Census& census) {
  constexpr std::size_t kWideForEachInvalid = 4;
  return census.invalid * kWideForEachInvalid <= census.wide;
}

struct Signature {
  std::string_view bytes;
  std::string_view name;
};

constexpr std::array kSignatures{
    Signature{"PK\x03\x04", "a ZIP archive or an XLSX workbook"},
    Signature{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Excel or Word file (OLE)"},
    Signature{"SQLite format 3", "a SQLite database"},
    Signature{"PAR1", "a Parquet file"},
    Signature{"%PDF-", "a PDF document"},
    Signature{"\x89PNG", "a PNG image"},
    Signature{"\xFF\xD8\xFF", "a JPEG image"},
    Signature{"GIF8", "a GIF image"},
    Signature{"\x7F"
              "ELF",
              "a program (ELF)"},
    Signature{"\xFD"
              "7zXZ",
              "an xz archive"},
    Signature{"\x28\xB5\x2F\xFD", "a Zstandard archive"},
    Signature{"BZh", "a bzip2 archive"},
    Signature{"7z\xBC\xAF\x27\x1C", "a 7-Zip archive"},
    Signature{"Rar!\x1A\x07", "a RAR archive"},
    Signature{"\xFF\xFE", "UTF-16 text; save it as UTF-8"},
    Signature{"\xFE\xFF", "UTF-16 text; save it as UTF-8"},
};

/// UTF-16 without a mark has a NUL in every other byte of its ASCII.
bool looks_like_utf16(std::string_view bytes) {
  std::array<std::size_t, 2> nuls{};
  for (std::size_t i = 0; i < bytes.size(); ++i) nuls[i % 2] += bytes[i] == '\0' ? 1 : 0;
  const auto [few, many] = std::minmax(nuls[0], nuls[1]);
  return many * 3 > bytes.size() && few * 10 < many;
}

}  // namespace

std::string_view to_string(TextEncoding encoding) {
  return encoding == TextEncoding::utf8 ? "utf-8" : "gb18030";
}

std::optional<TextEncoding> text_encoding_from(std::string_view word) {
  if (word == "utf-8") return TextEncoding::utf8;
  if (word == "gb18030" || word == "gbk") return TextEncoding::gb18030;
  return std::nullopt;
}

std::string looks_like_instead_of_text(std::string_view first_bytes) {
  // Text may well start like "BZh" or "GIF8"; without a NUL it only counts if it is unmistakable.
  const bool has_nul = first_bytes.find('\0') != std::string_view::npos;
  for (const Signature& signature : kSignatures) {
    const bool is_printable = std::all_of(signature.bytes.begin(), signature.bytes.end(),
                                          [](char c) { return c >= ' ' && c <= '~'; });
    if (first_bytes.starts_with(signature.bytes) && (has_nul || !is_printable))
      return std::string(signature.name);
  }
  if (first_bytes.starts_with("%PDF-")) return "a PDF document";
  if (!has_nul) return {};
  return looks_like_utf16(first_bytes) ? "UTF-16 text; save it as UTF-8"
                                       : "binary data (it holds NUL bytes)";
}

TextEncoding detect_encoding(std::string_view sample) {
  const Census as_utf8 = take_census(sample);
  if (is_plausible(as_utf8)) return TextEncoding::utf8;
  return is_plausible(take_gb18030_census(sample)) ? TextEncoding::gb18030 : TextEncoding::utf8;
}

bool is_surely_utf8(std::string_view sample) {
  // A GBK character passes for UTF-8 about once in seven times; eight in a row do not.
  constexpr std::size_t kEnough = 8;
  const Census census = take_census(sample);
  return census.invalid == 0 && census.wide >= kEnough;
}

double invalid_ratio(std::string_view sample, TextEncoding encoding) {
  if (sample.empty()) return 0;
  std::size_t invalid = 0;
  if (encoding == TextEncoding::utf8) {
    invalid = take_census(sample).invalid;
  } else {
    invalid = take_gb18030_census(sample).invalid;
  }
  return static_cast<double>(invalid) / static_cast<double>(sample.size());
}

}  // namespace tallymill
