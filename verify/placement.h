#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/money.h"

namespace tallymill::verify {

/// One unit of a pool that a receiver has, or the one it would get next: what methods compare.
struct Claim {
  bool is_set = false;
  Int128 weight = 0;
  std::int64_t units = 0;  ///< the receiver has before it
  Int128 remainder = 0;    ///< of its exact share, in units of 1 / total
  std::string key = {};    ///< of the receiver, in order
  std::string name = {};
  std::string file = {};
  std::int64_t line = 0;
};

/// The methods whose parts can be judged one by one, docs/jobs/allocate.md. `cumulative` needs an
/// order: see cumulative.h.
enum class PlacementMethod { largest_remainder, remainder_to_first, webster, huntington_hill };
std::optional<PlacementMethod> placement_method(std::string_view name);

/// Whether the units of one pool were placed by a method, told from its parts in any order: of all
/// units that receivers got, the one that was served last must come before the first that nobody
/// got. Together with the sum of the parts that decides every part.
class Placement {
 public:
  /// What a receiver's coins could be.
  struct Range {
    std::int64_t least = 0;
    std::int64_t most = 0;
  };
  /// Fills in key, name and place of a claim's receiver; asked only where that counts.
  using Describe = std::function<void(Claim&)>;

  /// `coins` (not negative) of a receiver whose weight is `weight` of `total`, both and `amount` of
  /// at most 63 bits. Gives what they could be if they cannot be that; nothing is kept then.
  std::optional<Range> add(PlacementMethod method, Int128 amount, Int128 total, Int128 weight,
                           Int128 coins, const Describe& describe);

  /// True unless a unit went to a receiver that comes after one that did not get it.
  bool holds(PlacementMethod method) const;
  const Claim& last_served() const { return last_served_; }
  const Claim& first_unserved() const { return first_unserved_; }

 private:
  /// Keeps `claim` if it is the first, or comes before (`sign` -1) or after (1) the one that is.
  static void keep(PlacementMethod method, Claim& edge, int sign, Claim claim,
                   const Describe& describe);

  Claim last_served_;
  Claim first_unserved_;
};

}  // namespace tallymill::verify
