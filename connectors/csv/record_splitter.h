#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/csv/syntax.h"

namespace tallymill::csv {

/// One cell, quotes taken off and doubled quotes halved.
struct Cell {
  std::string_view text;
  bool is_quoted = false;
};

struct Record {
  enum class Kind {
    record,
    blank,             ///< an empty line: no record
    unclosed_quote,    ///< the first physical line of what an open quote would have swallowed
    text_after_quote,  ///< a closing quote is followed by neither delimiter nor line end
  };
  Kind kind = Kind::record;
  std::int64_t line = 0;        ///< physical line it starts on, 1-based
  std::string_view original;    ///< without its line end
  std::span<const Cell> cells;  ///< empty for blank and unclosed_quote
};

/// Takes a block of whole records, as scan_records() cut it, apart. Finds exactly the records the
/// scan counted. Pure; cells are valid until the next call.
class RecordSplitter {
 public:
  RecordSplitter();

  void start(std::string_view block, std::int64_t first_line, const Syntax& syntax);
  /// The next record of the block; false at its end.
  bool next(Record& record);

 private:
  struct Step {
    std::size_t at = 0;
    bool is_unclosed = false;
  };

  void load(std::size_t position);
  bool take_plain_cells(std::size_t& at, std::uint64_t ahead, std::size_t& end);
  std::size_t next_separator(std::size_t from);
  std::size_t next_quote(std::size_t from, std::size_t& newlines);
  std::size_t skip_padding(std::size_t at) const;  ///< `at` itself unless cells are padded
  std::string_view cell_text(std::size_t begin, std::size_t end) const;
  /// Reads the quoted cell that opens at `open`; returns where the closing quote stands.
  Step take_quoted(std::size_t open);
  void add(std::string_view text, bool is_quoted);
  void add_unquoted(std::size_t begin, std::size_t end, bool is_last);
  void add_quoted(std::size_t begin, std::size_t end, bool has_escapes);
  bool ends_cell(std::size_t at) const;
  void finish(Record& record, std::size_t end, std::size_t next);
  bool take_unclosed(Record& record);

  Syntax syntax_;
  std::string_view block_;
  std::size_t position_ = 0;  ///< start of the next record
  std::int64_t line_ = 1;
  std::size_t lines_within_ = 0;  ///< line ends within the quotes of the record at hand
  std::vector<Cell> cells_;       ///< the first count_ are of the record at hand
  std::size_t count_ = 0;
  std::vector<char> unescaped_;  ///< a record's quoted cells fit
  std::size_t unescaped_size_ = 0;

  // Masks of the 64 bytes at word_.
  std::size_t word_ = 0;
  std::uint64_t separators_ = 0;
  std::uint64_t quotes_ = 0;
  std::uint64_t newlines_ = 0;
};

}  // namespace tallymill::csv
