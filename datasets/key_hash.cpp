#include "datasets/key_hash.h"

#include <algorithm>
#include <cstring>

#include "core/digest.h"
#include "core/money.h"

namespace tallymill {
namespace {

constexpr std::uint64_t kStart = 0x9e3779b97f4a7c15;
constexpr std::uint64_t kNull = 0xd1b54a32d192ed03;

/// Both halves of a product depend on all bits of both factors.
std::uint64_t folded(std::uint64_t hash, std::uint64_t value) {
  constexpr std::uint64_t kOdd = 0xa0761d6478bd642f;
  const UInt128 product = static_cast<UInt128>(hash ^ value) * kOdd;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// `value(row)` gives 64 bits of a cell that is not null.
template <class Value>
void fold(const ColumnView& column, std::size_t rows, std::uint64_t* hashes, const Value& value) {
  if (column.validity == nullptr) {
    for (std::size_t row = 0; row < rows; ++row) hashes[row] = folded(hashes[row], value(row));
    return;
  }
  for (std::size_t row = 0; row < rows; ++row)
    hashes[row] = folded(hashes[row], column.is_null(row) ? kNull : value(row));
}

template <class T>
void fold_numbers(const ColumnView& column, std::size_t rows, std::uint64_t* hashes) {
  fold(column, rows, hashes, [cells = column.as<T>()](std::size_t row) {
    return static_cast<std::uint64_t>(cells[row]);
  });
}

void fold_wide(const ColumnView& column, std::size_t rows, std::uint64_t* hashes) {
  // Copied: an aggregate's values of 16 bytes need not be aligned.
  fold(column, rows, hashes, [cells = column.as<char>()](std::size_t row) {
    std::uint64_t halves[2];
    std::memcpy(halves, cells + row * sizeof(halves), sizeof(halves));
    return folded(halves[0], halves[1] + kStart);
  });
}

/// A short text lies in the cell whole, with zeros behind it: DuckDB compares texts by that.
std::uint64_t text_value(const StringRef& text) {
  constexpr std::uint32_t kLongest = 12;
  if (text.length > kLongest) return xxh3_128(text.view()).low;
  std::uint64_t halves[2];
  static_assert(sizeof(StringRef) == sizeof(halves));
  std::memcpy(halves, &text, sizeof(halves));
  return folded(halves[0], halves[1] + kStart);
}

void fold_texts(const ColumnView& column, std::size_t rows, std::uint64_t* hashes) {
  fold(column, rows, hashes,
       [cells = column.as<StringRef>()](std::size_t row) { return text_value(cells[row]); });
}

}  // namespace

KeyHasher::KeyHasher(const std::vector<Column>& key) {
  for (const Column& column : key) encodings_.push_back(encoding_of(column.type));
}

void KeyHasher::hash(std::span<const ColumnView> key, std::size_t rows,
                     std::uint64_t* hashes) const {
  std::fill_n(hashes, rows, kStart);
  for (std::size_t i = 0; i < encodings_.size(); ++i) {
    switch (encodings_[i].encoding) {
      case Encoding::text:
        fold_texts(key[i], rows, hashes);
        break;
      case Encoding::integer:
      case Encoding::narrow:
      case Encoding::timestamp:
        fold_numbers<std::int64_t>(key[i], rows, hashes);
        break;
      case Encoding::wide:
        fold_wide(key[i], rows, hashes);
        break;
      case Encoding::date:
        fold_numbers<std::int32_t>(key[i], rows, hashes);
        break;
      case Encoding::boolean:
        fold_numbers<std::uint8_t>(key[i], rows, hashes);
        break;
    }
  }
}

}  // namespace tallymill
