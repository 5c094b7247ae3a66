// A text that reads as a date reads as the same one after folding it twice, and a date's own text
// reads as that date; the first form's answer is the answer wherever there is only one.

#include <string_view>

#include "core/time/written_date.h"
#include "tests/fuzz/require.h"

using namespace tallymill;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const WrittenDate reader({"%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%Y年%m月%d日", "excel"});
  const std::string folded = fold_date(text);
  const Parsed<Date> date = reader.parse(folded, false);
  if (!date) return 0;
  TALLYMILL_REQUIRE(reader.parse(folded, true).value == date.value);
  TALLYMILL_REQUIRE(reader.parse(date.value.text(), false).value == date.value);
  TALLYMILL_REQUIRE(reader.parse(fold_date(folded), false).value == date.value);
  return 0;
}
