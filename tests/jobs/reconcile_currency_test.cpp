#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

Schema order_schema() {
  return columns_of({text_column("item"), text_column("currency"), money_column("amount")});
}

Schema payment_schema() {
  return columns_of({text_column("item"), text_column("paid_in"), money_column("paid")});
}

/// Of every class: what agrees, differs, stands in two currencies, or on one side.
void add_sides(JobFixture& job) {
  add_rows(job, "orders",
           "('a', 'CNY', 10.00), ('a', 'CNY', 5.00), ('a', 'EUR', 2.00), ('b', 'CNY', 7.00), "
           "('c', 'EUR', 100.00), ('d', 'EUR', 4.00)",
           order_schema());
  add_rows(job, "payments",
           "('a', 'CNY', 15.00), ('a', 'EUR', 2.00), ('b', 'CNY', 6.00), ('c', 'USD', 100.00), "
           "('e', 'USD', 9.00)",
           payment_schema());
}

std::string reconcile(const std::string& more) {
  return "type: reconcile\n"
         "left: { dataset: orders, key: item, amount: amount, currency: currency, aggregate: sum "
         "}\n"
         "right: { dataset: payments, key: item, amount: paid, currency: paid_in, aggregate: sum "
         "}\n" +
         more;
}

}  // namespace

TEST_CASE("reconcile: amounts of two currencies are neither added up nor compared") {
  JobFixture job;
  add_sides(job);
  job.set_job(reconcile(""));
  job.run();
  CHECK(job.rows("j.breaks",
                 "item, currency, left_amount, right_amount, right_currency, difference, class, "
                 "cause, failed_predicate") ==
        Lines{"b|CNY|7.00|6.00|-|1.00|amount|amount|amount",
              "c|EUR|100.00|100.00|USD|-|currency|currency|currency",
              "d|EUR|4.00|-|-|4.00|left_only|missing_right|item, currency, amount",
              "e|USD|-|9.00|-|-9.00|right_only|missing_left|item, currency, amount"});
  const json::object& statement = job.result.report.at("statement").as_object();
  CHECK(json::serialize(statement.at("left")) ==
        R"({"rows":6,"amounts":{"CNY":"22.00","EUR":"106.00"}})");
  CHECK(json::serialize(statement.at("right")) ==
        R"({"rows":5,"amounts":{"CNY":"21.00","EUR":"2.00","USD":"109.00"}})");
  CHECK(json::serialize(statement.at("difference")) ==
        R"({"CNY":"1.00","EUR":"104.00","USD":"-109.00"})");
  CHECK(json::serialize(statement.at("residual")) == R"({"CNY":"0.00","EUR":"0.00","USD":"0.00"})");
  Lines classes;
  for (const json::value& line : statement.at("classes").as_array())
    if (line.at("left_rows").as_int64() + line.at("right_rows").as_int64() > 0)
      classes.push_back(json::serialize(line));
  CHECK(classes ==
        Lines{R"({"currency":"CNY","class":"matched","keys":1,"left_rows":2,"right_rows":1,)"
              R"("left_amount":"15.00","right_amount":"15.00","difference":"0.00"})",
              R"({"currency":"CNY","class":"amount","keys":1,"left_rows":1,"right_rows":1,)"
              R"("left_amount":"7.00","right_amount":"6.00","difference":"1.00"})",
              R"({"currency":"EUR","class":"matched","keys":1,"left_rows":1,"right_rows":1,)"
              R"("left_amount":"2.00","right_amount":"2.00","difference":"0.00"})",
              R"({"currency":"EUR","class":"currency","keys":1,"left_rows":1,"right_rows":0,)"
              R"("left_amount":"100.00","right_amount":"0.00","difference":"100.00"})",
              R"({"currency":"EUR","class":"left_only","keys":1,"left_rows":1,"right_rows":0,)"
              R"("left_amount":"4.00","right_amount":"0.00","difference":"4.00"})",
              R"({"currency":"USD","class":"currency","keys":0,"left_rows":0,"right_rows":1,)"
              R"("left_amount":"0.00","right_amount":"100.00","difference":"-100.00"})",
              R"({"currency":"USD","class":"right_only","keys":1,"left_rows":0,"right_rows":1,)"
              R"("left_amount":"0.00","right_amount":"9.00","difference":"-9.00"})"});
  CHECK(json::serialize(job.result.report.at("causes")) ==
        R"([{"cause":"amount","currency":"CNY","breaks":1,"difference":"1.00"},)"
        R"({"cause":"currency","currency":"EUR","breaks":1,"difference":"0"},)"
        R"({"cause":"missing_left","currency":"USD","breaks":1,"difference":"-9.00"},)"
        R"({"cause":"missing_right","currency":"EUR","breaks":1,"difference":"4.00"}])");
  CHECK(job.result.findings_error == 4);
  CHECK(job.result.ledger.at("balances").as_bool());
}

TEST_CASE("reconcile: grand totals and repeated keys stay within a currency") {
  JobFixture job;
  add_sides(job);
  job.set_job(
      "type: reconcile\nleft: { dataset: orders, key: [], amount: amount, currency: currency }\n"
      "right: { dataset: payments, key: [], amount: paid, currency: paid_in }\n");
  job.run();
  CHECK(job.rows("j.breaks", "currency, left_amount, right_amount, right_currency, class") ==
        Lines{"CNY|22.00|21.00|-|amount", "EUR|106.00|2.00|-|amount", "USD|-|109.00|-|right_only"});
  job.set_job(
      "type: reconcile\nduplicates: pair\n"
      "left: { dataset: orders, key: item, amount: amount, currency: currency }\n"
      "right: { dataset: payments, key: item, amount: paid, currency: paid_in }\n");
  job.run();
  CHECK(job.rows("j.breaks", "item, currency, left_amount, right_amount, right_currency, class") ==
        Lines{"a|CNY|5.00|15.00|-|amount", "a|CNY|10.00|-|-|duplicate", "b|CNY|7.00|6.00|-|amount",
              "c|EUR|100.00|100.00|USD|currency", "d|EUR|4.00|-|-|left_only",
              "e|USD|-|9.00|-|right_only"});
  CHECK(job.result.ledger.at("balances").as_bool());
}

TEST_CASE("reconcile: stages match within a currency only") {
  JobFixture job;
  Schema left = columns_of({text_column("id"), text_column("currency"), money_column("amount")});
  left.key = {"id"};
  add_rows(job, "bank", "('1', 'CNY', 10.00), ('2', 'EUR', 7.00), ('3', 'CNY', 3.00)", left);
  add_rows(job, "ledger", "('1', 'CNY', 10.00), ('2', 'USD', 7.00), ('3', 'CNY', 2.99)", left);
  job.set_job(
      "type: reconcile\nleft: { dataset: bank, key: [], amount: amount, currency: currency }\n"
      "right: { dataset: ledger, key: [], amount: amount, currency: currency }\n"
      "stages: [ exact: {}, tolerance: { abs: \"0.01\" } ]\nminor_units: { CNY: 2, EUR: 2, USD: 2 "
      "}\n");
  job.run();
  CHECK(job.rows("j.breaks", "currency, row, class, nearest_candidate") ==
        Lines{"EUR|2|left_only|-", "USD|2|right_only|-"});
  CHECK(job.rows("j.matches", "currency, stage, \"row\", amount, drift") ==
        Lines{"CNY|tolerance|3|2.99|0.01", "CNY|tolerance|3|3.00|0.01"});
  const json::object& statement = job.result.report.at("statement").as_object();
  CHECK(json::serialize(statement.at("residual")) == R"({"CNY":"0.00","EUR":"0.00","USD":"0.00"})");
  CHECK(statement.at("classes").as_array().size() == 15);
  CHECK(job.result.ledger.at("balances").as_bool());
}

TEST_CASE("reconcile: systems agree within a currency only") {
  JobFixture job;
  add_sides(job);
  job.set_job(
      "type: reconcile\nsystems:\n"
      "  - { name: orders, dataset: orders, key: item, amount: amount, currency: currency, "
      "aggregate: sum }\n"
      "  - { name: payments, dataset: payments, key: item, amount: paid, currency: paid_in }\n");
  job.run();
  CHECK(job.rows("j.breaks", "item, currency, class, orders_amount, payments_amount") ==
        Lines{"b|CNY|amount|7.00|6.00", "c|EUR|missing|100.00|-", "c|USD|missing|-|100.00",
              "d|EUR|missing|4.00|-", "e|USD|missing|-|9.00"});
  const json::object& statement = job.result.report.at("statement").as_object();
  CHECK(json::serialize(statement.at("systems")) ==
        R"([{"system":"orders","rows":6,"amounts":{"CNY":"22.00","EUR":"106.00"}},)"
        R"({"system":"payments","rows":5,"amounts":{"CNY":"21.00","EUR":"2.00","USD":"109.00"}}])");
  CHECK(job.result.ledger.at("balances").as_bool());
}

TEST_CASE("reconcile: the equation of systems holds currency by currency") {
  JobFixture job;
  add_rows(job, "before", "('a', 'CNY', 10.00), ('a', 'EUR', 1.00)", order_schema());
  add_rows(job, "paid", "('a', 'CNY', 4.00)", order_schema());
  add_rows(job, "after", "('a', 'CNY', 6.00), ('a', 'EUR', 2.00)", order_schema());
  const std::string rest = ", key: item, amount: amount, currency: currency }\n";
  job.set_job("type: reconcile\nsystems:\n  - { name: before, role: opening, dataset: before" +
              rest + "  - { name: paid, role: out, dataset: paid" + rest +
              "  - { name: after, role: closing, dataset: after" + rest);
  job.run();
  CHECK(job.rows("j.breaks", "item, currency, class, difference") == Lines{"a|EUR|residual|-1.00"});
  CHECK(
      json::serialize(job.result.report.at("statement").at("equation")) ==
      R"({"CNY":{"opening":"10.00","in":"0.00","out":"4.00","closing":"6.00","residual":"0.00"},)"
      R"("EUR":{"opening":"1.00","in":"0.00","out":"0.00","closing":"2.00","residual":"-1.00"}})");
}

TEST_CASE("reconcile: rows whose currency says nothing are named, with what to do") {
  JobFixture job;
  add_sides(job);
  add_rows(job, "orders", "('a', NULL, 10.00), ('b', 'JPY', 1.50), ('c', 'XXX', 1.00)",
           order_schema());
  job.set_job(reconcile(""));
  CHECK(
      job.problem() ==
      "the left side (orders) has rows without a currency in 'currency': 1 (item a); an amount of "
      "an unknown currency cannot be compared: mend the data, or leave such rows out with "
      "'where'");
  add_rows(job, "orders", "('b', 'JPY', 1.50), ('c', 'XXX', 1.00)", order_schema());
  job.set_job(reconcile("minor_units: { CNY: 2, EUR: 2, JPY: 0, USD: 2 }\n"));
  CHECK(job.problem() ==
        "the left side (orders) has rows of a currency that minor_units does not name: 1 (item c, "
        "currency XXX); known are CNY 2, EUR 2, JPY 0, USD 2: add it, or mend the data");
  add_rows(job, "orders", "('b', 'JPY', 1.50), ('c', 'CNY', 1.50)", order_schema());
  CHECK(job.problem() ==
        "the left side (orders) has rows with more fraction digits than their currency: 1 (item b, "
        "currency JPY, amount 1.50); minor_units says CNY 2, EUR 2, JPY 0, USD 2");
}

TEST_CASE("reconcile: what currencies do not fit is reported where it stands") {
  JobFixture job;
  add_sides(job);
  job.set_job(
      "type: reconcile\nleft: { dataset: orders, key: item, amount: amount, aggregate: sum }\n"
      "right: { dataset: payments, key: item, amount: paid, aggregate: sum }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:2:18: dataset 'orders' has a column 'currency', and the left side would take all "
        "amounts for one currency; say 'currency: currency', or keep one of them with 'where'");
  job.set_job(
      "type: reconcile\nleft: { dataset: orders, key: item, aggregate: count }\n"
      "right: { dataset: payments, key: item, aggregate: count }\n");
  CHECK(job.plan_problems() == "");
  job.set_job(
      "type: reconcile\nminor_units: { CNY: 2 }\n"
      "left: { dataset: orders, key: item, amount: amount, where: \"currency = 'CNY'\" }\n"
      "right: { dataset: payments, key: item, amount: paid, aggregate: sum }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:2:14: minor_units are of the currencies that the sides name; add 'currency: "
        "<column>' to them");
  job.set_job(
      "type: reconcile\nminor_units: { CNY: 3 }\n"
      "left: { dataset: orders, key: [item, currency], amount: amount, currency: currency }\n"
      "right: { dataset: payments, key: [item, paid_in], amount: paid, currency: paid }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:2:21: amounts have 2 fraction digits, so a currency has 0 to 2\n"
        "g.yaml:3:31: a key cannot be named 'currency', breaks have a column of that name\n"
        "g.yaml:3:75: 'currency' is a part of the key already; leave it out of the key\n"
        "g.yaml:4:34: key 'currency' is text on the left and 'paid' money on the right\n"
        "g.yaml:4:75: column 'paid' is money; a currency is text");
  job.set_job(
      "type: reconcile\n"
      "left: { dataset: orders, key: item, amount: amount, currency: currency }\n"
      "right: { dataset: payments, key: item, amount: paid, aggregate: sum }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:3:8: the right side has no 'currency', another one has; each side names its own");
  job.set_job(reconcile("complete_when: [ { side: left, amount: \"1.00\" } ]\n"));
  CHECK(job.plan_problems() ==
        "g.yaml:4:40: amounts of several currencies have no sum; ask for each with 'condition': "
        "sum(amount) filter (currency = 'EUR') = 12.00");
}

TEST_CASE("reconcile: open breaks are carried forward currency by currency") {
  JobFixture job;
  const auto run = [&](const std::string& period, const std::string& payments) {
    job.task.period = period;
    add_rows(job, "orders", "('a', 'CNY', 10.00), ('b', 'EUR', 3.00)", order_schema());
    add_rows(job, "payments", payments, payment_schema());
    job.run();
    const Lines lines = job.rows("j.break_statement", "currency, line, breaks, amount");
    job.feed("j.open_breaks", "open_breaks_before");
    job.feed("j.break_statement", "break_statement_before");
    Lines told;
    for (const std::string& line : lines)
      if (line.find("|0|") == std::string::npos) told.push_back(line);
    return told;
  };
  job.set_job(reconcile("life: { since: 2026-01 }\n"));
  CHECK(run("2026-01", "('a', 'CNY', 8.00), ('b', 'USD', 3.00)") ==
        Lines{"CNY|closing|1|2.00", "CNY|new|1|2.00", "EUR|closing|1|0.00", "EUR|new|1|0.00"});
  CHECK(run("2026-02", "('a', 'CNY', 10.00), ('b', 'EUR', 2.00)") ==
        Lines{"CNY|opening|1|2.00", "CNY|resolved|1|2.00", "EUR|changed|1|1.00",
              "EUR|closing|1|1.00", "EUR|opening|1|0.00"});
  CHECK(job.rows("j.open_breaks", "item, currency, class, lifecycle") ==
        Lines{"a|CNY|amount|resolved", "b|EUR|amount|persisting"});
  CHECK(run("2026-03", "('a', 'CNY', 10.00), ('b', 'EUR', 3.00)") ==
        Lines{"EUR|opening|1|1.00", "EUR|resolved|1|1.00"});
  CHECK(run("2026-04", "('a', 'CNY', 10.00), ('b', 'EUR', 3.00)").empty());
}
