#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rules/rule_plan.h"

namespace tallymill {

/// A text a Lua state must hold under `index` of a column's dictionary before rows are evaluated.
struct NewText {
  std::int32_t index;
  std::string_view text;
};

/// Turns DuckDB's columns of a chunk into what a row loop reads: plain arrays, one byte per row for
/// nulls, texts as indexes of a dictionary table. Buffers live as long as the feed, and one feed
/// serves one Lua state, whose dictionaries it knows.
class ChunkFeed {
 public:
  explicit ChunkFeed(const RulePlan& plan);

  /// Throws Error(config) if a number is beyond 2^53, which Lua cannot hold.
  void read(std::span<const ColumnView> arguments, std::size_t rows);

  std::size_t rows() const { return rows_; }
  bool has_nulls() const { return has_nulls_; }
  const void* data(std::size_t column) const { return columns_[column].data; }
  const std::uint8_t* nulls(std::size_t column) const { return columns_[column].nulls; }
  /// The chunk's texts by row: those whose index is 1 to kChunkRows have no place in the
  /// dictionary, and become Lua texts only when a rule looks at them.
  const StringRef* texts(std::size_t column) const { return columns_[column].texts; }
  /// Rows a rule must skip because a column it needs is null, or a parameter has no value.
  const std::uint8_t* skips(std::size_t rule) const { return skips_[rule]; }
  std::span<const NewText> new_texts(std::size_t column) const {
    return columns_[column].new_texts;
  }
  /// The chunk's _source and _line; null where rows have no provenance.
  const ColumnView* provenance() const { return has_provenance_ ? provenance_ : nullptr; }
  bool is_null(std::size_t column, std::size_t row) const {
    return columns_[column].nulls[row] != 0;
  }
  /// The text of a column that has texts.
  std::string text(std::size_t column, std::size_t row) const;
  /// "day01.csv:17", or "3 of a chunk" where rows have no provenance.
  std::string row_text(std::size_t row) const;

 private:
  struct Column {
    const void* data = nullptr;
    const std::uint8_t* nulls = nullptr;
    const StringRef* texts = nullptr;
    std::size_t known_texts = 0;  ///< of the column's codes, already handed to Lua
    std::vector<NewText> new_texts;
    std::vector<std::int32_t> indexes;
    const std::int64_t* codes = nullptr;  ///< of texts, as they came
    std::vector<std::int64_t> narrowed;   ///< of wide decimals
    std::vector<std::uint8_t> null_bytes;
  };

  void read_column(std::size_t index, std::span<const ColumnView> arguments);
  void read_texts(std::size_t index, const std::int64_t* codes, const ColumnView& texts);
  void read_new_texts(std::size_t index);
  void read_nulls(Column& column, const ColumnView& view);
  void narrow(std::size_t index, const ColumnView& view);
  void read_skips();
  void skip_nulls(std::size_t rule, std::size_t index);
  void require_exact(std::size_t index, const ColumnView& view, const std::int64_t* values);
  [[noreturn]] void refuse(std::size_t index, std::size_t row, const std::string& value) const;

  const RulePlan& plan_;
  std::size_t rows_ = 0;
  bool has_nulls_ = false;
  std::vector<Column> columns_;
  std::vector<const std::uint8_t*> skips_;
  std::vector<std::vector<std::uint8_t>> skip_bytes_;
  std::vector<std::uint8_t> zeros_;
  bool has_provenance_ = false;
  ColumnView provenance_[2];
};

}  // namespace tallymill
