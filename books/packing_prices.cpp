#include "books/packing_prices.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tallymill::books {
namespace {

constexpr double kZero = 1e-9;

/// Of the table, 64 MiB; more is no search that ends in time.
constexpr std::size_t kMostCells = std::size_t{1} << 23;

}  // namespace

PackingPrices::PackingPrices(std::span<const double> rows_of_kinds)
    : right_(rows_of_kinds.begin(), rows_of_kinds.end()), price_(rows_of_kinds.size()) {}

void PackingPrices::add_shape(double score, std::span<const Entry> entries) {
  columns_.push_back({score, {entries.begin(), entries.end()}});
}

/// A variable that gains: the one that gains most, or the first, which never goes in circles.
bool PackingPrices::enter(std::size_t& column, bool is_careful) const {
  bool is_found = false;
  for (std::size_t i = 0; i < width_; ++i) {
    if (gain_[i] <= kZero) continue;
    if (!is_found || (is_careful ? in_column_[i] < in_column_[column] : gain_[i] > gain_[column]))
      column = i;
    is_found = true;
  }
  return is_found;
}

/// The variable that comes to nothing first.
bool PackingPrices::leave(std::size_t column, std::size_t& row) {
  bool is_found = false;
  double least = 0;
  for (std::size_t i = 0; i < right_.size(); ++i) {
    if (at(i, column) <= kZero) continue;
    const double ratio = right_[i] / at(i, column);
    if (!is_found || ratio < least - kZero ||
        (ratio < least + kZero && in_row_[i] < in_row_[row])) {
      least = is_found ? std::min(least, ratio) : ratio;
      row = i;
    }
    is_found = true;
  }
  return is_found;
}

void PackingPrices::pivot(std::size_t row, std::size_t column, std::int64_t& fuel) {
  const double scale = 1 / at(row, column);
  filled_.clear();
  for (std::size_t i = 0; i < width_; ++i) {
    if (i == column || at(row, i) == 0) continue;
    at(row, i) *= scale;
    filled_.push_back(i);
  }
  right_[row] *= scale;
  at(row, column) = scale;
  std::size_t steps = width_;
  for (std::size_t other = 0; other < right_.size(); ++other) {
    const double times = at(other, column);
    if (other == row || times == 0) continue;
    for (const std::size_t i : filled_) {
      double& cell = at(other, i);
      cell -= times * at(row, i);
      if (std::abs(cell) < kZero) cell = 0;
    }
    right_[other] = std::max(0.0, right_[other] - times * right_[row]);
    at(other, column) = -times * scale;
    steps += filled_.size();
  }
  const double times = gain_[column];
  for (const std::size_t i : filled_) gain_[i] -= times * at(row, i);
  gain_[column] = -times * scale;
  std::swap(in_row_[row], in_column_[column]);
  // A step here is a multiplication.
  fuel -= static_cast<std::int64_t>(steps / 16);
}

void PackingPrices::solve(std::int64_t& fuel) {
  width_ = columns_.size();
  const std::size_t kinds = right_.size();
  fuel -= static_cast<std::int64_t>(width_ * kinds / 16);
  if (width_ * kinds > kMostCells) fuel = -1;
  if (fuel < 0) return;
  table_.assign(width_ * kinds, 0);
  gain_.resize(width_);
  for (std::size_t shape = 0; shape < width_; ++shape) {
    gain_[shape] = columns_[shape].score;
    for (const Entry& entry : columns_[shape].entries) at(entry.kind, shape) = entry.rows;
  }
  in_column_.resize(width_);
  std::iota(in_column_.begin(), in_column_.end(), 0U);
  in_row_.resize(kinds);
  std::iota(in_row_.begin(), in_row_.end(), width_);
  std::size_t row = 0;
  std::size_t column = 0;
  for (std::size_t step = 0; fuel >= 0 && enter(column, step > 4 * (width_ + kinds)); ++step)
    if (step > 20 * (width_ + kinds) || !leave(column, row))
      break;
    else
      pivot(row, column, fuel);
  groups_.assign(width_, 0);
  for (std::size_t i = 0; i < kinds; ++i)
    if (in_row_[i] < width_) groups_[in_row_[i]] = right_[i];
  for (std::size_t i = 0; i < width_; ++i)
    if (in_column_[i] >= width_) price_[in_column_[i] - width_] = std::max(0.0, -gain_[i]);
}

}  // namespace tallymill::books
