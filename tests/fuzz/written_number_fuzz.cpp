// What reads as a number is a plain decimal without zeros that say nothing, and reads again as
// itself; moving its point there and back changes nothing.

#include <string_view>

#include "core/written_number.h"
#include "tests/fuzz/require.h"

using namespace tallymill;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const bool has_comma = (data[0] & 1) != 0;
  const NumberSigns signs{.thousands = has_comma ? '.' : ',',
                          .point = has_comma ? ',' : '.',
                          .allows_percent = (data[0] & 2) != 0,
                          .currencies = {"¥", "￥", "CNY", "元"}};
  const Parsed<std::string> read = plain_number(text, signs);
  if (!read) return 0;
  std::string plain = read.value;
  TALLYMILL_REQUIRE(plain_number(plain, {}).value == plain);
  const bool is_negative = plain.front() == '-';
  if (is_negative) plain.erase(0, 1);
  TALLYMILL_REQUIRE(!is_negative || plain != "0");
  TALLYMILL_REQUIRE(shift_point(shift_point(plain, 5), -5) == plain);
  return 0;
}
