#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tallymill::xlsx {

enum class CellKind {
  text,
  number,   ///< a plain decimal number
  date,     ///< 2026-01-31, 2026-01-31T08:05:00 or, without a day, 08:05:00; [.fff] where there are
  boolean,  ///< true or false
  error,    ///< #DIV/0! and its like, a formula without a result, or a day that does not exist
};

struct Cell {
  std::size_t column = 0;  ///< 0 is A
  CellKind kind = CellKind::text;
  std::string text;
  /// The number has more than 15 digits, more than a spreadsheet keeps, or is what binary
  /// arithmetic left (0.30000000000000004): it must not become money, a decimal or an integer
  /// unasked. `text` is what the file says.
  bool is_inexact = false;
};

/// The cells that hold something, by column.
struct Row {
  std::int64_t number = 0;  ///< as the spreadsheet shows it, from 1
  std::vector<Cell> cells;

  /// Null if there is nothing in that cell.
  const Cell* at(std::size_t column) const;
};

/// What a file may cost. Whatever exceeds one of these is an Error(data) that names it.
struct Limits {
  std::int64_t unzipped_bytes = std::int64_t{4} << 30;  ///< of all parts that are read
  /// Unzipped to zipped bytes of a part, once it is larger than kRatioFreeBytes.
  std::int64_t ratio = 250;
  std::int64_t shared_string_bytes = std::int64_t{512} << 20;
  std::size_t columns = 16'384;
  std::size_t cell_bytes = 131'072;

  static constexpr std::int64_t kRatioFreeBytes = std::int64_t{8} << 20;
};

/// "C7": the name of a cell; column 0, row 1 is A1.
std::string cell_name(std::size_t column, std::int64_t row);

}  // namespace tallymill::xlsx
