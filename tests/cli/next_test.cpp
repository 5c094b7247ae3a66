#include <doctest/doctest.h>

#include "command_line.h"
#include "core/json.h"
#include "sample_workspace.h"

using namespace tallymill;

namespace {

CommandOutcome next(const std::string& schedule, const std::vector<std::string>& arguments) {
  const SampleWorkspace workspace;
  workspace.write("calendars/cn.yaml",
                  "calendar: cn\nyears: { 2026: { holidays: [2026-01-01..2026-01-03] } }\n");
  workspace.write("graphs/books.yaml",
                  "graph: books\nperiod: month\n" + schedule + "jobs: { a: { type: noop } }\n");
  std::vector<std::string> words{"next", "books", "--workspace", workspace.root()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run_tallymill(words);
}

constexpr const char* kThirdWorkday =
    "schedule: { cron: \"0 6 * * *\", days: nth_workday(3), timezone: Asia/Shanghai, calendar: cn "
    "}\n";

}  // namespace

TEST_CASE("next: local time, UTC and the period each time would be for") {
  const CommandOutcome outcome = next(kThirdWorkday, {"--n", "3", "--from", "2026-01-01"});
  CHECK(outcome.err.empty());
  CHECK(outcome.exit == 0);
  CHECK(outcome.out ==
        "  local time                  UTC                   period\n"
        "  Wed 2026-01-07 06:00+08:00  2026-01-06T22:00:00Z  2025-12\n"
        "  Wed 2026-02-04 06:00+08:00  2026-02-03T22:00:00Z  2026-01\n"
        "  Wed 2026-03-04 06:00+08:00  2026-03-03T22:00:00Z  2026-02\n");
}

TEST_CASE("next: times that clocks skip are told") {
  const CommandOutcome outcome =
      next("schedule: { cron: \"30 2 8,9 3 *\", timezone: America/New_York }\n",
           {"--n", "2", "--from", "2026-03-01T00:00Z"});
  CHECK(outcome.out ==
        "  local time                  UTC                   period   note\n"
        "  Sun 2026-03-08 03:00-04:00  2026-03-08T07:00:00Z  2026-02  clocks skip 2026-03-08 "
        "02:30\n"
        "  Mon 2026-03-09 02:30-04:00  2026-03-09T06:30:00Z  2026-02\n");
}

TEST_CASE("next: --json gives the same to programs") {
  const CommandOutcome outcome =
      next(kThirdWorkday, {"--n", "1", "--from", "2026-01-07T06:00+08:00", "--json"});
  const json::value value = parse_json(outcome.out, "next");
  CHECK(json::serialize(value) ==
        R"({"graph":"books","timezone":"Asia/Shanghai","from":"2026-01-06T22:00:00Z","fires":[)"
        R"({"local":"2026-02-04T06:00:00+08:00","utc":"2026-02-03T22:00:00Z",)"
        R"("named":"2026-02-04T06:00:00","period":"2026-01"}]})");
}

TEST_CASE("next: what is known is shown, then where the calendar ends") {
  const CommandOutcome outcome = next(kThirdWorkday, {"--n", "3", "--from", "2026-12-01"});
  CHECK(outcome.exit == 2);
  CHECK(outcome.out ==
        "  local time                  UTC                   period\n"
        "  Thu 2026-12-03 06:00+08:00  2026-12-02T22:00:00Z  2026-11\n");
  CHECK(outcome.err ==
        "graphs/books.yaml:3:38: error: calendar 'cn' has no data for 2027 (it has 2026), so it "
        "cannot tell whether 2027-01-01 is worked; add calendars/cn.2027.yaml\n"
        "    3 | schedule: { cron: \"0 6 * * *\", days: nth_workday(3), timezone: Asia/Shanghai, "
        "calendar: cn }\n"
        "      |                                      ^~~~~~~~~~~~~~\n");
}

TEST_CASE("next: the clock is asked only where no instant is given") {
  CHECK(next("schedule: { cron: \"@hourly\" }\n", {}).exit == 0);
  CHECK(next("schedule: { cron: \"@hourly\" }\n", {"--from", "2400-12-31T23:30Z"}).out ==
        "no fire from here on\n");
}

TEST_CASE("next: what cannot be is told") {
  CHECK(next("", {}).err ==
        "error: graph 'books' has no schedule, so it runs only when told to; add e.g. 'schedule: { "
        "cron: \"0 6 * * *\" }' to graphs/books.yaml\n");
  CHECK(next(kThirdWorkday, {"--from", "soon"}).err ==
        "error: 'soon' is no instant; write 2026-01-31, 2026-01-31T06:00 (by the clock of "
        "Asia/Shanghai), or with a Z or +08:00 behind it\n");
  CHECK(next("schedule: { cron: \"@daily\", timezone: Europe/Berlin }\n",
             {"--from", "2026-03-29T02:30"})
            .err ==
        "error: no clock of Europe/Berlin shows '2026-03-29T02:30'; name a time it does show\n");
  CHECK(next(kThirdWorkday, {"--n", "0"}).exit == 2);
}
