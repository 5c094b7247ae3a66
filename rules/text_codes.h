#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "datasets/engine.h"
#include "rules/string_dictionary.h"

namespace tallymill {

/// Numbers the texts of one column of a rule set, so that rules get texts by number.
///
/// It stands behind an SQL function of one argument, because DuckDB evaluates such a function once
/// per dictionary of a Parquet column instead of once per row, and hands on numbers instead of
/// copies of texts. Numbers never change meaning, since DuckDB keeps them; so the table is bounded,
/// and what does not fit any more is kUnknown and travels as text. Thread-safe.
class TextCodes {
 public:
  static constexpr std::int64_t kUnknown = -1;
  static constexpr std::int64_t kNull = -2;

  /// Numbers above `first`, which are below it belong to the caller; 0 is the empty text.
  TextCodes(std::int64_t first, std::int64_t max_bytes) : first_(first), max_bytes_(max_bytes) {}

  void encode(const ColumnView& texts, std::size_t rows, std::int64_t* codes);

  /// Texts numbered so far. The i-th (from 0) has number first + 1 + i.
  std::size_t size() const { return size_.load(std::memory_order_acquire); }
  std::int64_t first() const { return first_; }
  /// Appends the texts from the `from`-th on; they live as long as this.
  void read(std::size_t from, std::vector<std::string_view>& texts) const;

 private:
  /// A thread's view: its own dictionary, so that the lock is taken for new texts only.
  struct Encoder {
    StringDictionary dictionary;
    std::vector<std::int64_t> numbers = {0};  ///< by the dictionary's code
    std::vector<std::int32_t> codes;
  };

  std::unique_ptr<Encoder> take();
  std::int64_t number_of(std::string_view text);

  const std::int64_t first_;
  const std::int64_t max_bytes_;
  mutable std::mutex mutex_;
  std::deque<std::string> texts_;
  std::unordered_map<std::string_view, std::int64_t> numbers_;
  std::int64_t bytes_ = 0;
  std::atomic<std::size_t> size_{0};
  std::vector<std::unique_ptr<Encoder>> idle_;
};

}  // namespace tallymill
