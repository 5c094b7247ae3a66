#pragma once

#include <string>
#include <vector>

namespace tallymill::books {

/// Two sides whose keys come several times, as SQL. Inner names throughout: a side has the columns
/// of `keys` and `values`, the first of which is its amount.
struct MultisetSql {
  std::vector<std::string> keys;                     ///< at least one
  std::vector<std::string> values;                   ///< what rows of a key are told apart by
  std::vector<std::string> left_names, right_names;  ///< of the values of a pair, in that order
  std::string left, right;                           ///< SELECTs of the rows
  /// Rows of the side are sums, and its column tm_rows says of how many rows.
  bool left_is_added_up = false;
  bool right_is_added_up = false;
  std::string wide;           ///< type of amounts that were multiplied
  bool missing_meets = true;  ///< a missing part of a key meets a missing one
  std::string class_sql;      ///< of a pair l, r; both have tm_here and tm_other
  int last_agreement = 0;     ///< the highest class that is no break
};

/// SELECT of the keys, left and right amount (of all rows of a pair), tm_left_rows, tm_right_rows,
/// the other values of both sides, tm_ordinal (of a break within its key) and tm_class.
///
/// Rows that are equal on both sides pair off, as many as the side with fewer has; the rest pairs
/// in the order of its values, which is optimal for amounts; what is left over stands alone, with
/// tm_other saying whether the other side knows its key. Pairs that are alike are one row.
std::string multiset_sql(const MultisetSql& sides);

/// `l.x IS NOT DISTINCT FROM r.x` for every name, or `=`.
std::string meets_sql(const std::vector<std::string>& names, bool missing_meets);
/// `either(x)` for every name: the value of l, or of r where there is no l.
std::string either_sql(const std::vector<std::string>& names);

}  // namespace tallymill::books
