#pragma once

#include <string>
#include <vector>

namespace tallymill {

/// Rows that are kept for the time of a job, to be read more than once.
///
/// They are stored as one STRUCT, for of columns of a table DuckDB collects statistics, which
/// nobody asks for and take a third of the time; readers get the columns back from a view, and only
/// those that they name are read.
struct RowTable {
  std::string name;                     ///< of the view
  std::vector<std::string> columns;     ///< SQL identifiers
  std::vector<std::string> flags = {};  ///< boolean columns that are never null: a bit each
  std::vector<std::string> plain = {};  ///< columns that rows are filtered by while they are read

  /// SQL statements that keep the rows of `source`, a FROM clause, and make the view of them.
  std::string make(const std::string& source) const;
  /// SQL statements that let go of both.
  std::string drop() const;
};

}  // namespace tallymill
