#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostics.h"

namespace tallymill {

/// A small table that people keep (tables/<name>.csv): a header and rows of as many cells, all
/// text.
struct CsvTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;

  /// Where a cell stands: its first character, the quote of a quoted one.
  struct Place {
    int line = 1;
    int column = 1;
    int length = 1;
  };
  std::vector<Place> column_places;
  std::vector<std::vector<Place>> places;  ///< of the cells in `rows`, where they are kept
};

enum class CellPlaces { keep, leave_out };

/// Reads `text` of the CSV file `file` strictly: UTF-8, commas, quotes doubled inside quotes, a
/// header of distinct names, as many cells in every row. Blank lines are skipped. Problems are
/// reported with their line; the table is then incomplete. `first_line`: of `text` in its file.
/// Places are for those who judge cells later; a large table is read in half the time without.
CsvTable read_csv_table(const std::string& file, std::string_view text, Diagnostics& diagnostics,
                        int first_line = 1, CellPlaces places = CellPlaces::keep);

}  // namespace tallymill
