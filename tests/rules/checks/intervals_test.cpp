#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kPrices{
    {"item", Type::text()}, {"begins", Type::date()}, {"ends", Type::date()}};

std::vector<std::string> failing(const std::string& rows, const std::string& options) {
  CheckFixture data(kPrices,
                    "select item, ('2026-01-' || a)::date, ('2026-01-' || b)::date from "
                    "(values " +
                        rows + ") t(item, a, b)");
  return data.findings(
      data.run("- intervals: { begins: begins, ends: ends, within: item" + options + " }"),
      "item, day(begins)");
}

}  // namespace

TEST_CASE("intervals: both of two that overlap fail, also where one lies inside a long one") {
  CHECK(failing("('x', '01', '10'), ('x', '02', '03'), ('x', '05', '06'), ('x', '11', '12')", "") ==
        std::vector<std::string>{"x | 1", "x | 2", "x | 5"});
  CHECK(failing("('x', '01', '10'), ('y', '05', '20')", "").empty());
}

TEST_CASE("intervals: an end that is included touches the next beginning, an excluded one not") {
  CHECK(failing("('x', '01', '10'), ('x', '10', '20')", "").size() == 2);
  CHECK(failing("('x', '01', '10'), ('x', '10', '20')", ", end: excluded").empty());
}

TEST_CASE("intervals: the same interval twice overlaps itself") {
  CHECK(failing("('x', '01', '10'), ('x', '01', '10')", "").size() == 2);
}

TEST_CASE("intervals: one that ends before it begins fails; of one day only an excluded end does") {
  CHECK(failing("('x', '05', '04')", "").size() == 1);
  CHECK(failing("('x', '05', '05')", "").empty());
  CHECK(failing("('x', '05', '05')", ", end: excluded").size() == 1);
}

TEST_CASE("intervals: gaps may be forbidden or required") {
  const std::string rows = "('x', '01', '10'), ('x', '11', '12'), ('x', '14', '15')";
  CHECK(failing(rows, ", gaps: forbidden") == std::vector<std::string>{"x | 14"});
  CHECK(failing(rows, ", gaps: required") == std::vector<std::string>{"x | 11"});
  CHECK(failing("('x', '01', '10'), ('x', '02', '03'), ('x', '11', '12')",
                ", gaps: forbidden, overlaps: allowed")
            .empty());
}

TEST_CASE("intervals: without an end one goes on for ever") {
  CHECK(failing("('x', '01', null), ('x', '20', '21')", "").size() == 2);
  CHECK(failing("('x', '01', '10'), ('x', '11', null)", ", gaps: forbidden").empty());
}

TEST_CASE("intervals: integers and timestamps have intervals, too") {
  CheckFixture data({{"a", Type::integer()}, {"b", Type::integer()}},
                    "values (1, 5), (6, null), (9, 9)");
  CHECK(data.run_one("- intervals: { begins: a, ends: b }").message ==
        "intervals(a): 2 of 3 rows failed; expected intervals that begin before they end, do not "
        "overlap");
  CheckFixture times({{"a", Type::timestamp()}, {"b", Type::timestamp()}},
                     "values (timestamp '2026-01-01 08:00:00', timestamp '2026-01-01 09:00:00'), "
                     "(timestamp '2026-01-01 09:00:00', null)");
  CHECK(times.run_one("- intervals: { begins: a, ends: b, end: excluded, gaps: forbidden }")
            .verdict == CheckVerdict::pass);
}

TEST_CASE("intervals: a dataset without rows is not applicable") {
  CheckFixture data(kPrices, "select 'x', null, null where false");
  CHECK(data.run_one("- intervals: { begins: begins, ends: ends }").verdict ==
        CheckVerdict::not_applicable);
}

TEST_CASE("intervals: ends of other types, and gaps nobody can close, are refused") {
  CheckFixture data({{"t", Type::text()}, {"d", Type::date()}, {"s", Type::timestamp()}},
                    "values ('', null, null)");
  CHECK(data.problems_of("- intervals: { begins: t, ends: d }\n"
                         "- intervals: { begins: d, ends: s }\n"
                         "- intervals: { begins: s, ends: s, gaps: forbidden, name: c }\n") ==
        "t.yaml:1:24: error: column 't' is text; intervals takes dates, timestamps and integers\n"
        "t.yaml:2:33: error: column 'd' is date but 's' is timestamp\n"
        "t.yaml:3:42: error: nothing follows a timestamp that is included: say end: excluded, or "
        "allow gaps\n");
}
