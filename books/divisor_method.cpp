#include "books/divisor_method.h"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <vector>

namespace tallymill::books {
namespace {

/// Holds weight * weight * n * (n + 1) of 63-bit numbers.
using Wide = boost::multiprecision::uint256_t;

Wide square(std::int64_t value) { return Wide(value) * value; }
/// n * (n + 1)
Wide step(std::int64_t n) { return Wide(n) * (Wide(n) + 1); }

UInt128 odd(std::int64_t units) { return 2 * static_cast<UInt128>(units) + 1; }

bool webster_before(const Claim& a, const Claim& b) {
  return static_cast<UInt128>(a.weight) * odd(b.units) >
         static_cast<UInt128>(b.weight) * odd(a.units);
}

constexpr std::int64_t kSmall = std::int64_t{1} << 31;
/// Products of two such claims stay below 2^124.
bool is_small(const Claim& claim) { return claim.weight < kSmall && claim.units < kSmall - 1; }
UInt128 small_square(std::int64_t value) {
  return static_cast<UInt128>(value) * static_cast<UInt128>(value);
}
UInt128 small_step(std::int64_t n) { return small_square(n) + static_cast<UInt128>(n); }

bool hill_before(const Claim& a, const Claim& b) {
  if (a.units == 0 || b.units == 0)
    return a.units == b.units ? a.weight > b.weight : a.units < b.units;
  if (is_small(a) && is_small(b))
    return small_square(a.weight) * small_step(b.units) >
           small_square(b.weight) * small_step(a.units);
  return square(a.weight) * step(b.units) > square(b.weight) * step(a.units);
}

/// A start near the end: the exact share rounded as the method rounds. The rest is given or taken
/// back one by one.
std::int64_t rounded_share(Method method, UInt128 units, std::int64_t weight, UInt128 total) {
  const UInt128 product = units * static_cast<UInt128>(weight);
  const UInt128 quota = product / total;
  const UInt128 rest = product - quota * total;
  if (method == Method::webster) return static_cast<std::int64_t>(quota + (rest >= total - rest));
  // Up where (quota + rest / total)^2 > quota * (quota + 1).
  const auto is_above = [](const auto& whole, const auto& left, const auto& all) {
    return 2 * whole * left * all + left * left > whole * all * all;
  };
  using boost::multiprecision::uint512_t;
  constexpr int kTotalBits = 40;
  constexpr int kQuotaBits = 45;
  const bool fits = total >> kTotalBits == 0 && quota >> kQuotaBits == 0;
  const bool is_up = fits ? is_above(quota, rest, total)
                          : is_above(uint512_t(quota), uint512_t(rest), uint512_t(total));
  return static_cast<std::int64_t>(quota) + (is_up ? 1 : 0);
}

/// Receivers with what they have, as a heap by their next or their last unit.
class Rounds {
 public:
  Rounds(Method method, std::span<const std::int64_t> weights, std::vector<std::int64_t>& had)
      : method_(method), weights_(weights), had_(had), heap_(weights.size()) {
    for (std::size_t i = 0; i < heap_.size(); ++i) heap_[i] = i;
  }

  void give(std::uint64_t units) {
    const auto later = [&](std::size_t a, std::size_t b) {
      return is_before(method_, next(b), next(a));
    };
    each(units, later, 1);
  }

  void take_back(std::uint64_t units) {
    std::erase_if(heap_, [&](std::size_t i) { return had_[i] == 0; });
    const auto earlier = [&](std::size_t a, std::size_t b) {
      if (had_[a] == 0 || had_[b] == 0) return had_[a] == 0 && had_[b] != 0;
      return is_before(method_, last(a), last(b));
    };
    each(units, earlier, -1);
  }

  Claim last(std::size_t i) const { return {weights_[i], had_[i] - 1}; }

 private:
  Claim next(std::size_t i) const { return {weights_[i], had_[i]}; }

  template <class Order>
  void each(std::uint64_t units, Order order, std::int64_t change) {
    std::make_heap(heap_.begin(), heap_.end(), order);
    for (; units > 0; --units) {
      std::pop_heap(heap_.begin(), heap_.end(), order);
      had_[heap_.back()] += change;
      std::push_heap(heap_.begin(), heap_.end(), order);
    }
  }

  Method method_;
  std::span<const std::int64_t> weights_;
  std::vector<std::int64_t>& had_;
  std::vector<std::size_t> heap_;
};

}  // namespace

bool is_before(Method method, const Claim& a, const Claim& b) {
  return method == Method::webster ? webster_before(a, b) : hill_before(a, b);
}

DivisorCut divisor_cut(Method method, std::uint64_t units, std::span<std::int64_t> weights) {
  if (units == 0) return {};
  weights = weights.first(
      static_cast<std::size_t>(std::remove(weights.begin(), weights.end(), 0) - weights.begin()));
  UInt128 total = 0;
  for (const std::int64_t weight : weights) total += static_cast<UInt128>(weight);
  std::vector<std::int64_t> had(weights.size());
  std::uint64_t given = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    had[i] = rounded_share(method, units, weights[i], total);
    given += static_cast<std::uint64_t>(had[i]);
  }
  Rounds rounds(method, weights, had);
  if (given < units) rounds.give(units - given);
  if (given > units) rounds.take_back(given - units);

  DivisorCut cut;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (had[i] == 0) continue;
    const Claim claim = rounds.last(i);
    if (cut.served == 0 || is_before(method, cut.last, claim))
      cut = {claim, 1};
    else if (!is_before(method, claim, cut.last))
      ++cut.served;
  }
  return cut;
}

namespace {

DivisorPart webster_part(std::int64_t weight, const Claim& last) {
  // Claims before the last: 2n + 1 < weight * (2 * last.units + 1) / last.weight.
  const UInt128 product = static_cast<UInt128>(weight) * odd(last.units);
  const auto divisor = static_cast<UInt128>(last.weight);
  const UInt128 quotient = product / divisor;
  const bool is_whole = quotient * divisor == product;
  const UInt128 bound = is_whole ? quotient - 1 : quotient;
  return {static_cast<std::int64_t>((bound + 1) / 2), is_whole && quotient % 2 == 1};
}

/// The largest n with n * (n + 1) <= bound.
std::int64_t largest_step(const Wide& bound) {
  const auto n = static_cast<std::int64_t>(boost::multiprecision::sqrt(bound));
  return step(n) > bound ? n - 1 : n;
}
/// Likewise of a bound below 2^62, which a root in doubles misses by one at most.
std::int64_t largest_step(std::uint64_t bound) {
  auto n = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(bound)));
  while (n * (n + 1) > bound) --n;
  while ((n + 1) * (n + 2) <= bound) ++n;
  return static_cast<std::int64_t>(n);
}

/// `product` and `divisor`: weight^2 * step(last.units) and last.weight^2. The first unit comes
/// before the last claim; then those with n * (n + 1) < product / divisor.
template <class Integer, class Quotient>
DivisorPart part_before(const Integer& product, const Integer& divisor) {
  const Integer quotient = product / divisor;
  const bool is_whole = quotient * divisor == product;
  const auto bound = static_cast<Quotient>(is_whole ? Integer(quotient - 1) : quotient);
  const std::int64_t n = largest_step(bound);
  return {n + 1, is_whole && step(n + 1) == Wide(quotient)};
}

DivisorPart hill_part(std::int64_t weight, const Claim& last) {
  if (last.units == 0) return {weight > last.weight ? 1 : 0, weight == last.weight};
  if (is_small({weight, 0}) && is_small(last)) {
    const UInt128 product = small_square(weight) * small_step(last.units);
    const UInt128 divisor = small_square(last.weight);
    if (product / divisor < UInt128{1} << 62)
      return part_before<UInt128, std::uint64_t>(product, divisor);
  }
  return part_before<Wide, Wide>(square(weight) * step(last.units), square(last.weight));
}

}  // namespace

DivisorPart divisor_part(Method method, std::int64_t weight, const Claim& last) {
  if (weight <= 0) return {};
  return method == Method::webster ? webster_part(weight, last) : hill_part(weight, last);
}

}  // namespace tallymill::books
