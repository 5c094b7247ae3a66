#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/money.h"

namespace tallymill {

/// `digits`, an unsigned plain decimal such as "012.50", times 10^`exponent`, without zeros that
/// say nothing: "12.5", "0.125", "125".
std::string shift_point(std::string_view digits, int exponent);

/// How people write the numbers of a column.
struct NumberSigns {
  char thousands = ',';
  char point = '.';
  bool allows_percent = false;               ///< 12 %, 3‰, 百分之三
  std::vector<std::string> currencies = {};  ///< signs that may stand before or behind
};

/// Reads a number as people write it into a plain decimal text, which a strict parser takes on:
/// thousands in groups of three, a sign on either side, negative in brackets, a currency sign on
/// either side, a unit behind (千 万 百万 千万 亿 万亿 k K), percent and per mille, or Chinese
/// numerals throughout. Exact: digits move, nothing is computed. ASCII forms; white space around
/// the number only. Anything else is not_a_number; what is longer than 128 bytes once its unit is
/// written out is out_of_range.
Parsed<std::string> plain_number(std::string_view utf8, const NumberSigns& signs);

}  // namespace tallymill
