#pragma once

#include <cstdint>

#include "core/money.h"

namespace tallymill::verify {

/// amount * weight = quota * total + remainder, 0 <= remainder < total. `amount` and `weight` are
/// not negative and have at most 63 bits, `total` is positive.
struct Share {
  std::int64_t quota = 0;
  Int128 remainder = 0;
};
inline Share share_of(Int128 amount, Int128 weight, Int128 total) {
  const Int128 product = amount * weight;
  return {static_cast<std::int64_t>(product / total), product % total};
}

}  // namespace tallymill::verify
