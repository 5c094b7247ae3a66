// Any text is either refused with problems that lie in it, or fires: after any instant, at times it
// says it fires at, and backwards again to where it came from.

#include <cstring>
#include <string_view>

#include "core/time/cron.h"
#include "tests/fuzz/require.h"

using namespace tallymill;

namespace {

void follow(const Cron& cron, LocalTime from) {
  const auto next = cron.next(from);
  if (!next) return;
  TALLYMILL_REQUIRE(*next > from);
  TALLYMILL_REQUIRE(cron.fires_at(*next) && cron.fires_on(next->day()));
  TALLYMILL_REQUIRE(cron.previous({next->seconds + 1}) == next);
  if (const auto before = cron.previous(*next)) {
    TALLYMILL_REQUIRE(*before <= from || from.seconds < 0);
    TALLYMILL_REQUIRE(cron.next(*before) == next);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  LocalTime from;
  if (size >= sizeof from.seconds) {
    std::memcpy(&from.seconds, data, sizeof from.seconds);
    text.remove_prefix(sizeof from.seconds);
  }
  std::vector<TextProblem> problems;
  const auto cron = Cron::parse(text, problems);
  TALLYMILL_REQUIRE(cron.has_value() == problems.empty());
  for (const TextProblem& problem : problems)
    TALLYMILL_REQUIRE(problem.length >= 1 && problem.offset <= text.size() &&
                      !problem.message.empty());
  if (!cron) return 0;
  follow(*cron, from);
  follow(*cron, {from.seconds % (kSecondsPerDay * 3'000'000)});
  return 0;
}
