// What parses as a number of a precision and scale lies in its range and prints to a text that
// parses to the same number; integers agree with decimals of scale 0.

#include <string_view>

#include "core/money.h"
#include "tests/fuzz/require.h"

using namespace tallymill;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 2) return 0;
  const int precision = 1 + data[0] % 38;
  const int scale = data[1] % (precision + 1);
  const std::string_view text(reinterpret_cast<const char*>(data + 2), size - 2);
  const auto strict = parse_decimal(text, precision, scale);
  const auto lenient = parse_decimal(text, precision, scale, true);
  if (strict) {
    TALLYMILL_REQUIRE(lenient && lenient.value == strict.value);
    const std::string printed = format_decimal(strict.value, scale);
    const auto again = parse_decimal(printed, precision, scale);
    TALLYMILL_REQUIRE(again && again.value == strict.value);
    Int128 limit = 1;
    for (int i = 0; i < precision; ++i) limit *= 10;
    TALLYMILL_REQUIRE(strict.value < limit && strict.value > -limit);
    std::string plain;
    for (char c : format_amount(strict.value, scale))
      if (c != ',') plain += c;
    TALLYMILL_REQUIRE(plain == printed);
  }
  const auto integer = parse_integer(text);
  if (integer) {
    const auto decimal = parse_decimal(text, 38, 0);
    TALLYMILL_REQUIRE(decimal && decimal.value == integer.value);
  }
  return 0;
}
