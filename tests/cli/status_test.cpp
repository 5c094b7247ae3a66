#include <doctest/doctest.h>

#include "books.h"

using namespace tallymill;

TEST_CASE("status: lists runs, newest first, with who ran them") {
  const ProgramEnd end = finished_books().run({"status"});
  CHECK(end.exit == 0);
  CHECK(end.out.starts_with("  run                  state     started (UTC)        time  by"));
  CHECK(contains(end.out, "\n  customers.2026-01.1  all well  20"));
  CHECK(end.err.empty());
}

TEST_CASE("status: one run shows the report of the run, by id, by number or by graph") {
  Books& books = finished_books();
  const std::string report = books.run({"status", "customers.2026-01.1"}).out;
  CHECK(report.starts_with("customers 2026-01, run customers.2026-01.1: all well in "));
  CHECK(
      contains(report, "\n  clean_customers  succeeded        4         3         0  owed 14.75"));
  CHECK(contains(report, "\nnext:\n  tallymill rejects read_customers"));
  for (const char* name : {"customers", "2026-01.1", "2026-01#1"})
    CHECK(books.run({"status", name}).out == report);
}

TEST_CASE("status: --json of all runs and of one") {
  Books& books = finished_books();
  const json::value all = parse_json(books.run({"status", "--json"}).out, "status --json");
  CHECK(all.at("busy").as_bool() == false);
  CHECK(all.at("runs").at(0).at("run").as_string() == "customers.2026-01.1");
  CHECK(all.at("runs").at(0).at("verdict").as_string() == "ok");
  const json::value one =
      parse_json(books.run({"status", "customers", "--json"}).out, "status --json");
  CHECK(one.at("words").as_string() == "all well");
  CHECK(one.at("state").as_string() == "ended");
  CHECK(one.at("jobs").as_array().size() == 3);
}

TEST_CASE("status: a failed run shows its errors and the way on") {
  Books books;
  std::filesystem::remove(books.root() / "sources/customers-2026-01.csv");
  REQUIRE(books.run_month().exit == 1);
  const std::string report = books.run({"status", "customers"}).out;
  CHECK(contains(report, "\nread_customers failed (data):\n  graphs/customers.yaml:"));
  CHECK(contains(report, "\n  tallymill logs customers.2026-01.1 read_customers  # "));
  CHECK(contains(report, "\n  tallymill rerun customers.2026-01.1 --failed  # after mending\n"));
}

TEST_CASE("status: a run that waits for another graph's data says so, whatever stands behind") {
  Books books;
  books.write("graphs/reminders.yaml", R"(graph: reminders
period: month
jobs:
  owing:
    type: transform
    inputs: [customers]
    sql: select customer_no from customers where owed > 0.00
    into: owing
    key: [customer_no]
    columns: { customer_no: text }
    balance: none
    because: a test
  letters: { type: noop, inputs: [owing] }
)");
  const ProgramEnd end = books.run({"run", "reminders", "--period", "2026-01"});
  CHECK(end.exit == 4);
  CHECK(end.err ==
        "run reminders.2026-01.1 starts, 2 jobs\n"
        "owing: waiting ('customers' of 2026-01 has not been made yet by job 'clean_customers' of "
        "graph 'customers')\n");
  CHECK(contains(books.run({"status"}).out, "  reminders.2026-01.1  waiting for input  "));
  CHECK(contains(books.run({"status", "reminders"}).out, ": waiting for input\n"));
}

TEST_CASE("status: before the first run, and of a run that is not there") {
  Books fresh;
  const ProgramEnd nothing = fresh.run({"status"});
  CHECK(nothing.exit == 2);
  CHECK(nothing.err.starts_with("error: nothing has run in this workspace yet (the store '"));
  CHECK(nothing.err.ends_with("; start with 'tallymill run GRAPH --period PERIOD'\n"));
  Books& books = finished_books();
  CHECK(books.run({"status", "custmers"}).err ==
        "error: there is no run 'custmers'; did you mean 'customers'?\n");
  CHECK(books.run({"status", "zzz"}).err ==
        "error: there is no run 'zzz'; 'tallymill status' lists the runs there are\n");
  CHECK(books.run({"status", "customers", "--jsn"}).exit == 2);
}

TEST_CASE("status: --help has an example") {
  const ProgramEnd help = finished_books().run({"status", "--help"});
  CHECK(help.exit == 0);
  CHECK(contains(help.out, "\nExample:\n  tallymill status cost_attribution.2026-01.1\n"));
}

TEST_CASE("status: a run whose results were made from replaced data says so") {
  Books books;
  books.write("graphs/debts.yaml",
              "graph: debts\nperiod: month\njobs:\n  who_owes:\n    type: cleanse\n"
              "    from: customers\n    into: debts\n    key: [customer_no]\n"
              "    steps: [ { filter: \"owed > 0\" } ]\n");
  books.run_month();
  REQUIRE(books.run({"run", "debts", "--period", "2026-01"}).exit == 0);
  CHECK(!contains(books.run({"status", "debts"}).out, "stale"));
  CHECK(!contains(books.run({"status"}).out, "stale"));
  books.write("sources/customers-2026-01.csv", "customer_no,name,phone,owed\nC1,Lee,,99.00\n");
  books.run_month();
  const std::string list = books.run({"status"}).out;
  CHECK(contains(list, "  'debts' is stale\n"));
  CHECK(list.find("is stale") == list.rfind("is stale"));
  const json::value all = parse_json(books.run({"status", "--json"}).out, "status --json");
  for (const json::value& run : all.at("runs").as_array())
    CHECK(run.at("stale").as_array().size() == (run.at("run") == "debts.2026-01.1" ? 1 : 0));
  const std::string report = books.run({"status", "debts"}).out;
  CHECK(contains(report, "\n  'debts' is stale: it was made from 'customers' version "));
  CHECK(
      contains(report, "\n  to mend it: tallymill rerun debts.2026-01.1, or rerun what it reads"));
  const json::value one = parse_json(books.run({"status", "debts", "--json"}).out, "status --json");
  CHECK(one.at("stale").at(0).at("dataset") == "debts");
  CHECK(contains(books.run({"datasets"}).out, "stale"));
}
