#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tallymill {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

/// Why a text is not the value its column declares; these are reject reason codes users read.
enum class ParseProblem {
  none,
  empty,
  not_a_number,
  surplus_fraction_digits,  ///< more digits behind the point than the scale: never rounded
  exponent,
  out_of_range,
  not_a_date,
  not_a_timestamp,
  not_a_boolean,
  not_in_set,
  ambiguous,  ///< two readings give two values
  invalid_encoding,
};
std::string_view to_string(ParseProblem problem);  ///< "surplus_fraction_digits", ...

/// A value or the reason there is none.
template <class T>
struct Parsed {
  T value{};
  ParseProblem problem = ParseProblem::none;
  explicit operator bool() const { return problem == ParseProblem::none; }
};

/// Reads a plain decimal ("-12.30", "+5", ".5" and "5." are not plain) into units of 10^-scale.
/// ASCII digits only; no separators, exponent, hex or white space. Never goes through a double.
/// Surplus fraction digits are refused even when they are zeros beyond the scale, except that
/// trailing zeros are accepted where `trailing_zeros` says so.
Parsed<Int128> parse_decimal(std::string_view text, int precision, int scale,
                             bool trailing_zeros = false);
/// Money: whole minor units of a currency with `scale` fraction digits, within DECIMAL(18, scale).
Parsed<std::int64_t> parse_money(std::string_view text, int scale);
Parsed<std::int64_t> parse_integer(std::string_view text);

/// 1230 at scale 2 -> "12.30".
std::string format_decimal(Int128 value, int scale);
/// The same with thousands separators, for people: "1,234.50".
std::string format_amount(Int128 value, int scale);

/// Exact arithmetic; empty on overflow.
std::optional<std::int64_t> checked_add(std::int64_t a, std::int64_t b);
std::optional<std::int64_t> checked_multiply(std::int64_t a, std::int64_t b);

}  // namespace tallymill
