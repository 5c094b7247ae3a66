#include "connectors/encoding/gb18030.h"

#include <iconv.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "connectors/encoding/ascii.h"
#include "core/error.h"
#include "core/utf8.h"

namespace tallymill {

namespace {

constexpr unsigned kFirstLead = 0x81;
constexpr unsigned kLastLead = 0xFE;
constexpr unsigned kFirstTrail = 0x40;
constexpr std::size_t kTrails = 0xFF - kFirstTrail;

/// An open iconv conversion.
class Conversion {
 public:
  Conversion(const char* to, const char* from) : handle_(::iconv_open(to, from)) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): POSIX defines failure so
    if (handle_ == reinterpret_cast<iconv_t>(-1))
      throw Error(ErrorClass::config,
                  "this system cannot convert between GB18030 and UTF-8; install the gconv modules "
                  "of its C library");
  }
  ~Conversion() { ::iconv_close(handle_); }
  Conversion(const Conversion&) = delete;
  Conversion& operator=(const Conversion&) = delete;

  /// Appends the converted text; false if some of `bytes` cannot be converted.
  bool convert(std::string_view bytes, std::string& out) const {
    std::array<char, 4096> buffer;
    char* from = const_cast<char*>(bytes.data());  // iconv's signature; it does not write there
    std::size_t from_left = bytes.size();
    ::iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    while (from_left > 0) {
      char* to = buffer.data();
      std::size_t to_left = buffer.size();
      const std::size_t result = ::iconv(handle_, &from, &from_left, &to, &to_left);
      out.append(buffer.data(), buffer.size() - to_left);
      if (result == static_cast<std::size_t>(-1) && errno != E2BIG) return false;
    }
    return true;
  }

 private:
  iconv_t handle_;
};

unsigned byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

bool is_lead(unsigned byte) { return byte >= kFirstLead && byte <= kLastLead; }
bool is_trail(unsigned byte) { return byte >= kFirstTrail && byte <= kLastLead && byte != 0x7F; }
bool is_digit(unsigned byte) { return byte >= '0' && byte <= '9'; }

/// UTF-8 of every two-byte character.
class TwoByteTable {
 public:
  struct Entry {
    char utf8[4] = {};
    std::uint8_t size = 0;  ///< 0: no such character
  };

  static const TwoByteTable& get() {
    static const TwoByteTable table;
    return table;
  }

  const Entry& find(unsigned lead, unsigned trail) const {
    return entries_[(lead - kFirstLead) * kTrails + (trail - kFirstTrail)];
  }

 private:
  TwoByteTable() : entries_((kLastLead - kFirstLead + 1) * kTrails) {
    const Conversion conversion("UTF-8", "GB18030");
    std::string utf8;
    for (unsigned lead = kFirstLead; lead <= kLastLead; ++lead) {
      for (unsigned trail = kFirstTrail; trail <= kLastLead; ++trail) {
        if (!is_trail(trail)) continue;
        const char pair[2] = {static_cast<char>(lead), static_cast<char>(trail)};
        utf8.clear();
        if (!conversion.convert({pair, 2}, utf8) || utf8.empty() || utf8.size() > 4) continue;
        Entry& entry = entries_[(lead - kFirstLead) * kTrails + (trail - kFirstTrail)];
        std::memcpy(entry.utf8, utf8.data(), utf8.size());
        entry.size = static_cast<std::uint8_t>(utf8.size());
      }
    }
  }

  std::vector<Entry> entries_;
};

}  // namespace

Gb18030Decoder::Gb18030Decoder() { TwoByteTable::get(); }

void Gb18030Decoder::decode(std::string_view bytes, bool is_last, std::string& out) {
  std::string joined;
  if (!cut_.empty()) {
    joined = cut_;
    joined += bytes;
    bytes = joined;
    cut_.clear();
  }
  out.reserve(out.size() + bytes.size() + bytes.size() / 2);
  while (!bytes.empty()) {
    const std::size_t ascii = count_ascii(bytes);
    out.append(bytes.data(), ascii);
    bytes.remove_prefix(ascii);
    const std::size_t wide = decode_wide(bytes, is_last, out);
    bytes.remove_prefix(wide);
    if (wide == 0) break;
  }
  cut_.assign(bytes);
}

/// Decodes characters until the next ASCII byte; returns how many bytes it took. Takes none where
/// the bytes end, or a character is cut there.
std::size_t Gb18030Decoder::decode_wide(std::string_view bytes, bool is_last, std::string& out) {
  const TwoByteTable& table = TwoByteTable::get();
  std::array<char, 4096> buffer;  // appending one character at a time costs more than decoding it
  std::size_t used = 0;
  const auto flush = [&] {
    out.append(buffer.data(), used);
    used = 0;
  };
  std::size_t i = 0;
  while (i < bytes.size() && byte_at(bytes, i) >= 0x80) {
    const unsigned lead = byte_at(bytes, i);
    if (bytes.size() - i >= 2 && is_lead(lead) && is_trail(byte_at(bytes, i + 1))) {
      const auto& entry = table.find(lead, byte_at(bytes, i + 1));
      if (entry.size > 0) {
        if (used + sizeof entry.utf8 > buffer.size()) flush();
        std::memcpy(buffer.data() + used, entry.utf8, sizeof entry.utf8);
        used += entry.size;
        i += 2;
        continue;
      }
    }
    flush();
    const std::size_t rare = decode_rare(bytes.substr(i), is_last, out);
    if (rare == 0) break;
    i += rare;
  }
  flush();
  return i;
}

/// A four-byte character, or a byte of none; 0 if the bytes end within a character.
std::size_t Gb18030Decoder::decode_rare(std::string_view bytes, bool is_last, std::string& out) {
  const std::size_t left = bytes.size();
  const bool may_be_four =
      is_lead(byte_at(bytes, 0)) &&
      (left < 2 || (is_digit(byte_at(bytes, 1)) && (left < 3 || is_lead(byte_at(bytes, 2)))));
  if (may_be_four && left < 4 && !is_last) return 0;
  if (may_be_four && left >= 4 && is_digit(byte_at(bytes, 3))) {
    thread_local const Conversion conversion("UTF-8", "GB18030");
    if (conversion.convert(bytes.substr(0, 4), out)) return 4;
  }
  out += escape_byte(static_cast<unsigned char>(bytes[0]));
  is_valid_so_far_ = false;
  return 1;
}

std::string encode_gb18030(std::string_view text) {
  if (count_ascii(text) == text.size()) return std::string(text);
  thread_local const Conversion conversion("GB18030", "UTF-8");
  std::string out;
  if (!conversion.convert(text, out))
    throw Error(ErrorClass::data, "'" + shown_text(text) +
                                      "' holds a character GB18030 has no code for; write utf-8");
  return out;
}

std::string escape_byte(unsigned char byte) {
  const unsigned code = 0xDC00U + byte;
  return {static_cast<char>(0xE0 | (code >> 12)), static_cast<char>(0x80 | ((code >> 6) & 0x3F)),
          static_cast<char>(0x80 | (code & 0x3F))};
}

std::string shown_text(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string shown;
  shown.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size();) {
    const Utf8Character character = decode_utf8(bytes, i);
    if (character.is_valid && character.code != 0) {
      shown.append(bytes, i, character.bytes);
      i += character.bytes;
      continue;
    }
    unsigned byte = byte_at(bytes, i++);
    if (byte == 0xED && bytes.size() - i >= 2 && (byte_at(bytes, i) & 0xFE) == 0xB2 &&
        (byte_at(bytes, i + 1) & 0xC0) == 0x80) {
      byte = ((byte_at(bytes, i) & 0x3FU) << 6 | (byte_at(bytes, i + 1) & 0x3FU)) & 0xFFU;
      i += 2;
    }
    shown += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
  }
  return shown;
}

}  // namespace tallymill
