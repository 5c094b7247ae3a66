#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace tallymill {

/// Rows that are kept for the time of a job where they are a few of many: in a Parquet file, for a
/// small table DuckDB writes twice, the second time in one thread, and reads in one.
struct RowFile {
  std::string name;                  ///< of the view
  std::vector<std::string> columns;  ///< SQL identifiers; none is a HUGEINT, which Parquet lacks
  std::filesystem::path folder;      ///< gets the file

  /// SQL statements that keep the rows of `source`, a FROM clause, and make the view of them; once
  /// more, they replace both.
  std::string make(const std::string& source) const;
  /// SQL statement that lets go of the view; the file goes with its folder.
  std::string drop() const;
};

}  // namespace tallymill
