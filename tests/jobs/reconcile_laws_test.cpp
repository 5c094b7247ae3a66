#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

const Schema& deals() {
  static const Schema schema = columns_of({integer_column("id"),
                                           money_column("amount"),
                                           {.name = "day", .type = Type::date()},
                                           text_column("state"),
                                           integer_column("pieces")});
  return schema;
}

const std::string kKeyed =
    "type: reconcile\nleft: { dataset: ours, key: id, amount: amount }\n"
    "right: { dataset: theirs, key: id, amount: amount }\n"
    "compare: [{ column: day, days: 1 }, { column: state }, { column: pieces }]\n"
    "duplicates: pair\nmissing_key: break\n";

/// `n` deals of a seed; every amount is over 100 and no multiple of ten.
std::string base(int seed, int n) {
  return "SELECT CAST(n AS BIGINT) AS id, CAST((10001 + 10 * (hash(n + " + std::to_string(seed) +
         ") % 100000)) / 100 AS DECIMAL(18,2)) AS amount, DATE '2026-01-01' + (n % 28)::INTEGER AS "
         "day, 's' || n % 3 AS state, CAST(n % 7 + 1 AS BIGINT) AS pieces FROM range(" +
         std::to_string(n) + ") t(n)";
}

/// The right side with one break planted in each deal of a kind: deal n is of kind n % 20.
std::string planted(const std::string& base) {
  return "SELECT * REPLACE (CASE id % 20 WHEN 1 THEN amount + 3 WHEN 2 THEN -amount WHEN 3 THEN "
         "amount * 100 WHEN 4 THEN amount + 0.01 WHEN 5 THEN NULL ELSE amount END::DECIMAL(18,2) "
         "AS amount, CASE id % 20 WHEN 6 THEN day + 2 WHEN 7 THEN day + 1 ELSE day END::DATE AS "
         "day, CASE id % 20 WHEN 8 THEN 'other' ELSE state END AS state, CASE id % 20 WHEN 9 THEN "
         "pieces + 1 ELSE pieces END AS pieces, CASE id % 20 WHEN 10 THEN NULL ELSE id END AS id) "
         "FROM (" +
         base + ") WHERE id % 20 <> 11 UNION ALL SELECT * FROM (" + base +
         ") WHERE id % 20 = 12 UNION ALL SELECT * REPLACE (id + 1000000 AS id) FROM (" + base +
         ") WHERE id % 20 = 13";
}

void add_sides(JobFixture& job, const std::string& left, const std::string& right,
               const std::string& order) {
  job.add_input("ours", "SELECT * FROM (" + left + ") ORDER BY " + order, deals());
  job.add_input("theirs", "SELECT * FROM (" + right + ") ORDER BY " + order, deals());
}

}  // namespace

TEST_CASE("reconcile laws: a side against itself is clean, whatever its defects") {
  JobFixture job;
  const std::string side = planted(base(3, 400));
  add_sides(job, side, side, "hash(pieces)");
  job.set_job(kKeyed);
  job.run();
  // Rows without a key meet nothing, not even themselves.
  CHECK(job.rows("j.breaks", "class, cause, left_rows, right_rows") == [] {
    Lines lines(20, "left_only|missing_key|1|0");
    lines.insert(lines.end(), 20, "right_only|missing_key|0|1");
    return lines;
  }());
  job.set_job(kKeyed.substr(0, kKeyed.find("missing_key")));
  job.run();
  CHECK(job.rows("j.breaks").empty());
  CHECK(job.result.report.at("verdict").as_string() == "clean");
}

TEST_CASE("reconcile laws: every planted break is found exactly once, and nothing else is") {
  for (int seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    JobFixture job;
    const int kinds = 20;
    const std::string left = base(seed, kinds * 3);
    add_sides(job, left, planted(left), "hash(id + " + std::to_string(seed) + ")");
    job.set_job(kKeyed);
    job.run();
    const std::map<int, std::string> expected{{1, "amount|amount"},
                                              {2, "amount|sign"},
                                              {3, "amount|unit"},
                                              {4, "amount|rounding"},
                                              {5, "amount|no_amount"},
                                              {6, "timing|timing"},
                                              {8, "status|status"},
                                              {9, "quantity|quantity"},
                                              {10, "left_only|missing_right"},
                                              {11, "left_only|missing_right"},
                                              {12, "duplicate|duplicate"}};
    Lines lines;
    for (int id = 0; id < kinds * 3; ++id)
      if (const auto found = expected.find(id % kinds); found != expected.end())
        lines.push_back(std::to_string(id) + "|" + found->second);
    for (int id = 13; id < kinds * 3; id += kinds)
      lines.push_back(std::to_string(id + 1000000) + "|right_only|missing_left");
    for (int i = 0; i < 3; ++i) lines.push_back("-|right_only|missing_key");
    std::sort(lines.begin(), lines.end());
    Lines found = job.rows("j.breaks", "id, class, cause");
    std::sort(found.begin(), found.end());
    CHECK(found == lines);
    CHECK(job.result.ledger.at("balances").as_bool());
    CHECK(job.result.report.at("statement").at("residual").as_string() == "0.00");
  }
}

TEST_CASE("reconcile laws: neither order nor threads change breaks, statement or digest") {
  std::string first;
  for (int round = 0; round < 100; ++round) {
    JobFixture job;
    job.task.threads = 1 + round % 2;
    const std::string left = base(5, 100);
    add_sides(job, left, planted(left), "hash(amount + " + std::to_string(round) + ")");
    job.set_job(kKeyed);
    job.run();
    const std::string now = job.digest("j.breaks") + job.report();
    if (round == 0) first = now;
    CHECK(now == first);
  }
}

namespace {

Schema payments() {
  return columns_of({integer_column("no"), integer_column("id"), money_column("amount"),
                     text_column("currency")});
}

/// Few keys, some missing, of few amounts in three currencies.
std::string mixed(int seed) {
  const std::string h = "hash(n * 31 + " + std::to_string(seed) + ")";
  return "SELECT CAST(n AS BIGINT) AS no, CAST(CASE WHEN " + h + " % 9 = 0 THEN NULL ELSE " + h +
         " // 16 % 25 END AS BIGINT) AS id, CAST((" + h +
         " // 1024 % 5 + 1) / 100 AS DECIMAL(18,2)) AS amount, ['CNY', 'EUR', 'USD'][1 + (" + h +
         " // 65536 % 3)::INTEGER] AS currency FROM range(60) t(n)";
}

/// "CNY left_only: 3 0.07 = 0 0.00" of every class that has rows; rows of class `currency` are told
/// as what they are without their other side. `currency`: where the statement tells none.
Lines told(const JobFixture& job, const std::string& currency) {
  std::map<std::string, std::array<Int128, 4>> sums;
  for (const json::value& value : job.result.report.at("statement").at("classes").as_array()) {
    const json::object& line = value.as_object();
    const std::string name = json_text(line, "class");
    const std::string of = json_text_or(line, "currency", currency);
    const auto add = [&](const std::string& side, const std::string& as, std::size_t at) {
      std::array<Int128, 4>& sum = sums[of + " " + as];
      sum[at] += json_integer(line, side + "_rows");
      sum[at + 1] += parse_decimal(json_text(line, side + "_amount"), 38, 2).value;
    };
    add("left", name == "currency" ? "left_only" : name, 0);
    add("right", name == "currency" ? "right_only" : name, 2);
  }
  Lines lines;
  for (const auto& [name, sum] : sums)
    if (sum[0] != 0 || sum[2] != 0)
      lines.push_back(name + ": " + format_decimal(sum[0], 0) + " " + format_decimal(sum[1], 2) +
                      " = " + format_decimal(sum[2], 0) + " " + format_decimal(sum[3], 2));
  return lines;
}

}  // namespace

TEST_CASE("reconcile laws: several currencies together are each of them alone") {
  const std::vector<std::string> kinds{
      "aggregate: sum|", "|duplicates: pair\nmissing_key: break\n",
      "|stages: [ exact: {}, tolerance: { abs: \"0.01\" }, subset_sum: {} ]\nmissing_key: break\n",
      "|stages: [ exact: {}, subset_sum: {} ]\n"};
  for (int seed = 1; seed <= 6; ++seed)
    for (const std::string& kind : kinds) {
      CAPTURE(seed);
      CAPTURE(kind);
      JobFixture job;
      const std::size_t bar = kind.find('|');
      const auto sides = [&](const std::string& more) {
        const std::string rest = ", key: id, amount: amount, " + more +
                                 (bar > 0 ? ", " + kind.substr(0, bar) : std::string()) + " }\n";
        return "type: reconcile\nleft: { dataset: ours" + rest + "right: { dataset: theirs" + rest +
               kind.substr(bar + 1);
      };
      const auto add = [&](const std::string& order) {
        Schema schema = payments();
        schema.key = {"no"};
        job.add_input("ours", "SELECT * FROM (" + mixed(seed) + ") ORDER BY " + order, schema);
        job.add_input("theirs", "SELECT * FROM (" + mixed(seed + 100) + ") ORDER BY " + order,
                      schema);
      };
      add("no");
      Lines alone;
      for (const char* currency : {"CNY", "EUR", "USD"}) {
        job.set_job(sides("where: \"currency = '" + std::string(currency) + "'\""));
        job.run();
        const Lines lines = told(job, currency);
        alone.insert(alone.end(), lines.begin(), lines.end());
      }
      job.set_job(sides("currency: currency"));
      job.run();
      CHECK(told(job, "") == alone);
      CHECK(job.result.ledger.at("balances").as_bool());
      const std::string digest = job.digest("j.breaks");
      add("hash(no)");
      job.task.threads = 2;
      job.run();
      CHECK(job.digest("j.breaks") == digest);
    }
}
