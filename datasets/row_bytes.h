#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "core/digest.h"
#include "datasets/engine.h"
#include "datasets/type.h"

// The row encoding, format v1. A value is a tag byte and its bytes, integers little-endian:
//   null 'n'; text and enum 't', 4 bytes length, the bytes; integer 'i', 8 bytes;
//   money, decimal, ratio 'd', 1 byte scale, 8 bytes ('D' and 16 bytes beyond 18 digits);
//   date 'y', 4 bytes; timestamp 's', 8 bytes; boolean 'b', 1 byte.
// A row is its business columns in schema order. Its hash is xxh3-128 of that; the digest is the
// number of rows and the sum of the hashes modulo 2^128, so neither order nor threads matter.
// With its place a row is the 16 bytes of its hash, low part first, then _source and _line as
// values; the provenance digest is made of the hashes of that in the same way.

namespace tallymill {

enum class Encoding : std::uint8_t { text, integer, narrow, wide, date, timestamp, boolean };

/// How the values of one column become bytes.
struct ColumnEncoding {
  Encoding encoding = Encoding::text;
  char scale = 0;
};
ColumnEncoding encoding_of(const Type& type);

/// The bytes of one row; grows as texts demand and is reused.
class RowBytes {
 public:
  void clear() { used_ = 0; }
  std::string_view view() const { return {bytes_.data(), used_}; }

  void append(const Hash128& hash) {
    char* place = room(16);
    std::memcpy(place, &hash.low, 8);
    std::memcpy(place + 8, &hash.high, 8);
  }
  void append(const ColumnEncoding& column, const ColumnView& view, std::size_t row) {
    if (view.is_null(row)) return put('n');
    switch (column.encoding) {
      case Encoding::text:
        return put_text(view.as<StringRef>()[row].view());
      case Encoding::integer:
        return put_fixed<8>('i', view, row);
      case Encoding::narrow:
        put('d');
        return put_fixed<8>(column.scale, view, row);
      case Encoding::wide:
        put('D');
        return put_fixed<16>(column.scale, view, row);
      case Encoding::date:
        return put_fixed<4>('y', view, row);
      case Encoding::timestamp:
        return put_fixed<8>('s', view, row);
      case Encoding::boolean:
        put('b');
        return put(view.as<bool>()[row] ? '\1' : '\0');
    }
  }

 private:
  char* room(std::size_t size) {
    if (used_ + size > bytes_.size()) bytes_.resize((used_ + size) * 2);
    char* place = bytes_.data() + used_;
    used_ += size;
    return place;
  }
  void put(char byte) { *room(1) = byte; }
  template <std::size_t kSize>
  void put_fixed(char tag, const ColumnView& view, std::size_t row) {
    char* place = room(1 + kSize);
    *place = tag;
    std::memcpy(place + 1, view.as<char>() + row * kSize, kSize);
  }
  void put_text(std::string_view text) {
    const auto length = static_cast<std::uint32_t>(text.size());
    char* place = room(5 + text.size());
    *place = 't';
    std::memcpy(place + 1, &length, 4);
    std::memcpy(place + 5, text.data(), text.size());
  }

  std::vector<char> bytes_ = std::vector<char>(512);
  std::size_t used_ = 0;
};

}  // namespace tallymill
