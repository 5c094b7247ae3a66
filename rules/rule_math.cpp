#include "rules/rule_math.h"

#include <cmath>
#include <cstdint>
#include <limits>

#include "core/money.h"

namespace {

enum Mode { half_up, half_even, down, up, floor_mode, ceiling };

/// Whether the magnitude grows by one, given how twice the rest compares with the divisor.
bool rounds_away(int mode, bool negative, int half_comparison, bool is_odd) {
  switch (mode) {
    case half_up:
      return half_comparison >= 0;
    case half_even:
      return half_comparison > 0 || (half_comparison == 0 && is_odd);
    case up:
      return true;
    case floor_mode:
      return negative;
    case ceiling:
      return !negative;
    default:
      return false;
  }
}

constexpr double kMaxExact = 9007199254740992.0;  // 2^53

}  // namespace

double tallymill_share(double amount, double part, double whole, int mode) noexcept {
  using tallymill::Int128;
  Int128 numerator = static_cast<Int128>(amount) * static_cast<Int128>(part);
  auto denominator = static_cast<Int128>(whole);
  bool negative = (numerator < 0) != (denominator < 0);
  if (numerator < 0) numerator = -numerator;
  if (denominator < 0) denominator = -denominator;
  Int128 quotient = numerator / denominator;
  const Int128 rest = numerator % denominator;
  if (rest != 0) {
    const Int128 twice = rest * 2;
    const int comparison = twice < denominator ? -1 : (twice == denominator ? 0 : 1);
    if (rounds_away(mode, negative, comparison, quotient % 2 != 0)) ++quotient;
  }
  if (quotient > static_cast<Int128>(kMaxExact)) return std::numeric_limits<double>::quiet_NaN();
  const auto magnitude = static_cast<double>(quotient);
  return negative && quotient != 0 ? -magnitude : magnitude;
}

double tallymill_share_rest(double amount, double part, double whole) noexcept {
  using tallymill::Int128;
  const Int128 product = static_cast<Int128>(amount) * static_cast<Int128>(part);
  return static_cast<double>(product % static_cast<Int128>(whole));
}

double tallymill_round(double x, int mode) noexcept {
  const double magnitude = std::fabs(x);
  double whole = std::floor(magnitude);
  const double rest = magnitude - whole;
  if (rest > 0) {
    const int comparison = rest < 0.5 ? -1 : (rest == 0.5 ? 0 : 1);
    if (rounds_away(mode, x < 0, comparison, std::fmod(whole, 2.0) != 0.0)) whole += 1;
  }
  return x < 0 && whole != 0 ? -whole : whole;
}

double tallymill_random(const char* key, std::size_t length) noexcept {
  // FNV-1a spreads the bytes, the splitmix64 finaliser their bits. Fixed here, because a change of
  // the function would change results of unchanged rules.
  std::uint64_t hash = 14695981039346656037ULL;
  for (std::size_t i = 0; i < length; ++i) {
    hash ^= static_cast<unsigned char>(key[i]);
    hash *= 1099511628211ULL;
  }
  hash = (hash ^ (hash >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  hash = (hash ^ (hash >> 27U)) * 0x94d049bb133111ebULL;
  hash ^= hash >> 31U;
  return static_cast<double>(hash >> 11U) * 0x1.0p-53;
}
