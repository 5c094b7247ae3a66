#pragma once

#include <string>
#include <vector>

namespace tallymill {

/// How rows follow each other, for checks of sequences. Rows are taken together where they agree
/// in partition, position and value, so that their verdict is a function of these alone and no row
/// order decides.
struct SequenceSql {
  std::vector<std::string> partition;  ///< column names; a null is a partition of its own
  std::vector<std::string> order;
  std::vector<std::string> values;  ///< columns the verdict looks at, beside order

  /// Partition, order and values, each column once, as names.
  std::vector<std::string> columns() const;
  /// " partition by ... order by ...", for OVER.
  std::string window() const;
  /// " partition by ..., order": of rows at the same position.
  std::string position() const;
  /// SELECT of the failing keys: `fails` is SQL over columns() (quoted) and those of `derived`,
  /// window expressions with names; "tm:n" is the number of rows taken together.
  std::string select(const std::string& rows, const std::vector<std::string>& derived,
                     const std::string& fails) const;
};

}  // namespace tallymill
