#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "datasets/engine.h"
#include "worker/column_profile.h"

namespace tallymill {

/// The columns of a profile that are asked together, as places in its schema: of one type, and
/// either all or none of them show values. So many that a statement's own price is shared, so few
/// that their values take little memory; a column of many rows is alone.
std::vector<std::vector<std::size_t>> columns_together(Engine& engine,
                                                       const ProfileSubject& subject);

/// The values of some columns, grouped once: a table of c (a column's place among them), v (a
/// value, also null) and n (how many rows have it), in which each row stands for different values.
/// It is there until the next one is made.
class ColumnValues {
 public:
  ColumnValues(Engine& engine, const ProfileSubject& subject,
               const std::vector<std::size_t>& columns);

  /// The table; stands behind FROM.
  std::string relation() const { return "tm_values"; }
  std::size_t columns() const { return columns_; }
  /// A relation like it of the `most` most frequent values of each column, ties by value; without
  /// null.
  std::string most_frequent(std::size_t most) const;
  /// A relation like it of the `most` most frequent values of each column, and of as many others as
  /// their hashes draw them, as if each were of one row; without null. A value may come twice.
  std::string sample(std::size_t most) const;
  /// Rows of c and of the aggregates `sql` over `relation`, which is like this one; a column that
  /// has no row there may be missing.
  Rows aggregate(Engine& engine, const std::string& sql, const std::string& relation) const;

 private:
  std::size_t columns_;
};

}  // namespace tallymill
