#pragma once

#include <optional>
#include <string_view>

#include "core/money.h"

namespace tallymill {

/// How a quotient becomes whole. Of halves: `half_up` sends them away from zero, `half_down`
/// towards it, `half_even` and `half_odd` to such a neighbour, `half_ceiling` to the greater and
/// `half_floor` to the smaller one. `down` is towards zero, `up` away from it.
enum class Rounding {
  half_even,
  half_odd,
  half_up,
  half_down,
  half_ceiling,
  half_floor,
  down,
  up,
};
std::optional<Rounding> rounding_from(std::string_view word);

/// `value` * 10^`shift` / `divisor`, rounded; exact in every intermediate step (512 bits). Empty
/// if the result does not fit 128 bits. `divisor` is not 0, `shift` is -77 .. 77.
std::optional<Int128> rounded_quotient(Int128 value, Int128 divisor, int shift, Rounding rounding);

}  // namespace tallymill
