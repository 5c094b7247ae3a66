#pragma once

#include <cstdint>
#include <span>

#include "books/allocation_method.h"
#include "core/money.h"

namespace tallymill::books {

/// Divisor methods (webster, huntington_hill) as a cut: instead of giving units one by one, the
/// priority of the last unit given is found once, and every part follows from its weight alone.

/// The next unit of a receiver of `weight` that has `units` already.
struct Claim {
  std::int64_t weight = 0;
  std::int64_t units = 0;
};
/// Whether `a` is served before `b`; neither before the other: a tie, which the key decides.
bool is_before(Method method, const Claim& a, const Claim& b);

/// The last claim that was served, and how many of the claims equal to it were.
struct DivisorCut {
  Claim last;
  std::int64_t served = 0;  ///< 0: nothing to give
};
/// `units` given to receivers of these weights, none negative and not all zero. The order of the
/// weights does not matter; they are used as working room.
DivisorCut divisor_cut(Method method, std::uint64_t units, std::span<std::int64_t> weights);

/// What a weight gets under a cut, ties apart.
struct DivisorPart {
  std::int64_t units = 0;  ///< of claims before the last one served
  bool is_tied = false;    ///< has a claim equal to it
};
DivisorPart divisor_part(Method method, std::int64_t weight, const Claim& last);

}  // namespace tallymill::books
