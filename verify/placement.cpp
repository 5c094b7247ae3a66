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

void Placement::serve(PlacementMethod method, Claim claim) {
  if (!last_served_.is_set || comes_before(method, last_served_, claim))
    last_served_ = std::move(claim);
}

void Placement::refuse(PlacementMethod method, Claim claim) {
  if (!first_unserved_.is_set || comes_before(method, claim, first_unserved_))
    first_unserved_ = std::move(claim);
}

std::optional<Placement::Range> Placement::add(PlacementMethod method, Int128 amount, Int128 total,
                                               Int128 weight, Int128 units, const Claim& receiver) {
  Claim claim = receiver;
  claim.is_set = true;
  claim.weight = weight;
  if (counts_units(method)) {
    if (units < 0 || units > amount || (weight == 0 && units > 0))
      return Range{.least = 0, .most = weight == 0 ? 0 : static_cast<std::int64_t>(amount)};
    if (weight == 0) return std::nullopt;
    claim.units = static_cast<std::int64_t>(units);
    refuse(method, claim);
    claim.units = static_cast<std::int64_t>(units - 1);
    if (units > 0) serve(method, std::move(claim));
    return std::nullopt;
  }
  // At most 63 bits each.
  const Int128 product = amount * weight;
  const auto quota = static_cast<std::int64_t>(product / total);
  claim.remainder = product % total;
  const bool can_win = method == PlacementMethod::largest_remainder || weight != 0;
  const std::int64_t most = can_win ? quota + 1 : quota;
  if (units < quota || units > most) return Range{.least = quota, .most = most};
  if (!can_win) return std::nullopt;
  if (units == quota)
    refuse(method, std::move(claim));
  else
    serve(method, std::move(claim));
  return std::nullopt;
}

bool Placement::holds(PlacementMethod method) const {
  return !last_served_.is_set || !first_unserved_.is_set ||
         // Its own next unit comes after its last one in every method.
         last_served_.key == first_unserved_.key ||
         comes_before(method, last_served_, first_unserved_);
}

}  // namespace tallymill::verify
