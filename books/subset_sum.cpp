#include "books/subset_sum.h"

#include <algorithm>

namespace tallymill::books {

bool SubsetSum::each(std::span<const AlikeRows> alike, Int128 target, Int128 allowed,
                     std::size_t size, std::int64_t& fuel, const Found& found) {
  alike_ = alike;
  order_.clear();
  for (std::uint32_t at = 0; at < alike.size(); ++at)
    order_.insert(order_.end(), std::min<std::size_t>(alike[at].rows, size), at);
  sums_.assign(1, 0);
  for (const std::uint32_t at : order_) sums_.push_back(sums_.back() + alike[at].amount);
  picked_.clear();
  descend({.least = target - allowed, .most = target + allowed, .fuel = fuel, .found = found}, 0,
          size, 0);
  return fuel >= 0;
}

/// Picks `left` more rows from position `from` on, in the order of amounts.
void SubsetSum::descend(const Goal& goal, std::size_t from, std::size_t left, Int128 sum) {
  const std::size_t rows = order_.size();
  if (rows - from < left || --goal.fuel < 0) return;
  if (left == 1) return finish(goal, from, sum);
  for (std::size_t i = from; i + left <= rows && goal.fuel >= 0; ++i) {
    // The rows are sorted: the next ones are the least that can be added, the last ones the most.
    if (sum + sums_[i + left] - sums_[i] > goal.most) return;
    if (is_copy(i, from) || sum + amount(i) + sums_.back() - sums_[rows - (left - 1)] < goal.least)
      continue;
    picked_.push_back(order_[i]);
    descend(goal, i + 1, left - 1, sum + amount(i));
    picked_.pop_back();
  }
}

/// The row before is alike and was not picked: what begins here was seen from there.
bool SubsetSum::is_copy(std::size_t i, std::size_t from) const {
  return i > from && order_[i] == order_[i - 1];
}

/// The last row must bring the sum to the target.
void SubsetSum::finish(const Goal& goal, std::size_t from, Int128 sum) {
  const auto begin = order_.begin() + static_cast<std::ptrdiff_t>(from);
  const auto at =
      std::lower_bound(begin, order_.end(), goal.least - sum,
                       [&](std::uint32_t row, Int128 value) { return alike_[row].amount < value; });
  for (auto i = static_cast<std::size_t>(at - order_.begin());
       i < order_.size() && sum + amount(i) <= goal.most; ++i) {
    if (is_copy(i, from)) continue;
    if (--goal.fuel < 0) return;
    picked_.push_back(order_[i]);
    tell(goal, sum + amount(i));
    picked_.pop_back();
  }
}

void SubsetSum::tell(const Goal& goal, Int128 sum) {
  uses_.clear();
  for (const std::uint32_t at : picked_)
    if (!uses_.empty() && uses_.back().kind == alike_[at].kind)
      ++uses_.back().count;
    else
      uses_.push_back({alike_[at].kind, 1});
  goal.found(uses_, sum);
}

}  // namespace tallymill::books
