#include "jobs/corrections.h"

#include <doctest/doctest.h>

#include "tests/jobs/source_job_fixture.h"

using namespace tallymill;

namespace {

Schema bills() {
  return sourced({text_column("bill"), text_column("city"), money_column("amount")});
}

/// bill, city, amount, source, line
constexpr const char* kBills =
    "('b1', '北京', 10.00, 'a.csv', 2), ('b2', '?', 20.00, 'a.csv', 3), ('b3', '?', 5.00, 'a.csv', "
    "4)";

/// A cleanse of bills that rejects unknown cities.
struct Cleansed : JobFixture {
  Cleansed() {
    add_rows(*this, "bills", kBills, bills());
    set_job(
        "type: cleanse\nfrom: bills\ninto: clean\nsteps:\n"
        "  - reject: { when: \"city = '?'\", reason: no_city }\n"
        "balance: [amount]\n");
  }
};

/// Digest of the only row of `rows`.
std::string digest_of(const std::string& rows, const Schema& schema) {
  Engine engine({.threads = 1});
  return engine
      .query("SELECT " + row_digest_sql(schema) + " FROM (" + values_select(rows, schema) + ")")
      .text(0, 0);
}

Correction correct(const std::string& line, const std::string& row,
                   std::map<std::string, std::optional<std::string>> cells) {
  return {{{"_source", "a.csv"}, {"_line", line}}, digest_of(row, bills()), std::move(cells)};
}

const std::string kSecond = "('b2', '?', 20.00, 'a.csv', 3)";
const std::string kThird = "('b3', '?', 5.00, 'a.csv', 4)";

}  // namespace

TEST_CASE(
    "corrections: a corrected row goes through all steps, and the books say what it changed") {
  Cleansed job;
  job.correct(corrections_text({correct("3", kSecond, {{"city", "上海"}, {"amount", "21.50"}})}));
  job.run();
  CHECK(job.rows("clean", "bill, city, amount, _line") ==
        Lines{"b1|北京|10.00|2", "b2|上海|21.50|3"});
  CHECK(job.rows("j.rejects", "bill") == Lines{"b3"});
  CHECK(job.rows("j.corrections") ==
        Lines{"a.csv|3|amount|20.00|21.50|applied", "a.csv|3|city|?|上海|applied"});
  CHECK(job.ledger("in") == R"([{"name":"in","rows":3,"amounts":{"amount":"35.00"}}])");
  CHECK(job.ledger("out") == R"([{"name":"out","rows":2,"amounts":{"amount":"31.50"}},)"
                             R"({"name":"rejected","rows":1,"amounts":{"amount":"5.00"}},)"
                             R"({"name":"adjusted","rows":0,"amounts":{"amount":"-1.50"}}])");
  CHECK(job.report().find(R"("corrections":{"applied":2})") != std::string::npos);
}

TEST_CASE("corrections: what does not meet its row changes nothing, and is told") {
  Cleansed job;
  job.correct(corrections_text({
      correct("3", kThird, {{"city", "上海"}}),                      // the row was another
      correct("4", kThird, {{"city", "上海"}, {"amount", "5,00"}}),  // half of it does not fit
      correct("9", kThird, {{"city", "上海"}}),
      correct("2", "('b1', '北京', 10.00, 'a.csv', 2)", {{"town", "x"}}),
  }));
  job.run();
  CHECK(job.rows("clean", "bill, city, amount") == Lines{"b1|北京|10.00"});
  CHECK(job.rows("j.corrections", "line, \"column\", before, value, outcome") ==
        Lines{"2|town|-|x|no_such_column", "3|city|?|上海|row_changed",
              "4|amount|5.00|5,00|does_not_fit", "4|city|?|上海|does_not_fit",
              "9|city|-|上海|no_such_row"});
}

TEST_CASE("corrections: a cell can be emptied, but not where a value is required") {
  Cleansed job;
  Schema schema = bills();
  schema.columns[2].required = true;
  add_rows(job, "bills", kBills, schema);
  job.correct(corrections_text({correct("3", kSecond, {{"city", std::nullopt}}),
                                correct("4", kThird, {{"amount", std::nullopt}})}));
  job.run();
  CHECK(job.rows("clean", "bill, city, amount") == Lines{"b1|北京|10.00", "b2|-|20.00"});
  CHECK(job.rows("j.corrections", "line, outcome") == Lines{"3|applied", "4|does_not_fit"});
}

TEST_CASE("corrections: rows without source lines are known by their key") {
  JobFixture job;
  const Schema schema = columns_of({text_column("bill"), text_column("city")}, {"bill"});
  add_rows(job, "bills", "('b1', '?'), ('b2', '?')", schema);
  job.set_job(
      "type: cleanse\nfrom: bills\ninto: clean\nsteps:\n"
      "  - reject: { when: \"city = '?'\", reason: no_city }\n");
  job.correct(corrections_text(
      {{{{"bill", "b2"}}, digest_of("('b2', '?')", schema), {{"city", std::string("北京")}}}}));
  job.run();
  CHECK(job.rows("clean") == Lines{"b2|北京"});
  CHECK(job.rows("j.corrections") == Lines{"b2|city|?|北京|applied"});
}

TEST_CASE("corrections: a check job judges the rows as they were corrected") {
  JobFixture job;
  add_rows(job, "bills", kBills, bills());
  job.set_job(
      "type: check\nof: bills\ninto: known\nbalance: [amount]\nchecks:\n"
      "  - not_in_set: { column: city, values: ['?'], on_fail: reject }\n");
  job.correct(corrections_text({correct("3", kSecond, {{"city", "上海"}, {"amount", "19.00"}})}));
  job.run();
  CHECK(job.rows("known", "bill, city, amount") == Lines{"b1|北京|10.00", "b2|上海|19.00"});
  CHECK(job.rows("j.rejects", "bill, _reason") == Lines{"b3|not_in_set"});
  CHECK(job.rows("j.corrections", "\"column\", outcome") ==
        Lines{"amount|applied", "city|applied"});
  CHECK(job.ledger("out") == R"([{"name":"out","rows":2,"amounts":{"amount":"29.00"}},)"
                             R"({"name":"rejected","rows":1,"amounts":{"amount":"5.00"}},)"
                             R"({"name":"adjusted","rows":0,"amounts":{"amount":"1.00"}}])");
}

TEST_CASE("corrections: a record that did not parse is read as it should have been") {
  SourceJobFixture job;
  job.write("in/2026-01.csv", "id,amount\n1,10.00\n2,twelve\n3,\"x\n4,1.00\n");
  job.add_connector("d", "{ type: files, root: in }");
  job.set_job(
      "type: extract\nfrom: { connector: d, path: \"2026-01.csv\" }\ninto: sales\n"
      "columns:\n  id: { type: integer, required: true }\n  amount: money\n");
  job.run();
  REQUIRE(job.rows("j.rejects", "line, original").front() == "3|2,twelve");
  const std::string broken = job.rows("j.rejects", "original").back();
  const std::map<std::string, std::string> second{{"_source", "2026-01.csv"}, {"_line", "3"}};
  job.correct(corrections_text({{second, record_digest("2,twelve"), {{"amount", "12.00"}}},
                                {{{"_source", "2026-01.csv"}, {"_line", "4"}},
                                 record_digest(broken),
                                 {{"id", "3"}, {"amount", "7.00"}}},
                                {{{"_source", "2026-01.csv"}, {"_line", "2"}},
                                 record_digest("another"),
                                 {{"amount", "9.00"}}}}));
  const TaskResult& result = job.run();
  CHECK(result.rows_in == result.rows_out + result.rows_rejected);
  CHECK(job.text("j.corrections", "line, \"column\", before, value, outcome") ==
        "2|amount|-|9.00|row_changed\n3|amount|twelve|12.00|applied\n"
        "4|amount|-|7.00|applied\n4|id|-|3|applied\n");
  CHECK(job.text("sales", "id, amount, _line").find("2|12.00|3\n") != std::string::npos);
  CHECK(job.text("sales", "id, amount, _line").find("3|7.00|4\n") != std::string::npos);
}
