#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

Schema side_schema() {
  return columns_of({text_column("item"), text_column("org"), money_column("amount")});
}

void add_sides(JobFixture& job) {
  add_rows(job, "pool", "('a', 'x', 10.00), ('b', 'x', 5.00), ('c', 'x', 1.00)", side_schema());
  add_rows(job, "parts", "('a', 'x', 4.00), ('a', 'x', 6.00), ('b', 'x', 4.99)", side_schema());
  add_rows(job, "parked", "('d', 'x', 7.00)", side_schema());
}

std::string reconcile(const std::string& more) {
  return "type: reconcile\n"
         "left: { dataset: pool, key: [item, org], amount: amount }\n"
         "right: { datasets: [parts, parked], key: [item, org], amount: amount, aggregate: sum "
         "}\n" +
         more;
}

std::string verdict(const JobFixture& job) {
  return std::string(job.result.report.at("verdict").as_string());
}

}  // namespace

TEST_CASE("reconcile: every difference is a break, the statement explains the whole of it") {
  JobFixture job;
  add_sides(job);
  job.set_job(reconcile(""));
  job.run();
  CHECK(job.rows("j.breaks",
                 "item, left_amount, right_amount, difference, class, left_rows, "
                 "right_rows") == Lines{"b|5.00|4.99|0.01|amount|1|1",
                                        "c|1.00|-|1.00|left_only|1|0",
                                        "d|-|7.00|-7.00|right_only|0|1"});
  CHECK(json::serialize(job.result.report.at("statement")) ==
        R"({"left":{"rows":3,"amount":"16.00"},"right":{"rows":4,"amount":"21.99"},)"
        R"("difference":"-5.99","classes":[)"
        R"({"class":"matched","keys":1,"left_rows":1,"right_rows":2,"left_amount":"10.00",)"
        R"("right_amount":"10.00","difference":"0.00"},)"
        R"({"class":"within_tolerance","keys":0,"left_rows":0,"right_rows":0,"left_amount":"0.00",)"
        R"("right_amount":"0.00","difference":"0.00"},)"
        R"({"class":"amount","keys":1,"left_rows":1,"right_rows":1,"left_amount":"5.00",)"
        R"("right_amount":"4.99","difference":"0.01"},)"
        R"({"class":"left_only","keys":1,"left_rows":1,"right_rows":0,"left_amount":"1.00",)"
        R"("right_amount":"0.00","difference":"1.00"},)"
        R"({"class":"right_only","keys":1,"left_rows":0,"right_rows":1,"left_amount":"0.00",)"
        R"("right_amount":"7.00","difference":"-7.00"}],"residual":"0.00"})");
  CHECK(verdict(job) == "breaks");
  CHECK(job.result.findings_error == 3);
  CHECK(job.result.ledger.at("balances").as_bool());
  CHECK(job.result.gate.empty());
}

TEST_CASE("reconcile: sides that agree pass and open the gate") {
  JobFixture job;
  add_sides(job);
  add_rows(job, "pool", "('a', 'x', 10.00), ('b', 'x', 4.99), ('d', 'x', 7.00)", side_schema());
  job.set_job(reconcile("gates: parts\non_fail: fail\n"));
  job.run();
  CHECK(verdict(job) == "clean");
  CHECK(job.rows("j.breaks").empty());
  CHECK(json::serialize(job.result.gate) == R"({"dataset":"parts","passed":true})");
  CHECK(job.shape.gates == "parts");
  CHECK(job.shape.on_fail == OnFail::fail);
}

TEST_CASE("reconcile: a gate with breaks refuses, unless they are only warnings") {
  JobFixture job;
  add_sides(job);
  job.set_job(reconcile("gates: parts\n"));
  job.run();
  CHECK(json::serialize(job.result.gate) == R"({"dataset":"parts","passed":false})");
  CHECK(job.shape.on_fail == OnFail::block);
  job.set_job(reconcile("gates: parts\nseverity: warn\n"));
  job.run();
  CHECK(json::serialize(job.result.gate) == R"({"dataset":"parts","passed":true})");
  CHECK(job.result.findings_error == 0);
  CHECK(job.result.findings_warn == 3);
}

TEST_CASE("reconcile: two empty sides are not applicable, not green") {
  JobFixture job;
  for (const char* dataset : {"pool", "parts", "parked"})
    job.add_input(dataset,
                  "SELECT '' AS item, '' AS org, CAST(0 AS DECIMAL(18,2)) AS amount WHERE false",
                  side_schema());
  job.set_job(reconcile("gates: parts\n"));
  job.run();
  CHECK(verdict(job) == "not_applicable");
  CHECK(job.result.findings_warn == 1);
  CHECK(job.result.findings_error == 0);
  job.set_job(reconcile("gates: parts\nempty: fail\n"));
  job.run();
  CHECK(job.result.findings_error == 1);
  CHECK(json::serialize(job.result.gate) == R"({"dataset":"parts","passed":false})");
}

TEST_CASE("reconcile: tolerances are parameters or numbers, the stricter one counts") {
  JobFixture job;
  add_sides(job);
  job.task.params["slack"] = {.type = "money", .value = "0.01"};
  job.set_job(reconcile("tolerance: { abs: param(slack) }\n"));
  job.run();
  CHECK(job.rows("j.breaks", "item, class") == Lines{"c|left_only", "d|right_only"});
  job.set_job(reconcile("tolerance: { abs: param(slack), rel: \"0.001\" }\n"));
  job.run();
  CHECK(job.rows("j.breaks", "item, tolerance")[0] == "b|0.00");
}

TEST_CASE("reconcile: without a key grand totals are compared") {
  JobFixture job;
  add_sides(job);
  job.set_job(
      "type: reconcile\nleft: { dataset: pool, key: [], amount: amount }\n"
      "right: { datasets: [parts, parked], key: [], amount: amount, aggregate: sum }\n");
  job.run();
  CHECK(job.rows("j.breaks", "left_amount, right_amount, difference, class") ==
        Lines{"16.00|21.99|-5.99|amount"});
}

TEST_CASE("reconcile: where restricts a side, count compares rows") {
  JobFixture job;
  add_sides(job);
  job.set_job(
      "type: reconcile\n"
      "left: { dataset: pool, key: item, aggregate: count, where: \"item = 'a'\" }\n"
      "right: { dataset: parts, key: item, aggregate: count, where: \"item = 'a'\" }\n");
  job.run();
  CHECK(job.rows("j.breaks", "item, left_amount, right_amount, difference") == Lines{"a|1|2|-1"});
}

TEST_CASE("reconcile: a repeated key without aggregate is an error with examples") {
  JobFixture job;
  add_sides(job);
  job.set_job(
      "type: reconcile\nleft: { dataset: parts, key: [item], amount: amount }\n"
      "right: { dataset: pool, key: [item], amount: amount }\n");
  CHECK(job.problem() ==
        "the key (item) of the left side (parts) is not unique; repeated values: 1 (item a); "
        "declare aggregate: sum, or a finer key");
}

TEST_CASE("reconcile: a break keeps its id from run to run") {
  JobFixture job;
  add_sides(job);
  job.set_job(reconcile(""));
  job.run();
  const Lines before = job.rows("j.breaks", "item, break_id");
  add_rows(job, "pool", "('c', 'x', 3.00), ('b', 'x', 9.00), ('a', 'x', 10.00)", side_schema());
  job.run();
  CHECK(job.rows("j.breaks", "item, break_id") == before);
}

TEST_CASE("reconcile: shuffled sides give equal digests and reports") {
  JobFixture job;
  const auto outcome = [&](const std::string& order) {
    const std::string select =
        "SELECT 'i' || (n % 300) AS item, 'x' AS org, CAST(n % 90 AS DECIMAL(18,2)) AS amount FROM "
        "range(3000) t(n)";
    job.add_input("pool", select + " WHERE n < 290 ORDER BY " + order, side_schema());
    job.add_input("parts", select + " ORDER BY " + order, side_schema());
    job.add_input("parked", select + " WHERE n % 5 = 0 ORDER BY " + order, side_schema());
    job.set_job(reconcile(""));
    job.run();
    return job.digest("j.breaks") + job.report();
  };
  const std::string first = outcome("n");
  CHECK(outcome("hash(n)") == first);
  job.task.threads = 1;
  CHECK(outcome("n DESC") == first);
}

TEST_CASE("reconcile: every mistake of a graph is reported where it stands") {
  JobFixture job;
  add_sides(job);
  job.set_job(
      "type: reconcile\nleft: { dataset: pool, key: [itm], amount: org }\n"
      "right: { dataset: parts, key: [item, amount], amount: amount, where: amount }\n"
      "tolerance: { abs: \"0.001\", rel: \"2\" }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:2:29: dataset 'pool' has no column 'itm'; did you mean 'item'?\n"
        "g.yaml:2:44: column 'org' is text; an amount is money, integer or decimal\n"
        "g.yaml:3:31: the left key has 1 columns and the right one 2; keys are compared column by "
        "column, in order\n"
        "g.yaml:3:70: DECIMAL(18,2) cannot become boolean\n"
        "g.yaml:4:19: tolerance '0.001' is no number of at least 0 with up to 2 fraction digits\n"
        "g.yaml:4:33: a relative tolerance is a share from 0 to 1; write 0.01 for one per cent");
  job.set_job(
      "type: reconcile\nleft: { key: [item], amount: amount }\n"
      "right: { dataset: parts, key: [item], amount: amount }\non_fail: block\n");
  CHECK(job.shape_problems() ==
        "g.yaml:2:7: the left side needs either 'dataset' or 'datasets'\n"
        "g.yaml:4:10: on_fail 'block' needs the dataset it keeps back; add 'gates: <dataset>'");
}

TEST_CASE("reconcile: rules say which differences are none, and why the others are there") {
  JobFixture job;
  add_sides(job);
  job.add_rule("near", R"lua(
return t.match_rule {
  name = "near",
  needs = { difference = "money" },
  params = { most = t.money "0.00" },
  match = function(row, p)
    if math.abs(row.difference) <= p.most then return "rounding" end
  end,
}
)lua");
  job.add_rule("why", R"lua(
return t.break_rule {
  name = "why",
  needs = { class = "text", item = "text" },
  cause = function(row)
    if row.item == "d" then error("no idea") end
    return row.class == "amount" and "rounding" or "missing"
  end,
}
)lua");
  job.set_job(
      reconcile("accept: { rule: near, params: { most: \"0.05\" } }\nclassify: { rule: why }\n"));
  job.run();
  CHECK(job.rows("j.breaks", "item, class, accepted_as, cause") ==
        Lines{"b|amount|rounding|rounding", "c|left_only|-|missing", "d|right_only|-|rule_error"});
  CHECK(job.result.findings_error == 2);
  CHECK(json::serialize(job.result.report.at("causes")) ==
        R"([{"cause":"missing","breaks":1,"difference":"1.00"},)"
        R"({"cause":"rounding","breaks":1,"difference":"0.01"},)"
        R"({"cause":"rule_error","breaks":1,"difference":"-7.00"}])");
  CHECK(json::serialize(job.result.report.at("accepted")) ==
        R"([{"accepted_as":"rounding","breaks":1,"difference":"0.01"},)"
        R"({"accepted_as":"","breaks":2,"difference":"-6.00"}])");
}

TEST_CASE("reconcile: accepted breaks alone pass, and open the gate") {
  JobFixture job;
  add_sides(job);
  add_rows(job, "pool", "('a', 'x', 10.00), ('b', 'x', 5.00), ('d', 'x', 7.00)", side_schema());
  job.add_rule("near", R"lua(
return t.match_rule {
  name = "near",
  needs = { difference = "money" },
  match = function(row) return "always" end,
}
)lua");
  job.set_job(reconcile("accept: { rule: near }\ngates: parts\n"));
  job.run();
  CHECK(job.rows("j.breaks", "item, accepted_as") == Lines{"b|always"});
  CHECK(verdict(job) == "clean");
  CHECK(json::serialize(job.result.gate) == R"({"dataset":"parts","passed":true})");
}

TEST_CASE("reconcile: rules of another kind, and columns breaks do not have, are reported") {
  JobFixture job;
  add_sides(job);
  job.add_rule("why", R"lua(
return t.break_rule {
  name = "why",
  needs = { amount = "money" },
  cause = function(row) return "x" end,
}
)lua");
  job.set_job(reconcile("accept: { rule: why }\nclassify: { rule: why }\n"));
  const std::string problems = job.plan_problems();
  CHECK(problems.find("rule 'why' is a break rule; 'accept' takes a match rule") != problems.npos);
  CHECK(problems.find("rule 'why' (rules/why.lua) needs column 'amount', which the rows do not "
                      "have") != problems.npos);
}

TEST_CASE("reconcile: rows are compared by several columns, each with its own tolerance") {
  JobFixture job;
  const Schema left = columns_of({text_column("id"),
                                  money_column("amount"),
                                  {.name = "sold_on", .type = Type::date()},
                                  text_column("status"),
                                  integer_column("pieces")});
  const Schema right = columns_of({text_column("id"),
                                   integer_column("fen"),
                                   {.name = "sold", .type = Type::date()},
                                   text_column("state"),
                                   integer_column("dozens")});
  add_rows(job, "crm",
           "('a', 1.00, '2026-01-05', 'open', 12), ('b', 1.00, '2026-01-09', 'open', 12), "
           "('c', 1.00, '2026-01-05', 'void', 24), ('d', 1.00, '2026-01-05', 'open', 13), "
           "('e', 2.00, '2026-01-01', 'void', 1)",
           left);
  add_rows(job, "dealer",
           "('a', -100, '2026-01-06', 'O', 1), ('b', -100, '2026-01-12', 'O', 1), "
           "('c', -100, '2026-01-05', 'O', 2), ('d', -100, '2026-01-05', 'O', 1), "
           "('e', -300, '2026-02-01', 'O', 9)",
           right);
  job.add_table("states", "left,right\nopen,O\nvoid,V\n");
  job.set_job(
      "type: reconcile\nleft: { dataset: crm, key: id, amount: amount }\n"
      "right: { dataset: dealer, key: id, amount: fen, factor: \"0.01\", negate: true }\n"
      "compare:\n"
      "  - { column: sold_on, right: sold, days: 2 }\n"
      "  - { column: status, right: state, map: states }\n"
      "  - { column: pieces, right: dozens, factor: \"12\" }\n");
  job.run();
  CHECK(job.rows("j.breaks", "id, class, failed_predicate, distance, cause, left_status") ==
        Lines{"b|timing|sold_on|3 days|timing|O", "c|status|status|differs|status|V",
              "d|quantity|pieces|1|quantity|O",
              "e|amount|amount, sold_on, status, pieces|1.00, 31 days, differs, 107|amount|V"});
  CHECK(job.result.ledger.at("balances").as_bool());
}

TEST_CASE("reconcile: each built-in cause is told") {
  JobFixture job;
  const Schema schema = columns_of({text_column("id"), money_column("amount")});
  add_rows(job, "a",
           "('rounding', 1.00), ('sign', 5.00), ('unit', 7.00), ('amount', 8.00), ('left', 1.00), "
           "('twice', 3.00), ('twice', 3.00), ('none', NULL)",
           schema);
  add_rows(job, "b",
           "('rounding', 1.01), ('sign', -5.00), ('unit', 0.07), ('amount', 9.00), ('right', "
           "1.00), ('twice', 3.00), ('none', 1.00)",
           schema);
  job.set_job(
      "type: reconcile\nleft: { dataset: a, key: id, amount: amount }\n"
      "right: { dataset: b, key: id, amount: amount }\nduplicates: pair\npending: [rounding]\n");
  job.run();
  CHECK(job.rows("j.breaks", "id, cause") ==
        Lines{"amount|amount", "left|missing_right", "none|no_amount", "right|missing_left",
              "rounding|rounding", "sign|sign", "twice|duplicate", "unit|unit"});
  CHECK(job.result.findings_error == 7);
  CHECK(job.result.report.at("pending").as_int64() == 1);
}

TEST_CASE("reconcile: incomplete input outweighs agreement") {
  JobFixture job;
  add_sides(job);
  add_rows(job, "pool", "('a', 'x', 10.00), ('b', 'x', 4.99), ('d', 'x', 7.00)", side_schema());
  job.add_table("items", "item\na\nb\nq\n");
  job.set_job(
      reconcile("gates: parts\ncomplete_when:\n"
                "  - { side: left, rows: \"4\", amount: \"21.99\" }\n"
                "  - { side: right, column: item, expected: items.item }\n"
                "  - { side: left, condition: \"min(amount) > 5\" }\n"));
  job.run();
  CHECK(verdict(job) == "incomplete");
  CHECK(json::serialize(job.result.report.at("incomplete")) ==
        R"x(["side 'left' has 3 rows, the control total says 4",)x"
        R"x("side 'right' has nothing of 1 (item q)",)x"
        R"x("side 'left' does not hold min(amount) > 5"])x");
  CHECK(job.result.findings_error == 3);
  CHECK(json::serialize(job.result.gate) == R"({"dataset":"parts","passed":false})");
}

TEST_CASE("reconcile: what compare and complete_when do not fit is reported where it stands") {
  JobFixture job;
  add_sides(job);
  job.set_job(
      "type: reconcile\nleft: { dataset: pool, key: item, amount: amount, factor: \"0\" }\n"
      "right: { dataset: parts, key: item, amount: amount }\n"
      "compare:\n  - { column: org, days: 2 }\n  - { column: amount, right: org }\n"
      "  - { column: amount, working_days: 2 }\n  - { column: orgg }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:2:59: factor '0' is no positive number of up to 18 digits, 9 of them behind the "
        "point\n"
        "g.yaml:5:3: 'amount' is compared already\n"
        "g.yaml:5:26: 'days' is for dates, 'org' is text\n"
        "g.yaml:6:15: 'amount' is money on the left and 'org' text on the right\n"
        "g.yaml:7:37: 'working_days' is for dates, 'amount' is money\n"
        "g.yaml:7:37: working days need a calendar; add 'calendar: <name>' to the job\n"
        "g.yaml:8:15: dataset 'parts' has no column 'orgg'; did you mean 'org'?\n"
        "g.yaml:8:15: dataset 'pool' has no column 'orgg'; did you mean 'org'?");
}

TEST_CASE("reconcile: rows pair off with the sum of a key, which counts all rows it is of") {
  const auto expect = [](const std::string& left, const std::string& right, const Lines& breaks) {
    JobFixture job;
    add_rows(job, "pool",
             "('a', 'x', 10.00), ('a', 'x', 10.00), ('a', 'x', 5.00), ('b', 'x', 3.00), ('b', 'x', "
             "3.00), ('c', 'x', 1.00)",
             side_schema());
    add_rows(job, "parts",
             "('a', 'x', 6.00), ('a', 'x', 4.00), ('b', 'x', 1.00), ('b', 'x', 1.00), ('b', 'x', "
             "2.00), ('d', 'x', 2.00), ('d', 'x', 2.00)",
             side_schema());
    job.set_job("type: reconcile\nleft: { dataset: " + left + " }\nright: { dataset: " + right +
                " }\nduplicates: pair\n");
    CHECK(job.problem() == "");
    CHECK(job.rows("j.breaks", "item, class, left_amount, left_rows, right_amount, right_rows") ==
          breaks);
  };
  const std::string pool = "pool, key: [item, org], amount: amount";
  const std::string parts = "parts, key: [item, org], amount: amount, aggregate: sum";
  expect(pool, parts,
         {"a|duplicate|5.00|1|-|0", "a|duplicate|10.00|1|-|0", "b|amount|3.00|1|4.00|3",
          "b|duplicate|3.00|1|-|0", "c|left_only|1.00|1|-|0", "d|right_only|-|0|4.00|2"});
  expect(parts, pool,
         {"a|duplicate|-|0|5.00|1", "a|duplicate|-|0|10.00|1", "b|amount|4.00|3|3.00|1",
          "b|duplicate|-|0|3.00|1", "c|right_only|-|0|1.00|1", "d|left_only|4.00|2|-|0"});
}

TEST_CASE("reconcile: a row that stands alone names the nearest one, what failed and by how much") {
  JobFixture job;
  add_rows(job, "pool",
           "('a', 'x', 10.00), ('b', 'x', 5.00), ('k', 'x', 7.00), ('e', 'x', 1.00), ('e', 'x', "
           "1.00)",
           side_schema());
  add_rows(job, "parts", "('a', 'y', 10.00), ('bb', 'x', 5.00), ('q', 'z', 7.09), ('e', 'x', 1.00)",
           side_schema());
  job.set_job(
      "type: reconcile\nleft: { dataset: pool, key: [item, org], amount: amount }\n"
      "right: { dataset: parts, key: [item, org], amount: amount }\nduplicates: pair\n");
  job.run();
  CHECK(job.rows("j.breaks", "item, class, nearest_candidate, failed_predicate, distance") ==
        Lines{"a|left_only|item a, org y|org|differs", "a|right_only|item a, org x|org|differs",
              "b|left_only|item bb, org x|item|differs", "bb|right_only|item b, org x|item|differs",
              "e|duplicate|item e, org x|taken|matched with others",
              "k|left_only|item bb, org x|item, amount|differs, 2.00",
              "q|right_only|item k, org x|item, org, amount|differs, differs, 0.09"});
}

namespace {

void add_accounts(JobFixture& job) {
  const Schema bank = columns_of({integer_column("line"),
                                  text_column("account"),
                                  text_column("ref"),
                                  money_column("paid"),
                                  {.name = "paid_on", .type = Type::date()},
                                  text_column("memo")},
                                 {"line"});
  const Schema ledger = columns_of({text_column("entry"),
                                    text_column("account"),
                                    text_column("reference"),
                                    integer_column("fen"),
                                    {.name = "posted", .type = Type::date()},
                                    text_column("note")},
                                   {"entry"});
  add_rows(job, "bank",
           "(1, 'A', 'r1', 10.00, '2026-01-05', 'rent'), (2, 'A', 'r2', 20.03, '2026-01-09', "
           "'power'), (3, 'A', 's1', 50.00, '2026-01-06', 'fees'), (4, 'A', NULL, 33.00, "
           "'2026-01-06', 'Guangdong Mobile'), (5, 'A', 'z', 99.00, '2026-01-06', 'lost')",
           bank);
  add_rows(job, "ledger",
           "('a', 'A', 'r1', -1000, '2026-01-05', 'rent'), ('b', 'A', 'r2', -2000, '2026-01-12', "
           "'power'), ('c', 'A', 't1', -2000, '2026-01-06', 'x'), ('d', 'A', 't2', -3000, "
           "'2026-01-06', 'y'), ('e', 'A', 'q', -3300, '2026-01-07', 'Guangdong Mobil'), "
           "('f', 'A', 'z', -9800, '2026-01-06', 'lost')",
           ledger);
}

std::string staged(const std::string& stages) {
  return "type: reconcile\n"
         "left: { dataset: bank, key: account, amount: paid, date: paid_on, text: memo, columns: { "
         "reference: ref } }\n"
         "right: { dataset: ledger, key: account, amount: fen, factor: \"0.01\", negate: true, "
         "date: posted, text: note }\n"
         "stages:\n" +
         stages;
}

}  // namespace

TEST_CASE("reconcile: stages match single rows, the rest knows how near it came") {
  JobFixture job;
  add_accounts(job);
  job.set_job(
      staged("  - exact: { by: reference }\n"
             "  - tolerance: { by: reference, abs: \"0.05\", days: 3 }\n"
             "  - subset_sum: { days: 3, at_most: 3 }\n"
             "  - fuzzy: { at_least: 0.9, days: 2 }\n"));
  job.run();
  CHECK(job.rows("j.breaks",
                 "class, \"row\", left_amount, right_amount, nearest_candidate, failed_predicate, "
                 "distance, cause") == Lines{"left_only|5|99.00|-|f|amount|1.00|missing_right",
                                             "right_only|f|-|98.00|5|amount|1.00|missing_left"});
  CHECK(job.rows("j.matches", "stage, cardinality, side, \"row\", drift, ambiguous") ==
        Lines{"fuzzy|1:1|left|4|0.00|0", "fuzzy|1:1|right|e|0.00|0", "subset_sum|1:2|left|3|0.00|0",
              "subset_sum|1:2|right|c|0.00|0", "subset_sum|1:2|right|d|0.00|0",
              "tolerance|1:1|left|2|0.03|0", "tolerance|1:1|right|b|0.03|0"});
  CHECK(job.result.report.at("statement").at("classes").at(0).at("ambiguous").as_int64() == 0);
  CHECK(job.result.report.at("statement").at("residual").as_string() == "0.00");
  CHECK(job.result.ledger.at("balances").as_bool());
  CHECK(verdict(job) == "breaks");
}

TEST_CASE("reconcile: what stages do not fit is reported where it stands") {
  JobFixture job;
  add_accounts(job);
  job.set_job(
      staged("  - exact: { by: refrence }\n  - exact: {}\n  - one_to_many: {}\n"
             "  - { tolerance: {}, fuzzy: {} }\n  - subset_sum: { at_most: 1, fuel: 0 }\n"
             "duplicates: pair\n"));
  CHECK(job.plan_problems() ==
        "g.yaml:5:18: dataset 'bank' has no column 'refrence'\n"
        "g.yaml:5:18: dataset 'ledger' has no column 'refrence'; did you mean 'reference'?\n"
        "g.yaml:6:5: there are two stages 'exact'; give one of them a 'name'\n"
        "g.yaml:7:18: a group needs the columns its rows share; name them in 'by'\n"
        "g.yaml:8:29: a stage is of one kind, this is 'tolerance' already\n"
        "g.yaml:9:28: at least two rows add up\n"
        "g.yaml:9:37: fuel is a number of steps of at least 1\n"
        "g.yaml:10:13: 'duplicates' is for rows that meet by key; a stage says it itself");
}

TEST_CASE("reconcile: a key with stages cannot be called what matches call something else") {
  JobFixture job;
  const Schema schema = columns_of(
      {text_column("amount"), text_column("stage"), text_column("row"), money_column("paid")});
  add_rows(job, "bank", "('a', 'b', 'c', 1.00)", schema);
  add_rows(job, "ledger", "('a', 'b', 'c', 1.00)", schema);
  job.set_job(
      "type: reconcile\n"
      "left: { dataset: bank, key: [amount, stage, row], amount: paid }\n"
      "right: { dataset: ledger, key: [amount, stage, row], amount: paid }\n"
      "stages: [ exact: {} ]\n");
  CHECK(job.plan_problems() ==
        "g.yaml:2:29: a key cannot be named 'amount', results have a column of that name\n"
        "g.yaml:2:29: a key cannot be named 'row', results have a column of that name\n"
        "g.yaml:2:29: a key cannot be named 'stage', results have a column of that name");
}

TEST_CASE("reconcile: several systems stand in one statement") {
  JobFixture job;
  const Schema schema = columns_of({text_column("serial"), money_column("price")});
  add_rows(job, "crm", "('a', 10.00), ('b', 20.00), ('c', 30.00)", schema);
  add_rows(job, "dealer", "('a', 10.00), ('b', 20.05), ('c', 30.00)", schema);
  add_rows(job, "fund", "('a', 4.00), ('a', 6.00), ('b', 20.00)", schema);
  job.set_job(
      "type: reconcile\nsystems:\n"
      "  - { name: crm, dataset: crm, key: serial, amount: price }\n"
      "  - { name: dealer, dataset: dealer, key: serial, amount: price }\n"
      "  - { name: fund, dataset: fund, key: serial, amount: price, aggregate: sum }\n"
      "tolerance: { abs: \"0.01\" }\n"
      "complete_when: [{ side: fund, rows: \"3\" }]\n");
  job.run();
  CHECK(job.rows("j.breaks",
                 "serial, class, dealer_amount, fund_amount, failed_predicate, "
                 "distance, cause") ==
        Lines{"b|amount|20.05|20.00|dealer|0.05|amount", "c|missing|30.00|-|fund|missing|missing"});
  CHECK(json::serialize(job.result.report.at("statement").at("classes").at(2)) ==
        R"({"class":"missing","keys":1,"amounts":{"crm":"30.00","dealer":"30.00","fund":"0.00"}})");
  CHECK(job.result.ledger.at("balances").as_bool());
  CHECK(job.result.findings_error == 2);
}

TEST_CASE("reconcile: a key that some systems lack names the nearest one of the others") {
  JobFixture job;
  const Schema schema =
      columns_of({text_column("serial"), text_column("org"), money_column("price")});
  add_rows(job, "crm", "('S-100', 'x', 10.00), ('S-200', 'x', 20.00), ('S-300', 'x', 30.00)",
           schema);
  add_rows(job, "billing", "('S-100', 'x', 10.00), ('S-200', 'x', 20.00)", schema);
  add_rows(job, "dealer", "('S-100', 'x', 10.00), ('S-2OO', 'x', 20.05), ('S-300', 'x', 20.00)",
           schema);
  const std::string rest = ", key: [serial, org], amount: price }\n";
  job.set_job("type: reconcile\nsystems:\n  - { name: crm, dataset: crm" + rest +
              "  - { name: billing, dataset: billing" + rest +
              "  - { name: dealer, dataset: dealer" + rest);
  job.run();
  // S-300 is known to crm, so it is no other name of S-200.
  CHECK(job.rows("j.breaks",
                 "serial, failed_predicate, nearest_candidate, candidate_failed, "
                 "candidate_distance") ==
        Lines{"S-200|dealer|serial S-2OO, org x of dealer|serial, amount|differs, 0.05",
              "S-2OO|crm, billing|serial S-200, org x of crm, billing|serial, amount|differs, 0.05",
              "S-300|billing, dealer|-|-|-"});
}

TEST_CASE("reconcile: the nearest of several systems is the candidate") {
  JobFixture job;
  const Schema schema = columns_of({text_column("serial"), money_column("price")});
  add_rows(job, "crm", "('A', 10.00)", schema);
  add_rows(job, "billing", "('B', 11.00)", schema);
  add_rows(job, "dealer", "('C', 10.50)", schema);
  const std::string rest = ", key: serial, amount: price }\n";
  job.set_job("type: reconcile\nsystems:\n  - { name: crm, dataset: crm" + rest +
              "  - { name: billing, dataset: billing" + rest +
              "  - { name: dealer, dataset: dealer" + rest);
  job.run();
  CHECK(job.rows("j.breaks", "serial, nearest_candidate, candidate_distance") ==
        Lines{"A|serial C of dealer|differs, 0.50", "B|serial C of dealer|differs, 0.50",
              "C|serial A of crm|differs, 0.50"});
}

TEST_CASE("reconcile: opening and movements are closing, key by key") {
  JobFixture job;
  const Schema schema = columns_of({text_column("account"), money_column("amount")});
  add_rows(job, "before", "('a', 10.00)", schema);
  add_rows(job, "bills", "('a', 5.00), ('b', 3.00)", schema);
  add_rows(job, "payments", "('a', 15.00)", schema);
  add_rows(job, "after", "('b', 2.50)", schema);
  const std::string systems =
      "type: reconcile\nsystems:\n"
      "  - { name: before, role: opening, dataset: before, key: account, amount: amount }\n"
      "  - { name: bills, role: in, dataset: bills, key: account, amount: amount, aggregate: sum "
      "}\n"
      "  - { name: payments, role: out, dataset: payments, key: account, amount: amount }\n";
  job.set_job(systems +
              "  - { name: after, role: closing, dataset: after, key: account, amount: amount }\n");
  job.run();
  CHECK(job.rows("j.breaks", "account, class, left_amount, right_amount, difference, cause") ==
        Lines{"b|residual|3.00|2.50|0.50|residual"});
  CHECK(json::serialize(job.result.report.at("statement").at("equation")) ==
        R"({"opening":"10.00","in":"8.00","out":"15.00","closing":"2.50","residual":"0.50"})");
  job.set_job(systems + "compare: [{ column: account }]\n");
  CHECK(job.plan_problems() ==
        "g.yaml:3:3: opening and movements come to one system of role 'closing', there are 0\n"
        "g.yaml:6:10: 'compare' has no meaning beside 'systems'");
  job.set_job("type: reconcile\nleft: { dataset: before, key: account, amount: amount }\n");
  CHECK(job.shape_problems() ==
        "g.yaml:1:1: a reconcile job needs 'left' and 'right', or 'systems'; 'right' is missing");
}

TEST_CASE("reconcile: sensitive columns that are compared stay so, and tell no distance") {
  JobFixture job;
  Schema schema = columns_of({text_column("id"), money_column("amount"), integer_column("pin")});
  schema.columns[2].sensitive = true;
  add_rows(job, "a", "('x', 1.00, 11)", schema);
  add_rows(job, "b", "('x', 1.00, 99)", schema);
  job.set_job(
      "type: reconcile\nleft: { dataset: a, key: id, amount: amount }\n"
      "right: { dataset: b, key: id, amount: amount }\ncompare: [{ column: pin }]\n");
  job.run();
  CHECK(job.rows("j.breaks", "class, failed_predicate, distance") == Lines{"quantity|pin|differs"});
  CHECK(job.schemas.at("j.breaks").find("left_pin")->sensitive);
  CHECK(job.schemas.at("j.breaks").find("right_pin")->sensitive);
}
