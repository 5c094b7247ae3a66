#include <doctest/doctest.h>

#include "books.h"

using namespace tallymill;

TEST_CASE("datasets: lists what is visible with rows, amounts and who made it") {
  const ProgramEnd end = finished_books().run({"datasets"});
  CHECK(end.exit == 0);
  CHECK(end.out.starts_with("  dataset                  period   rows  amounts     digest"));
  CHECK(contains(end.out, "\n  customers                2026-01     3  owed 14.75  "));
  CHECK(contains(end.out, "\n  read_customers.rejects   2026-01     1              "));
  CHECK(!contains(end.out, "clean_customers.rejects"));  // it has no rows
}

TEST_CASE("datasets: of one, every version with its state") {
  Books books;
  REQUIRE(books.run_month().exit == 0);
  books.write("sources/customers-2026-01.csv",
              "customer_no,name,phone,owed\nC1,Lee,,10.00\nC9,Ng,,1.00\n");
  REQUIRE(books.run_month().exit == 0);
  const ProgramEnd end = books.run({"datasets", "customers"});
  CHECK(contains(end.out, "customers.2026-01.1-clean_customers-1-"));
  CHECK(contains(end.out, "  superseded "));
  CHECK(contains(end.out, "  visible "));
  const json::value list =
      parse_json(books.run({"datasets", "customers", "--json"}).out, "datasets --json");
  const json::array& versions = list.at("versions").as_array();
  REQUIRE(versions.size() == 2);
  int visible = 0;
  for (const json::value& version : versions) {
    CHECK(version.at("dataset").as_string() == "customers");
    CHECK(version.at("job").as_string() == "clean_customers");
    CHECK(version.at("digest").as_string().starts_with("v1:"));
    CHECK(version.at("amounts").at("owed").is_string());
    visible += version.at("visible").as_bool();
  }
  CHECK(visible == 1);
}

TEST_CASE("datasets: what has not been made yet says who makes it") {
  Books books;
  CHECK(books.run({"datasets"}).err.starts_with("error: nothing has run in this workspace yet"));
  books.write("graphs/later.yaml",
              "graph: later\nperiod: month\njobs:\n  later:\n    type: transform\n    inputs: []\n"
              "    sql: select 1 as n\n    into: later_data\n    key: [n]\n"
              "    columns: { n: integer }\n    balance: none\n    because: a test\n");
  REQUIRE(books.run_month().exit == 0);
  CHECK(books.run({"datasets", "later_data"}).err ==
        "error: dataset 'later_data' has not been made yet; 'tallymill run later --period PERIOD' "
        "makes it\n");
}

TEST_CASE("datasets: wrong usage exits 2 with what is near") {
  Books& books = finished_books();
  const ProgramEnd unknown = books.run({"datasets", "custmers"});
  CHECK(unknown.exit == 2);
  CHECK(unknown.err == "error: there is no dataset 'custmers'; did you mean 'customers'?\n");
  CHECK(
      books.run({"datasets", "--jsno"}).err ==
      "error: unknown option '--jsno'; did you mean '--json'?; see 'tallymill datasets --help'\n");
}

TEST_CASE("datasets: --help has an example") {
  const ProgramEnd help = finished_books().run({"datasets", "--help"});
  CHECK(help.exit == 0);
  CHECK(contains(help.out, "\nExample:\n  tallymill datasets user_cost\n"));
}
