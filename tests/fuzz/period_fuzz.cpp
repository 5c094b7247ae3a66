// Period, date and timestamp texts either are refused or read back what they print; patterns that
// the loader lets pass never throw on a row.

#include <string_view>

#include "core/error.h"
#include "core/time/date.h"
#include "core/time/period.h"
#include "tests/fuzz/require.h"

using namespace tallymill;

namespace {

void check_period(std::string_view text) {
  const auto period = Period::parse(text);
  if (!period) return;
  TALLYMILL_REQUIRE(period->text() == text);
  TALLYMILL_REQUIRE(period->first_day() <= period->last_day());
  TALLYMILL_REQUIRE(Period::containing(period->kind(), period->last_day()) == *period);
  try {
    TALLYMILL_REQUIRE(period->next().next(-1) == *period);
  } catch (const Error&) {
    TALLYMILL_REQUIRE(period->last_day().year() >= 9999);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check_period(input);
  if (const auto date = parse_date(input)) TALLYMILL_REQUIRE(date.value.text() == input);
  if (const auto instant = parse_timestamp(input)) {
    const auto again = parse_timestamp(format_timestamp(instant.value));
    // A zone may carry an instant of year 1 or 9999 over the edge.
    if (instant.value >= parse_timestamp("0001-01-02T00:00:00").value &&
        instant.value <= parse_timestamp("9999-12-30T00:00:00").value)
      TALLYMILL_REQUIRE(again && again.value == instant.value);
  }
  const std::size_t split = input.find('\n');
  if (split == std::string_view::npos) return 0;
  const std::string_view pattern = input.substr(0, split);
  if (pattern.empty() || !timestamp_pattern_problem(pattern).empty()) return 0;
  const auto instant = parse_timestamp(input.substr(split + 1), pattern);
  const auto date = parse_date(input.substr(split + 1), pattern);
  TALLYMILL_REQUIRE(static_cast<bool>(instant) == static_cast<bool>(date));
  return 0;
}
