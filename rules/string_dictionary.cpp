#include "rules/string_dictionary.h"

#include <bit>
#include <cstring>
#include <utility>

namespace tallymill {
namespace {

constexpr std::size_t kInlineLength = 12;
constexpr std::size_t kFirstSize = 256;
constexpr std::size_t kMaxTexts = 32768;
constexpr std::int64_t kMaxLongBytes = 2LL << 20;

// Odd constants of the golden ratio and of splitmix64: the high bits of a product depend on all
// bits.
constexpr std::uint64_t kFirstFactor = 0x9e3779b97f4a7c15ULL;
constexpr std::uint64_t kSecondFactor = 0xbf58476d1ce4e5b9ULL;

std::uint64_t word(const char* bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

/// Of a text longer than 12 bytes; the last word overlaps so that there is no tail loop.
std::uint64_t hash_of(const char* text, std::size_t length) {
  std::uint64_t hash = word(text + length - 8) * kSecondFactor;
  for (std::size_t i = 0; i + 8 < length; i += 8)
    hash = (hash ^ (hash >> 29U) ^ word(text + i)) * kFirstFactor;
  return hash;
}

}  // namespace

StringDictionary::StringDictionary() { start_over(); }

void StringDictionary::start_over() {
  entries_.assign(kFirstSize, Entry{});
  shift_ = 64 - std::countr_zero(kFirstSize);
  long_texts_.assign(1, {});  // code 0 is the empty text
  long_bytes_ = 0;
  lookups_ = 0;
}

inline std::size_t StringDictionary::place(std::uint64_t low, std::uint64_t high) const {
  return (low * kFirstFactor ^ high * kSecondFactor) * kFirstFactor >> shift_;
}

void StringDictionary::grow() {
  const std::vector<Entry> old = std::exchange(entries_, std::vector<Entry>(entries_.size() * 2));
  --shift_;
  const std::size_t mask = entries_.size() - 1;
  for (const Entry& entry : old) {
    if (entry.code == 0) continue;
    std::size_t i = place(entry.low, entry.high);
    while (entries_[i].code != 0) i = (i + 1) & mask;
    entries_[i] = entry;
  }
}

/// A new entry at `at`, which is free.
std::int32_t StringDictionary::add(std::size_t at, std::uint64_t low, std::uint64_t high,
                                   const StringRef& text) {
  const auto code = static_cast<std::int32_t>(long_texts_.size());
  entries_[at] = {low, high, code};
  long_texts_.emplace_back();
  if (text.length > kInlineLength) {
    long_texts_.back() = text.view();
    long_bytes_ += text.length;
  }
  added_.push_back({code, text.view()});
  if (long_texts_.size() * 2 > entries_.size()) grow();
  return code;
}

inline std::int32_t StringDictionary::code_of(const StringRef& text) {
  if (text.length == 0) return 0;
  const bool is_long = text.length > kInlineLength;
  const std::uint64_t low = word(reinterpret_cast<const char*>(&text));
  const std::uint64_t high = is_long ? hash_of(text.pointer, text.length) : word(text.rest);
  const std::size_t mask = entries_.size() - 1;
  for (std::size_t i = place(low, high);; i = (i + 1) & mask) {
    const Entry& entry = entries_[i];
    if (entry.code == 0) return add(i, low, high, text);
    if (entry.low != low || entry.high != high) continue;
    if (!is_long) return entry.code;
    // `low` holds the length, so both texts are equally long.
    const std::string& known = long_texts_[static_cast<std::size_t>(entry.code)];
    if (std::memcmp(known.data(), text.pointer, text.length) == 0) return entry.code;
  }
}

void StringDictionary::pass_through(const ColumnView& column, std::size_t rows,
                                    std::int32_t* codes) {
  const auto* texts = column.as<StringRef>();
  for (std::size_t i = 0; i < rows; ++i) {
    codes[i] = column.is_null(i) ? 0 : static_cast<std::int32_t>(i + 1);
    if (codes[i] != 0) added_.push_back({codes[i], texts[i].view()});
  }
}

std::span<const StringDictionary::AddedText> StringDictionary::encode(const ColumnView& column,
                                                                      std::size_t rows,
                                                                      std::int32_t* codes) {
  added_.clear();
  if (!is_passing_through_ && (long_texts_.size() > kMaxTexts || long_bytes_ > kMaxLongBytes)) {
    // More than one new text in three rows: the dictionary costs more than it saves.
    is_passing_through_ = lookups_ < static_cast<std::int64_t>(long_texts_.size()) * 3;
    start_over();
  }
  if (is_passing_through_) {
    pass_through(column, rows, codes);
    return added_;
  }
  const auto* texts = column.as<StringRef>();
  lookups_ += static_cast<std::int64_t>(rows);
  if (column.validity == nullptr) {
    for (std::size_t i = 0; i < rows; ++i) codes[i] = code_of(texts[i]);
  } else {
    for (std::size_t i = 0; i < rows; ++i) codes[i] = column.is_null(i) ? 0 : code_of(texts[i]);
  }
  return added_;
}

}  // namespace tallymill
