#include <doctest/doctest.h>

#include "books.h"

using namespace tallymill;

namespace {

/// A year of months with five customers each, the last with one.
struct Year : ProgramFixture {
  Year() {
    write("tallymill.yaml",
          "workspace: year\ncurrency: { code: CNY, scale: 2 }\n"
          "connectors: { files: { type: files, root: sources } }\n");
    write("graphs/customers.yaml",
          "graph: customers\nperiod: month\njobs:\n"
          "  read_customers:\n    type: extract\n"
          "    from: { connector: files, path: \"customers-${period}.csv\" }\n"
          "    into: customers\n    columns: { customer_no: text, owed: money }\n"
          "  nobody_is_lost:\n    type: check\n    of: customers\n    checks:\n"
          "      - not_null: customer_no\n");
    for (int month = 1; month <= 8; ++month) {
      std::string text = "customer_no,owed\n";
      for (int i = 0; i < (month == 8 ? 1 : 5); ++i) text += "C" + std::to_string(i) + ",1.00\n";
      write("sources/customers-2025-0" + std::to_string(month) + ".csv", text);
    }
    REQUIRE(run({"backfill", "customers", "--from", "2025-01", "--to", "2025-08"}).exit == 0);
  }

  ProgramEnd try_check(const std::string& check, std::vector<std::string> more = {}) {
    std::string graph =
        "graph: customers\nperiod: month\njobs:\n"
        "  read_customers:\n    type: extract\n"
        "    from: { connector: files, path: \"customers-${period}.csv\" }\n"
        "    into: customers\n    columns: { customer_no: text, owed: money }\n"
        "  nobody_is_lost:\n    type: check\n    of: customers\n    checks:\n" +
        check;
    write("graphs/customers.yaml", graph);
    std::vector<std::string> words{"backtest", "customers", "nobody_is_lost"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
};

}  // namespace

TEST_CASE("backtest: a check that is not enabled yet is tried on all periods there are") {
  Year year;
  const ProgramEnd end =
      year.try_check("      - anomaly: { function: row_count, min_history: 3 }\n");
  CHECK_MESSAGE(end.exit == 0, end.err);
  CHECK(end.out.starts_with("anomaly: 1 of 5 periods judged would have been an alarm: 2025-08\n"));
  CHECK(contains(end.out,
                 "  2025-01  5      not_applicable  at least 3 earlier values, there are 0"));
  CHECK(contains(end.out, "  2025-08  1      fail            from 5 to 5 (median 5 of 7 periods)"));
  const ProgramEnd few = year.try_check(
      "      - anomaly: { function: sum, column: owed, method: change, min_history: 1 }\n",
      {"--periods", "3", "--json"});
  const json::value answer = parse_json(few.out, "backtest --json");
  const json::array& periods = answer.at("checks").at(0).at("periods").as_array();
  REQUIRE(periods.size() == 3);
  CHECK(periods[0].at("verdict").as_string() == "not_applicable");
  CHECK(periods[1].at("value").as_string() == "5.00");
  CHECK(periods[2].at("verdict").as_string() == "fail");
}

TEST_CASE("backtest: a condition on the period is another one in each period") {
  Year year;
  // In odd months one customer of five is not asked for; in 2025-08 there is but one.
  const ProgramEnd end = year.try_check(
      "      - anomaly: { function: row_count, min_history: 3, method: range, where: \"customer_no "
      "<> 'C' || (month(:period_first_day) % 2)::text\" }\n",
      {"--json"});
  CHECK_MESSAGE(end.exit == 0, end.err);
  const json::value answer = parse_json(end.out, "backtest --json");
  for (const json::value& period : answer.at("checks").at(0).at("periods").as_array())
    CHECK(period.at("value").as_string() ==
          (period.at("period").as_string() == "2025-08" ? "0" : "4"));
  const ProgramEnd only = year.try_check(
      "      - anomaly: { function: row_count, min_history: 1, where: \":period = '2025-03'\" }\n",
      {"--json"});
  CHECK_MESSAGE(only.exit == 0, only.err);
  const json::value judged = parse_json(only.out, "backtest --json");
  for (const json::value& period : judged.at("checks").at(0).at("periods").as_array()) {
    const bool is_asked = period.at("period").as_string() == "2025-03";
    CHECK(period.at("value").as_string() == (is_asked ? "5" : "0"));
  }
}

TEST_CASE("backtest: parameters are the graph's, or what is given") {
  Year year;
  const std::string check =
      "      - anomaly: { function: row_count, min_history: 3, where: \"customer_no > "
      ":param_first\" }\nparams: { first: { type: text, default: C0 } }\n";
  CHECK(contains(year.try_check(check).out, "2025-01  4 "));
  CHECK(contains(year.try_check(check, {"--param", "first=C2"}).out, "2025-01  2 "));
  CHECK(contains(year.try_check(check, {"--param", "frist=C2"}).err, "did you mean 'first'?"));
}

TEST_CASE("backtest: what cannot be tried is said") {
  Year year;
  CHECK(contains(year.try_check("      - not_null: customer_no\n").err,
                 "no check of this job compares with earlier periods"));
  CHECK(contains(
      year.try_check("      - anomaly: { function: row_count, where: \"owed > :param_least\" }\n")
          .err,
      "unknown SQL parameter ':param_least'"));
  CHECK(contains(year.run({"backtest", "customers", "read_customers"}).err,
                 "job 'read_customers' is of type extract; only checks can be back-tested"));
  CHECK(contains(year.run({"backtest", "customers", "nobody_is_lots"}).err,
                 "did you mean 'nobody_is_lost'?"));
}
