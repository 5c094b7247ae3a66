#include "rules/string_dictionary.h"

#include <cstring>

namespace tallymill {
namespace {

constexpr std::size_t kInlineLength = 12;
constexpr std::size_t kMaxTexts = 32768;
constexpr std::int64_t kMaxLongBytes = 2LL << 20;

std::uint64_t mix(std::uint64_t low, std::uint64_t high) {
  std::uint64_t hash = (low ^ 0x9e3779b97f4a7c15ULL) * 0xbf58476d1ce4e5b9ULL;
  hash = (hash ^ (hash >> 29U) ^ high) * 0x94d049bb133111ebULL;
  return hash ^ (hash >> 32U);
}

std::uint64_t word(const char* bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

/// Of a text longer than 12 bytes; the last word overlaps so that there is no tail loop.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = text.size();
  for (std::size_t i = 0; i + 8 <= text.size(); i += 8) hash = mix(hash, word(text.data() + i));
  return mix(hash, word(text.data() + text.size() - 8));
}

}  // namespace

StringDictionary::StringDictionary() { start_over(); }

void StringDictionary::start_over() {
  entries_.assign(256, Entry{});
  long_texts_.assign(1, {});  // code 0 is the empty text
  long_bytes_ = 0;
  lookups_ = 0;
}

StringDictionary::Entry& StringDictionary::slot(std::uint64_t low, std::uint64_t high,
                                                const StringRef& text) {
  const std::size_t mask = entries_.size() - 1;
  std::size_t i = mix(low, high) & mask;
  for (;; i = (i + 1) & mask) {
    Entry& entry = entries_[i];
    if (entry.code == 0) return entry;
    if (entry.low != low || entry.high != high) continue;
    if (text.length <= kInlineLength) return entry;
    if (long_texts_[static_cast<std::size_t>(entry.code)] == text.view()) return entry;
  }
}

void StringDictionary::grow() {
  std::vector<Entry> old = std::exchange(entries_, std::vector<Entry>(entries_.size() * 2));
  const std::size_t mask = entries_.size() - 1;
  for (const Entry& entry : old) {
    if (entry.code == 0) continue;
    std::size_t i = mix(entry.low, entry.high) & mask;
    while (entries_[i].code != 0) i = (i + 1) & mask;
    entries_[i] = entry;
  }
}

std::int32_t StringDictionary::find_or_add(const StringRef& text) {
  if (text.length == 0) return 0;
  std::uint64_t raw[2];
  std::memcpy(raw, &text, sizeof raw);
  if (text.length > kInlineLength) raw[1] = hash_of(text.view());
  Entry& entry = slot(raw[0], raw[1], text);
  if (entry.code != 0) return entry.code;
  const auto code = static_cast<std::int32_t>(long_texts_.size());
  entry = {raw[0], raw[1], code};
  long_texts_.emplace_back();
  if (text.length > kInlineLength) {
    long_texts_.back() = text.view();
    long_bytes_ += text.length;
  }
  added_.push_back({code, text.view()});
  if (long_texts_.size() * 2 > entries_.size()) grow();
  return code;
}

std::span<const StringDictionary::NewText> StringDictionary::encode(const ColumnView& column,
                                                                    std::size_t rows,
                                                                    std::int32_t* codes) {
  added_.clear();
  if (!pass_through_ && (long_texts_.size() > kMaxTexts || long_bytes_ > kMaxLongBytes)) {
    // More than one new text in three rows: the dictionary costs more than it saves.
    pass_through_ = lookups_ < static_cast<std::int64_t>(long_texts_.size()) * 3;
    start_over();
  }
  const auto* texts = column.as<StringRef>();
  lookups_ += static_cast<std::int64_t>(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    if (column.is_null(i)) {
      codes[i] = 0;
    } else if (pass_through_) {
      codes[i] = static_cast<std::int32_t>(i + 1);
      added_.push_back({codes[i], texts[i].view()});
    } else {
      codes[i] = find_or_add(texts[i]);
    }
  }
  return added_;
}

}  // namespace tallymill
