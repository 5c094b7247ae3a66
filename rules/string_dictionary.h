#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/engine.h"

namespace tallymill {

/// Gives each distinct text of a column a small number, so that a Lua string is made once per text
/// and not once per row: making strings is the dearest part of feeding rules.
///
/// Keys are the 16 raw bytes of DuckDB's string where the text lies inline, hash and content
/// otherwise. Bounded: a full dictionary starts over, and a column whose texts hardly repeat is
/// passed through with one number per row.
class StringDictionary {
 public:
  StringDictionary();

  /// A text Lua must know under `code` before the rows are evaluated. Valid as long as the chunk.
  struct AddedText {
    std::int32_t code;
    std::string_view text;
  };

  /// Fills `codes` for one chunk; a null row gets 0, the code of the empty text. The result lists
  /// what is new and is valid until the next call.
  std::span<const AddedText> encode(const ColumnView& column, std::size_t rows,
                                    std::int32_t* codes);

  bool is_passing_through() const { return is_passing_through_; }

 private:
  struct Entry {
    std::uint64_t low = 0;   ///< length and prefix
    std::uint64_t high = 0;  ///< the rest of an inline text, the hash of a longer one
    std::int32_t code = 0;   ///< 0: free
  };

  void start_over();
  void grow();
  std::size_t place(std::uint64_t low, std::uint64_t high) const;
  std::int32_t code_of(const StringRef& text);
  std::int32_t add(std::size_t at, std::uint64_t low, std::uint64_t high, const StringRef& text);
  void pass_through(const ColumnView& column, std::size_t rows, std::int32_t* codes);

  std::vector<Entry> entries_;           ///< open addressing; a power of two
  int shift_ = 0;                        ///< from a 64-bit hash to an index of entries_
  std::vector<std::string> long_texts_;  ///< by code; empty for inline texts
  std::vector<AddedText> added_;
  std::int64_t long_bytes_ = 0;
  std::int64_t lookups_ = 0;  ///< since the last start
  bool is_passing_through_ = false;
};

}  // namespace tallymill
