#include "verify/placement.h"

#include <boost/multiprecision/cpp_int.hpp>

namespace tallymill::verify {
namespace {

using Wide = boost::multiprecision::uint256_t;

Wide wide(Int128 value) { return Wide(static_cast<UInt128>(value)); }

/// Negative: `a` is served before `b`; zero: their keys decide.
int compare(PlacementMethod method, const Claim& a, const Claim& b) {
  const auto larger_first = [](const auto& left, const auto& right) {
    return left > right ? -1 : left < right ? 1 : 0;
  };
  switch (method) {
    case PlacementMethod::largest_remainder:
      return larger_first(a.remainder, b.remainder);
    case PlacementMethod::remainder_to_first:
      return 0;
    case PlacementMethod::webster:
      return larger_first(wide(a.weight) * (2 * wide(b.units) + 1),
                          wide(b.weight) * (2 * wide(a.units) + 1));
    case PlacementMethod::huntington_hill:
      // A first unit comes before every other.
      if (a.units == 0 || b.units == 0) {
        if (a.units != b.units) return a.units == 0 ? -1 : 1;
        return larger_first(a.weight, b.weight);
      }
      return larger_first(wide(a.weight) * wide(a.weight) * wide(b.units) * (wide(b.units) + 1),
                          wide(b.weight) * wide(b.weight) * wide(a.units) * (wide(a.units) + 1));
  }
  return 0;
}

bool comes_before(PlacementMethod method, const Claim& a, const Claim& b) {
  const int order = compare(method, a, b);
  return order != 0 ? order < 0 : a.key < b.key;
}

bool counts_units(PlacementMethod method) {
  return method == PlacementMethod::webster || method == PlacementMethod::huntington_hill;
}

}  // namespace

std::optional<PlacementMethod> placement_method(std::string_view name) {
  if (name == "largest_remainder") return PlacementMethod::largest_remainder;
  if (name == "remainder_to_first") return PlacementMethod::remainder_to_first;
  if (name == "webster") return PlacementMethod::webster;
  if (name == "huntington_hill") return PlacementMethod::huntington_hill;
  return std::nullopt;
}

void Placement::keep(PlacementMethod method, Claim& edge, int sign, Claim claim,
                     const Describe& describe) {
  claim.is_set = true;
  if (edge.is_set) {
    const int order = compare(method, claim, edge);
    if (order != 0 && (order < 0) != (sign < 0)) return;
    describe(claim);
    if (order == 0 && (claim.key < edge.key) != (sign < 0)) return;
  } else {
    describe(claim);
  }
  edge = std::move(claim);
}

std::optional<Placement::Range> Placement::add(PlacementMethod method, Int128 amount, Int128 total,
                                               Int128 weight, Int128 coins,
                                               const Describe& describe) {
  constexpr int kFirst = -1;
  constexpr int kLast = 1;
  Claim claim;
  claim.weight = weight;
  if (counts_units(method)) {
    if (coins < 0 || coins > amount || (weight == 0 && coins > 0))
      return Range{.least = 0, .most = weight == 0 ? 0 : static_cast<std::int64_t>(amount)};
    if (weight == 0) return std::nullopt;
    claim.units = static_cast<std::int64_t>(coins);
    keep(method, first_unserved_, kFirst, claim, describe);
    claim.units = static_cast<std::int64_t>(coins - 1);
    if (coins > 0) keep(method, last_served_, kLast, claim, describe);
    return std::nullopt;
  }
  const Int128 product = amount * weight;
  const auto quota = static_cast<std::int64_t>(product / total);
  claim.remainder = product - quota * total;
  const bool can_win = method == PlacementMethod::largest_remainder || weight != 0;
  const std::int64_t most = can_win ? quota + 1 : quota;
  if (coins < quota || coins > most) return Range{.least = quota, .most = most};
  if (can_win && coins == quota) keep(method, first_unserved_, kFirst, claim, describe);
  if (can_win && coins != quota) keep(method, last_served_, kLast, claim, describe);
  return std::nullopt;
}

bool Placement::holds(PlacementMethod method) const {
  return !last_served_.is_set || !first_unserved_.is_set ||
         // Its own next unit comes after its last one in every method.
         last_served_.key == first_unserved_.key ||
         comes_before(method, last_served_, first_unserved_);
}

}  // namespace tallymill::verify
