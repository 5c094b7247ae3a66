#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tallymill::books {

/// Prices of kinds for a packing where groups may be cut up (its linear relaxation), by the simplex
/// method. Numbers are doubles: they only say where to look, and whoever bounds a score by them
/// must count again in integers, which holds for any prices.
class PackingPrices {
 public:
  /// A share of rows that a shape takes.
  struct Entry {
    std::uint32_t kind = 0;
    double rows = 0;
  };

  explicit PackingPrices(std::span<const double> rows_of_kinds);
  void add_shape(double score, std::span<const Entry> entries);

  /// Stops where `fuel` is negative: prices are then those found so far.
  void solve(std::int64_t& fuel);

  double price(std::size_t kind) const { return price_[kind]; }
  /// How many groups of a shape, not always whole ones.
  double groups(std::size_t shape) const { return groups_[shape]; }

 private:
  struct Column {
    double score = 0;
    std::vector<Entry> entries;
  };

  double& at(std::size_t row, std::size_t column) { return table_[row * width_ + column]; }
  bool enter(std::size_t& column, bool is_careful) const;
  bool leave(std::size_t column, std::size_t& row);
  void pivot(std::size_t row, std::size_t column, std::int64_t& fuel);

  std::vector<double> right_;  ///< rows of kinds, then what basic variables are
  std::vector<Column> columns_;
  std::size_t width_ = 0;
  std::vector<double> table_;
  std::vector<double> gain_;         ///< by column
  std::vector<std::size_t> in_row_;  ///< variables: shapes, then what is left of kinds
  std::vector<std::size_t> in_column_;
  std::vector<std::size_t> filled_;  ///< columns that the row of a pivot has
  std::vector<double> price_;
  std::vector<double> groups_;
};

}  // namespace tallymill::books
