#include "datasets/value_lookup.h"

#include <cstring>
#include <memory>
#include <vector>

#include "core/digest.h"
#include "core/text.h"
#include "datasets/key_filter.h"
#include "datasets/key_hash.h"
#include "datasets/row_bytes.h"

namespace tallymill {
namespace {

/// Numbers by open addressing. Zero marks a free place and is remembered apart.
class NumberSet {
 public:
  void add(std::int64_t number) {
    if (number == 0) {
      has_zero_ = true;
      return;
    }
    if ((used_ + 1) * 2 > places_.size()) grow();
    std::int64_t& place = places_[place_of(number)];
    if (place == number) return;
    place = number;
    ++used_;
  }
  bool has(std::int64_t number) const {
    return number == 0 ? has_zero_ : places_[place_of(number)] == number;
  }
  /// While it grows there are three halves of the new places.
  std::int64_t bytes() const {
    return static_cast<std::int64_t>(places_.size() * sizeof(std::int64_t)) * 3 / 2;
  }

 private:
  /// Where it is, or would be.
  std::size_t place_of(std::int64_t number) const {
    const std::uint64_t spread = static_cast<std::uint64_t>(number) * 0x9e3779b97f4a7c15;
    const std::size_t mask = places_.size() - 1;
    std::size_t place = static_cast<std::size_t>(spread >> 32) & mask;
    while (places_[place] != 0 && places_[place] != number) place = (place + 1) & mask;
    return place;
  }
  void grow() {
    std::vector<std::int64_t> before(places_.size() * 2);
    before.swap(places_);
    for (const std::int64_t number : before)
      if (number != 0) places_[place_of(number)] = number;
  }

  std::vector<std::int64_t> places_ = std::vector<std::int64_t>(1024);
  std::size_t used_ = 0;
  bool has_zero_ = false;
};

/// Texts by open addressing, one behind the other in one text.
class TextSet {
 public:
  void add(std::string_view text) {
    if ((used_ + 1) * 2 > places_.size()) grow();
    const std::uint64_t hash = hash_of(text);
    Place& place = places_[place_of(text, hash)];
    if (place.hash != 0) return;
    place = {hash, texts_.size(), text.size()};
    texts_ += text;
    ++used_;
  }
  bool has(std::string_view text) const { return places_[place_of(text, hash_of(text))].hash != 0; }
  std::int64_t bytes() const {
    return static_cast<std::int64_t>(places_.size() * sizeof(Place) + texts_.capacity()) * 3 / 2;
  }

 private:
  struct Place {
    std::uint64_t hash = 0;  ///< 0: free
    std::size_t begin = 0;
    std::size_t length = 0;
  };

  static std::uint64_t hash_of(std::string_view text) {
    const std::uint64_t hash = xxh3_128(text).low;
    return hash == 0 ? 1 : hash;
  }
  std::size_t place_of(std::string_view text, std::uint64_t hash) const {
    const std::size_t mask = places_.size() - 1;
    std::size_t at = static_cast<std::size_t>(hash) & mask;
    while (places_[at].hash != 0 && !(places_[at].hash == hash && text_at(places_[at]) == text))
      at = (at + 1) & mask;
    return at;
  }
  std::string_view text_at(const Place& place) const {
    return std::string_view(texts_).substr(place.begin, place.length);
  }
  void grow() {
    std::vector<Place> before(places_.size() * 2);
    before.swap(places_);
    for (const Place& place : before)
      if (place.hash != 0) places_[place_of(text_at(place), place.hash)] = place;
  }

  std::vector<Place> places_ = std::vector<Place>(1024);
  std::string texts_;
  std::size_t used_ = 0;
};

/// `value(column, row)` reads a cell that is not null.
template <class Set, class Value>
std::optional<std::string> add_lookup(Engine& engine, const std::string& select, const Type& type,
                                      std::int64_t memory, const Value& value) {
  auto set = std::make_shared<Set>();
  engine.read(select, std::span(&type, 1),
              [&](std::span<const ColumnView> columns, std::size_t rows) {
                for (std::size_t row = 0; row < rows && set->bytes() <= memory; ++row)
                  if (!columns[0].is_null(row)) set->add(value(columns[0], row));
              });
  if (set->bytes() > memory) return std::nullopt;
  std::string name = "tm_missing_" + std::to_string(engine.next_name());
  engine.add_function({.name = name,
                       .parameters = {type},
                       .result = {{.name = "value", .type = Type::boolean()}},
                       .evaluate = [set = std::shared_ptr<const Set>(std::move(set)), value](
                                       std::span<const ColumnView> columns, std::size_t rows,
                                       ColumnWriter& result) {
                         bool* missing = result.as<bool>();
                         for (std::size_t row = 0; row < rows; ++row)
                           missing[row] =
                               !columns[0].is_null(row) && !set->has(value(columns[0], row));
                       }});
  return name;
}

/// Keys as the bytes of their row. A filter by hashes, which are made a column at a time, spares
/// most others being written as bytes.
class RowSet {
 public:
  explicit RowSet(const std::vector<Column>& key) : hasher_(key) {
    for (const Column& column : key) encodings_.push_back(encoding_of(column.type));
  }
  void add(std::span<const ColumnView> key, std::size_t rows) {
    hashes_.resize(hashes_.size() + rows);
    hasher_.hash(key, rows, hashes_.data() + hashes_.size() - rows);
    RowBytes bytes;
    for (std::size_t row = 0; row < rows; ++row) keys_.add(encoded(key, row, bytes));
  }
  /// Before has(), after the last add().
  void seal() {
    filter_.emplace(static_cast<std::int64_t>(hashes_.size()), std::int64_t{1} << 20);
    for (const std::uint64_t hash : hashes_) filter_->add(hash);
    std::vector<std::uint64_t>().swap(hashes_);
  }
  void has(std::span<const ColumnView> key, std::size_t rows, bool* found) const {
    std::vector<std::uint64_t> hashes(rows);
    hasher_.hash(key, rows, hashes.data());
    RowBytes bytes;
    for (std::size_t row = 0; row < rows; ++row)
      found[row] = filter_->has(hashes[row]) && keys_.has(encoded(key, row, bytes));
  }
  std::int64_t bytes() const {
    return keys_.bytes() + static_cast<std::int64_t>(hashes_.capacity() * sizeof(std::uint64_t));
  }

 private:
  std::string_view encoded(std::span<const ColumnView> key, std::size_t row,
                           RowBytes& bytes) const {
    bytes.clear();
    for (std::size_t i = 0; i < encodings_.size(); ++i) bytes.append(encodings_[i], key[i], row);
    return bytes.view();
  }

  KeyHasher hasher_;
  std::vector<ColumnEncoding> encodings_;
  TextSet keys_;
  std::vector<std::uint64_t> hashes_;
  std::optional<KeyFilter> filter_;
};

}  // namespace

std::optional<std::string> add_value_lookup(Engine& engine, const std::string& select,
                                            const Type& type, std::int64_t memory) {
  switch (encoding_of(type).encoding) {
    case Encoding::text:
      return add_lookup<TextSet>(engine, select, type, memory,
                                 [](const ColumnView& column, std::size_t row) {
                                   return column.as<StringRef>()[row].view();
                                 });
    case Encoding::integer:
    case Encoding::narrow:
    case Encoding::timestamp:
      return add_lookup<NumberSet>(
          engine, select, type, memory,
          [](const ColumnView& column, std::size_t row) { return column.as<std::int64_t>()[row]; });
    case Encoding::date:
      return add_lookup<NumberSet>(engine, select, type, memory,
                                   [](const ColumnView& column, std::size_t row) {
                                     return std::int64_t{column.as<std::int32_t>()[row]};
                                   });
    case Encoding::wide:
    case Encoding::boolean:
      break;
  }
  return std::nullopt;
}

std::optional<std::string> add_key_lookup(Engine& engine, const std::string& select,
                                          const std::vector<Column>& key, std::int64_t memory) {
  std::vector<Type> types;
  std::vector<std::string> arguments;
  for (const Column& column : key) {
    types.push_back(column.type);
    arguments.push_back(quote_identifier(column.name));
  }
  auto set = std::make_shared<RowSet>(key);
  engine.read(select, types, [&](std::span<const ColumnView> columns, std::size_t rows) {
    if (set->bytes() <= memory) set->add(columns, rows);
  });
  if (set->bytes() > memory) return std::nullopt;
  set->seal();
  const std::string name = "tm_key_" + std::to_string(engine.next_name());
  engine.add_function(
      {.name = name,
       .parameters = types,
       .result = {{.name = "value", .type = Type::boolean()}},
       .evaluate = [set = std::shared_ptr<const RowSet>(std::move(set))](
                       std::span<const ColumnView> columns, std::size_t rows,
                       ColumnWriter& result) { set->has(columns, rows, result.as<bool>()); }});
  return name + "(" + join(arguments, ", ") + ")";
}

}  // namespace tallymill
