#include "datasets/rounding.h"

#include <array>
#include <boost/multiprecision/cpp_int.hpp>

namespace tallymill {
namespace {

using Wide = boost::multiprecision::int512_t;

constexpr int kNarrowPowers = 37;

constexpr std::array<Int128, kNarrowPowers + 1> kPowersOfTen = [] {
  std::array<Int128, kNarrowPowers + 1> powers{};
  Int128 power = 1;
  for (Int128& entry : powers) {
    entry = power;
    power *= entry == powers[kNarrowPowers] ? 1 : 10;
  }
  return powers;
}();

/// Both signs are taken off before: `numerator` >= 0, `denominator` > 0; `negative` is the
/// quotient's.
template <class Integer>
Integer round_positive(const Integer& numerator, const Integer& denominator, bool negative,
                       Rounding rounding) {
  Integer quotient = numerator / denominator;
  const Integer rest = numerator - quotient * denominator;
  if (rest == 0) return quotient;
  // rest >= denominator - rest compares twice the rest without overflowing.
  const Integer gap = denominator - rest;
  bool away = false;
  switch (rounding) {
    case Rounding::half_even:
      away = rest > gap || (rest == gap && quotient % 2 != 0);
      break;
    case Rounding::half_odd:
      away = rest > gap || (rest == gap && quotient % 2 == 0);
      break;
    case Rounding::half_up:
      away = rest >= gap;
      break;
    case Rounding::half_down:
      away = rest > gap;
      break;
    case Rounding::half_ceiling:
      away = rest > gap || (rest == gap && !negative);
      break;
    case Rounding::half_floor:
      away = rest > gap || (rest == gap && negative);
      break;
    case Rounding::down:
      break;
    case Rounding::up:
      away = true;
      break;
  }
  if (away) quotient += 1;
  return quotient;
}

std::optional<Int128> scaled(Int128 value, int shift) {
  if (shift > kNarrowPowers) return std::nullopt;
  Int128 result = 0;
  if (__builtin_mul_overflow(value, kPowersOfTen[static_cast<std::size_t>(shift)], &result))
    return std::nullopt;
  return result;
}

std::optional<Int128> wide_quotient(Int128 value, Int128 divisor, int shift, Rounding rounding) {
  const bool negative = (value < 0) != (divisor < 0);
  Wide numerator = abs(Wide(value));
  Wide denominator = abs(Wide(divisor));
  (shift >= 0 ? numerator : denominator) *=
      boost::multiprecision::pow(Wide(10), static_cast<unsigned>(shift >= 0 ? shift : -shift));
  Wide quotient = round_positive(numerator, denominator, negative, rounding);
  if (quotient >= Wide(1) << 127) return std::nullopt;
  if (negative) quotient = -quotient;
  return static_cast<Int128>(quotient);
}

}  // namespace

std::optional<Rounding> rounding_from(std::string_view word) {
  constexpr std::pair<std::string_view, Rounding> kWords[] = {
      {"half_even", Rounding::half_even},
      {"half_odd", Rounding::half_odd},
      {"half_up", Rounding::half_up},
      {"half_down", Rounding::half_down},
      {"half_ceiling", Rounding::half_ceiling},
      {"half_floor", Rounding::half_floor},
      {"down", Rounding::down},
      {"up", Rounding::up}};
  for (const auto& [known, rounding] : kWords)
    if (known == word) return rounding;
  return std::nullopt;
}

std::optional<Int128> rounded_quotient(Int128 value, Int128 divisor, int shift, Rounding rounding) {
  constexpr Int128 kLowest = static_cast<Int128>(UInt128{1} << 127);
  const auto numerator = shift >= 0 ? scaled(value, shift) : std::optional(value);
  const auto denominator = shift >= 0 ? std::optional(divisor) : scaled(divisor, -shift);
  if (!numerator || !denominator || *numerator == kLowest || *denominator == kLowest)
    return wide_quotient(value, divisor, shift, rounding);
  const bool negative = (*numerator < 0) != (*denominator < 0);
  const Int128 quotient =
      round_positive(*numerator < 0 ? -*numerator : *numerator,
                     *denominator < 0 ? -*denominator : *denominator, negative, rounding);
  return negative ? -quotient : quotient;
}

}  // namespace tallymill
