#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "books/packing.h"
#include "core/money.h"

namespace tallymill::books {

/// So many rows of one amount that are alike in all that matters.
struct AlikeRows {
  Int128 amount = 0;
  std::uint32_t rows = 1;
  std::uint32_t kind = 0;  ///< what the finder calls them
};

/// Finds rows that add up.
class SubsetSum {
 public:
  /// Kinds with their counts, in the order of amounts, and what they add up to.
  using Found = std::function<void(std::span<const Use>, Int128)>;

  /// Tells every way to pick `size` rows, at least two, whose sum is within `allowed` of `target`.
  /// Rows of one kind are not told apart. `alike` is in order of amounts; the last row of each way
  /// is found by bisection.
  ///
  /// `fuel` bounds the steps and is used up; false where it did not suffice.
  bool each(std::span<const AlikeRows> alike, Int128 target, Int128 allowed, std::size_t size,
            std::int64_t& fuel, const Found& found);

 private:
  struct Goal {
    Int128 least;
    Int128 most;
    std::int64_t& fuel;
    const Found& found;
  };

  void descend(const Goal& goal, std::size_t from, std::size_t left, Int128 sum);
  void finish(const Goal& goal, std::size_t from, Int128 sum);
  void tell(const Goal& goal, Int128 sum);
  Int128 amount(std::size_t i) const { return alike_[order_[i]].amount; }
  bool is_copy(std::size_t i, std::size_t from) const;

  std::span<const AlikeRows> alike_;
  std::vector<std::uint32_t> order_;   ///< indices of alike_, each as often as it has rows
  std::vector<Int128> sums_;           ///< of the first rows in that order
  std::vector<std::uint32_t> picked_;  ///< indices of alike_
  std::vector<Use> uses_;
};

}  // namespace tallymill::books
