#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

Schema cost_schema() {
  return {.columns = {text_column("item"), text_column("org"), money_column("amount")},
          .key = {},
          .has_provenance = true};
}

/// item, org, amount, source, line
constexpr const char* kCosts =
    "('C1', 'K1', 10.00, 'a.csv', 2), ('C2', 'K1', 20.00, 'a.csv', 3), ('C2', 'K1', 20.00, "
    "'a.csv', 4), ('X', NULL, 5.00, 'a.csv', 5), ('C3', 'K2', -1.50, 'a.csv', 6), ('X', NULL, "
    "5.00, 'a.csv', 7)";

}  // namespace

TEST_CASE("cleanse: a row carries all its reasons and is counted by the first one") {
  JobFixture job;
  add_rows(job, "costs", kCosts, cost_schema());
  job.set_job(
      "type: cleanse\nfrom: costs\ninto: clean\nsteps:\n"
      "  - reject: { when: \"item = 'X'\", reason: no_item, message: item X is gone }\n"
      "  - reject: { when: \"org is null\", reason: no_org }\n"
      "  - dedupe: { exact: true }\n"
      "  - filter: { keep: \"amount > 0\", reason: negative }\n"
      "balance: [amount]\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"C1|K1|10.00|a.csv|2", "C2|K1|20.00|a.csv|3"});
  CHECK(job.rows("j.rejects", "item, amount, _reason, _reasons, _rule, _message, _line") ==
        Lines{"X|5.00|no_item|no_item;no_org|step 1: reject|item X is gone; org is null|5",
              "X|5.00|no_item|no_item;no_org;duplicate|step 1: reject|item X is gone; org is null; "
              "the same row as a.csv:5|7"});
  CHECK(job.rows("j.merged", "item, _reason, _message, _line") ==
        Lines{"C2|duplicate|the same row as a.csv:3|4"});
  CHECK(job.rows("j.filtered", "item, _reason, _message") == Lines{"C3|negative|not: amount > 0"});
  CHECK(job.report() ==
        R"({"reasons":{"duplicate":{"rows":2,"first":1},"negative":{"rows":1,"first":1},)"
        R"("no_item":{"rows":2,"first":2},"no_org":{"rows":2,"first":0}}})");
  CHECK(job.result.rows_in == 6);
  CHECK(job.result.rows_out == 2);
  CHECK(job.result.rows_rejected == 2);
}

TEST_CASE("cleanse: the ledger holds every row and amount") {
  JobFixture job;
  add_rows(job, "costs", kCosts, cost_schema());
  job.set_job(
      "type: cleanse\nfrom: costs\ninto: clean\nsteps:\n"
      "  - reject: { when: \"item = 'X'\" }\n"
      "  - dedupe: { exact: true }\n"
      "  - filter: { keep: \"amount > 0\" }\n"
      "balance: [amount]\n");
  job.run();
  CHECK(job.ledger("in") == R"([{"name":"in","rows":6,"amounts":{"amount":"58.50"}}])");
  CHECK(job.ledger("out") == R"([{"name":"out","rows":2,"amounts":{"amount":"30.00"}},)"
                             R"({"name":"rejected","rows":2,"amounts":{"amount":"10.00"}},)"
                             R"({"name":"merged","rows":1,"amounts":{"amount":"20.00"}},)"
                             R"({"name":"filtered","rows":1,"amounts":{"amount":"-1.50"}}])");
  CHECK(job.result.ledger.at("balances").as_bool());
}

TEST_CASE("cleanse: a step that writes a balanced column is accounted for as adjusted") {
  JobFixture job;
  add_rows(job, "costs", "('C1', 'K1', 10.00, 'a', 1), ('C2', 'K1', NULL, 'a', 2)", cost_schema());
  job.set_job(
      "type: cleanse\nfrom: costs\ninto: clean\nsteps:\n"
      "  - default: { column: amount, value: \"2.50\" }\n"
      "  - derive: { amount: { type: money, sql: \"round_money(amount * 0.5, 'half_even')\" } }\n"
      "balance: [amount]\n");
  job.run();
  CHECK(job.rows("clean", "item, amount") == Lines{"C1|5.00", "C2|1.25"});
  CHECK(json::serialize(job.result.report.at("adjusted")) ==
        R"([{"step":"step 1: default","column":"amount","amount":"2.50"},)"
        R"({"step":"step 2: derive","column":"amount","amount":"-6.25"}])");
  CHECK(json::serialize(job.result.ledger.at("out").as_array().back()) ==
        R"({"name":"adjusted","rows":0,"amounts":{"amount":"3.75"}})");
}

TEST_CASE("cleanse: a balanced column made on the way comes in with its making, rejects too") {
  JobFixture job;
  add_rows(job, "lines", "('a', 3, 1.10), ('b', 2, 5.00), ('b', NULL, 5.00)",
           {.columns = {text_column("item"), integer_column("quantity"), money_column("price")},
            .key = {}});
  job.set_job(
      "type: cleanse\nfrom: lines\ninto: clean\nsteps:\n"
      "  - derive: { total: { type: money, sql: \"round_money(quantity * price, 'half_even')\" } "
      "}\n"
      "  - reject: { when: \"item = 'a'\" }\n"
      "balance: [total]\n");
  job.run();
  CHECK(job.ledger("in") == R"([{"name":"in","rows":3,"amounts":{"total":"13.30"}}])");
  CHECK(job.ledger("out") == R"([{"name":"out","rows":2,"amounts":{"total":"10.00"}},)"
                             R"({"name":"rejected","rows":1,"amounts":{"total":"3.30"}}])");
}

TEST_CASE("cleanse: run on its own output it changes nothing") {
  JobFixture job;
  add_rows(job, "costs",
           "('\xE3\x80\x80 \xEF\xBC\xA3\xEF\xBC\x91 ', 'k1', 10.00, 'a', 1), ('c1', 'K1', 10.00, "
           "'a', 2), (NULL, '\t', 0.10, 'a', 3)",
           cost_schema());
  job.set_job(
      "type: cleanse\nfrom: costs\ninto: clean\nsteps:\n"
      "  - width: [item, org]\n  - trim: [item, org]\n  - case: { columns: [item, org], to: upper "
      "}\n"
      "  - default: { column: item, value: none }\n  - dedupe: { exact: true }\n");
  job.run();
  const std::string once = job.digest("clean");
  CHECK(job.rows("clean", "item, org, amount") == Lines{"C1|K1|10.00", "none||0.10"});
  job.feed("clean", "costs");
  job.set_job(
      "type: cleanse\nfrom: costs\ninto: clean\nsteps:\n"
      "  - width: [item, org]\n  - trim: [item, org]\n  - case: { column: org, to: upper }\n"
      "  - default: { column: item, value: none }\n  - dedupe: { exact: true }\n");
  job.run();
  CHECK(job.digest("clean") == once);
  CHECK(job.rows("j.merged").empty());
}

TEST_CASE("cleanse: the order of rows changes neither data nor evidence") {
  JobFixture job;
  const std::string yaml =
      "type: cleanse\nfrom: costs\ninto: clean\nsteps:\n"
      "  - reject: { when: \"n % 7 = 0\", reason: seventh }\n"
      "  - dedupe: { by: [item], order: [amount desc], keep: first }\n"
      "  - filter: { keep: \"n % 11 <> 0\" }\n";
  const Schema schema{.columns = {text_column("item"), integer_column("n"), money_column("amount")},
                      .key = {},
                      .has_provenance = true};
  const auto made = [&](const std::string& order) {
    job.add_input("costs",
                  "SELECT 'i' || (n % 97) AS item, n, CAST(n % 13 AS DECIMAL(18,2)) AS amount, 'a' "
                  "AS _source, n AS _line FROM range(5000) t(n) ORDER BY " +
                      order,
                  schema);
    job.set_job(yaml);
    job.run();
    return job.digest("clean") + job.digest("j.rejects") + job.digest("j.merged") +
           job.digest("j.filtered");
  };
  const std::string first = made("n");
  CHECK(made("n DESC") == first);
  CHECK(made("hash(n)") == first);
  job.task.threads = 1;
  CHECK(made("hash(n + 1)") == first);
}

TEST_CASE("cleanse: rows keep the input's key, or get the declared one") {
  JobFixture job;
  add_rows(job, "costs", "('C1', 'K1', 1.00, 'a', 1)", cost_schema());
  job.set_job(
      "type: cleanse\nfrom: costs\ninto: clean\nkey: [item, org]\nsteps:\n  - trim: item\n");
  job.run();
  CHECK(job.schemas.at("clean").key == Lines{"item", "org"});
  job.set_job("type: cleanse\nfrom: costs\ninto: clean\nkey: [itm]\nsteps:\n  - trim: item\n");
  CHECK(job.plan_problems() == "g.yaml:4:6: there is no column 'itm'; did you mean 'item'?");
}

TEST_CASE("cleanse: evidence of a kind exists only where a step can send rows there") {
  JobFixture job;
  add_rows(job, "costs", kCosts, cost_schema());
  job.set_job("type: cleanse\nfrom: costs\ninto: clean\nsteps:\n  - trim: item\n");
  job.run();
  REQUIRE(job.shape.evidence.size() == 2);
  CHECK(job.shape.evidence[0].dataset == "j.rejects");
  CHECK(job.shape.evidence[1].dataset == "j.corrections");  // where somebody corrects rows
  CHECK(job.schemas.size() == 2);
}

TEST_CASE("cleanse: expressions may select from declared tables") {
  JobFixture job;
  add_rows(job, "costs", kCosts, cost_schema());
  job.add_table("org", "org_code,name\nK1,one\n");
  job.set_job(
      "type: cleanse\nfrom: costs\ninto: clean\ntables: [org]\nsteps:\n"
      "  - reject: { when: \"org not in (select org_code from org)\", reason: unknown_org }\n");
  job.run();
  CHECK(job.shape.files.size() == 1);
  CHECK(job.rows("j.rejects", "item, _reasons") == Lines{"C3|unknown_org"});
}

TEST_CASE("cleanse: where too many rows are rejected the job fails and keeps them") {
  JobFixture job;
  add_rows(job, "costs", kCosts, cost_schema());
  const std::string steps =
      "steps:\n  - reject: { when: \"org is null\", reason: no_org }\n"
      "  - dedupe: { exact: true }\n";
  job.set_job("type: cleanse\nfrom: costs\ninto: clean\nmax_rejected: 1\n" + steps);
  CHECK(job.problem() ==
        "this job rejects 2 of 6 rows of 'costs', more than max_rejected 1; nothing is published, "
        "the rows stand in 'j.rejects'");
  CHECK(job.rows("j.rejects", "item") == Lines{"X", "X"});
  job.set_job("type: cleanse\nfrom: costs\ninto: clean\nmax_rejected_ratio: 0.34\n" + steps);
  job.run();
  CHECK(job.result.rows_rejected == 2);
  job.set_job("type: cleanse\nfrom: costs\ninto: clean\nmax_rejected: -1\n" + steps);
  CHECK(job.shape_problems() == "g.yaml:4:15: option 'max_rejected' must not be negative");
}

TEST_CASE("cleanse: every mistake of a graph is reported where it stands") {
  JobFixture job;
  add_rows(job, "costs", kCosts, cost_schema());
  job.set_job(
      "type: cleanse\nfrom: costs\ninto: clean\nsteps:\n"
      "  - trm: item\n  - reject: { wen: \"true\" }\n  - derive: { x: { type: text } }\n");
  CHECK(
      job.shape_problems() ==
      "g.yaml:5:5: unknown step 'trm'; did you mean 'trim'?\n"
      "g.yaml:6:13: step 'reject' lacks the option 'when'; 'when' is: Condition over the columns "
      "so "
      "far\n"
      "g.yaml:6:15: unknown option 'wen' for step 'reject'; did you mean 'when'?\n"
      "g.yaml:7:18: column 'x' of step 'derive' lacks the option 'sql'; 'sql' is: Expression over "
      "the columns so far, also those derived before it");
  job.set_job(
      "type: cleanse\nfrom: costs\ninto: clean\nsteps:\n"
      "  - trim: [itm, amount]\n  - filter: \"nothing > 1\"\nbalance: [org, price]\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:11: column 'amount' is money, expected text\n"
        "g.yaml:5:11: there is no column 'itm'; did you mean 'item'?\n"
        "g.yaml:6:13: Referenced column \"nothing\" not found in FROM clause; candidate bindings: "
        "\"_line\", \"amount\"\n"
        "g.yaml:7:10: column 'org' is text; only integer, money and decimal columns balance\n"
        "g.yaml:7:10: there is no column 'price' to balance");
}

TEST_CASE("cleanse: a column called like one that a cleanse writes itself is refused") {
  const auto problem = [](const std::string& column) {
    JobFixture job;
    add_rows(job, "costs", "('C1', 'r')",
             {.columns = {text_column("item"), text_column(column)}, .key = {}});
    job.set_job("type: cleanse\nfrom: costs\ninto: clean\nsteps:\n  - trim: item\n");
    return job.plan_problems();
  };
  for (const std::string column :
       {"_reason", "_reasons", "_rule", "_message", "_survivor", "_Survivor", "tm_leaving"})
    CHECK(problem(column) == "g.yaml:2:7: dataset 'costs' has a column '" + column +
                                 "', a name that a cleanse writes itself; rename it or leave it "
                                 "out with a transform first");
  CHECK(problem("survivor").empty());
}

TEST_CASE("cleanse: steps over very many columns") {
  constexpr int kColumns = 520;
  std::vector<Column> columns;
  std::vector<std::string> names;
  std::string row;
  std::string trimmed;
  for (int i = 0; i < kColumns; ++i) {
    names.push_back((i % 2 == 0 ? "列" : "c") + std::to_string(i));
    columns.push_back(text_column(names.back()));
    row += (i == 0 ? "(' x" : ", ' x") + std::to_string(i) + "'";
    trimmed += (i == 0 ? "X" : "|X") + std::to_string(i);
  }
  const std::string all = join(names, ", ");
  JobFixture job;
  add_rows(job, "rows", row + ")", columns_of(columns));
  job.set_steps("  - trim: [" + all + "]\n  - case: { columns: [" + all + "], to: upper }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{trimmed});
  CHECK(job.result.report.at("changes").as_array().size() == 2 * kColumns);
}
