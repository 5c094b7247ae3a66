#pragma once

#include <optional>
#include <string_view>

#include "core/money.h"

namespace tallymill {

/// How a quotient becomes whole. `half_up` sends halves away from zero, `down` is towards zero,
/// `up` away from it.
enum class Rounding { half_even, half_up, down, up };
std::optional<Rounding> rounding_from(std::string_view word);

/// `value` * 10^`shift` / `divisor`, rounded; exact in every intermediate step (512 bits). Empty
/// if the result does not fit 128 bits. `divisor` is not 0, `shift` is -77 .. 77.
std::optional<Int128> rounded_quotient(Int128 value, Int128 divisor, int shift, Rounding rounding);

}  // namespace tallymill
