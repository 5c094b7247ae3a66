#include "books/subset_sum.h"

#include <algorithm>
#include <numeric>

namespace tallymill::books {
namespace {

Int128 magnitude(Int128 value) { return value < 0 ? -value : value; }

/// Looks at all subsets of one size.
class Search {
 public:
  Search(std::span<const Int128> amounts, Int128 target, Int128 allowed, std::int64_t& fuel)
      : amounts_(amounts), target_(target), allowed_(allowed), fuel_(fuel), order_(amounts.size()) {
    std::iota(order_.begin(), order_.end(), 0U);
    std::ranges::sort(order_, [&](std::uint32_t a, std::uint32_t b) {
      return amounts_[a] != amounts_[b] ? amounts_[a] < amounts_[b] : a < b;
    });
    sums_.assign(amounts.size() + 1, 0);
    for (std::size_t i = 0; i < order_.size(); ++i) sums_[i + 1] = sums_[i] + amounts_[order_[i]];
  }

  void run(std::size_t size) {
    picked_.clear();
    descend(0, size, 0);
  }

  SubsetSum result;

 private:
  /// Picks `left` more rows from position `from` on, in the order of amounts.
  void descend(std::size_t from, std::size_t left, Int128 sum) {
    if (order_.size() - from < left || --fuel_ < 0) return;
    if (left == 1) return finish(from, sum);
    for (std::size_t i = from; i + left <= order_.size() && fuel_ >= 0; ++i) {
      // The rows are sorted: the next ones are the least that can be added, the last ones the most.
      if (sum + sums_[i + left] - sums_[i] > target_ + allowed_) return;
      if (sum + amounts_[order_[i]] + sums_.back() - sums_[order_.size() - (left - 1)] <
          target_ - allowed_)
        continue;
      picked_.push_back(order_[i]);
      descend(i + 1, left - 1, sum + amounts_[order_[i]]);
      picked_.pop_back();
    }
  }

  /// The last row must bring the sum to the target.
  void finish(std::size_t from, Int128 sum) {
    const auto begin = order_.begin() + static_cast<std::ptrdiff_t>(from);
    auto at =
        std::lower_bound(begin, order_.end(), target_ - allowed_ - sum,
                         [&](std::uint32_t row, Int128 value) { return amounts_[row] < value; });
    for (; at != order_.end() && sum + amounts_[*at] <= target_ + allowed_; ++at) {
      if (--fuel_ < 0) return;
      if (result.solutions < kMostSolutions) ++result.solutions;
      std::vector<std::uint32_t> rows = picked_;
      rows.push_back(*at);
      std::ranges::sort(rows);
      const Int128 drift = magnitude(sum + amounts_[*at] - target_);
      if (!result.chosen.empty() && (drift > drift_ || (drift == drift_ && result.chosen <= rows)))
        continue;
      result.chosen = std::move(rows);
      drift_ = drift;
    }
  }

  std::span<const Int128> amounts_;
  Int128 target_;
  Int128 allowed_;
  std::int64_t& fuel_;
  std::vector<std::uint32_t> order_;  ///< by amount
  std::vector<Int128> sums_;          ///< of the first rows in that order
  std::vector<std::uint32_t> picked_;
  Int128 drift_ = 0;
};

}  // namespace

SubsetSum find_subset(std::span<const Int128> amounts, Int128 target, Int128 allowed,
                      std::size_t at_most, std::int64_t& fuel) {
  Search search(amounts, target, allowed, fuel);
  for (std::size_t size = 2; size <= std::min(at_most, amounts.size()); ++size) {
    search.run(size);
    if (fuel < 0) search.result.was_cut_off = true;
    if (fuel < 0 || !search.result.chosen.empty()) break;
  }
  return search.result;
}

}  // namespace tallymill::books
