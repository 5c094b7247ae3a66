// `preview` runs a job in a worker and publishes nothing.
#include <doctest/doctest.h>

#include "books.h"
#include "core/json.h"

using namespace tallymill;

namespace {

/// The month has run; then the graph's cleanse gets these steps.
void edit_steps(Books& books, const std::string& steps, const std::string& more = "") {
  REQUIRE(books.run_month().exit == 0);
  std::string graph = Books::kCustomers;
  const std::string old = "      - dedupe: { exact: true }\n";
  graph.replace(graph.find(old), old.size(), steps);
  books.write("graphs/customers.yaml", graph + more);
}

ProgramEnd preview(Books& books, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"preview", "customers", "clean_customers", "--period",
                                     "2026-01"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return books.run(std::move(arguments));
}

}  // namespace

TEST_CASE(
    "preview: what edited steps would change of the visible version, and nothing is published") {
  Books books;
  edit_steps(books,
             "      - case: { columns: name, to: upper }\n"
             "      - reject: { when: \"owed < 0.00\", reason: owed_to }\n"
             "      - dedupe: { exact: true }\n");
  const std::string datasets = books.run({"datasets"}).out;
  const std::string rows = books.run({"show", "customers", "--csv"}).out;
  const ProgramEnd end = preview(books);
  CHECK(end.err == "");
  CHECK(
      end.out ==
      "customers 2026-01, job clean_customers: 4 rows in, 2 out, 1 rejected, 1 merged; nothing is "
      "published\n"
      "\n"
      "  step            column  cells changed  rows that leave  as        reason\n"
      "  step 1: case    name                2\n"
      "  step 2: reject                                       1  rejected  owed_to\n"
      "  step 3: dedupe                                       1  merged    duplicate\n"
      "\n"
      "cells, the first of each\n"
      "  step          column  row  before     after\n"
      "  step 1: case  name    C1   Lee, \"Bo\"  LEE, \"BO\"\n"
      "  step 1: case  name    C4   O'Neil     O'NEIL\n"
      "\n"
      "rows that leave, the first of each\n"
      "  step            reason     row  message\n"
      "  step 2: reject  owed_to    C2   owed < 0.00\n"
      "  step 3: dedupe  duplicate  C4   the same row as customers-2026-01.csv:5\n"
      "\n"
      "compared with the visible version of run customers.2026-01.1: 0 rows added, 1 removed, 2 "
      "changed, 0 the same\n"
      "  column  rows changed\n"
      "  name               2\n"
      "\n"
      "  what     row  column  visible    preview\n"
      "  removed  C2\n"
      "  changed  C1   name    Lee, \"Bo\"  LEE, \"BO\"\n"
      "  changed  C4   name    O'Neil     O'NEIL\n");
  CHECK(end.exit == 0);
  CHECK(books.run({"datasets"}).out == datasets);
  CHECK(books.run({"show", "customers", "--csv"}).out == rows);
  CHECK(std::filesystem::is_empty(books.state() / "queries"));
}

TEST_CASE("preview: sensitive values are nowhere") {
  Books books;
  edit_steps(books,
             "      - strip: { columns: phone, also: \"1\" }\n"
             "      - reject: { when: \"phone is null\", reason: no_phone }\n");
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{}, std::vector<std::string>{"--json"}}) {
    const ProgramEnd end = preview(books, flags);
    CHECK(end.exit == 0);
    CHECK(contains(end.out, "***"));
    CHECK(!contains(end.out, "3800000001"));
  }
}

TEST_CASE("preview: --json has all of it, --samples says how much is shown") {
  Books books;
  edit_steps(books,
             "      - case: { columns: name, to: upper }\n      - dedupe: { exact: true }\n");
  const ProgramEnd end = preview(books, {"--json", "--samples", "1"});
  const json::value found = parse_json(end.out, "preview --json");
  CHECK(found.at("rows_in").as_int64() == 4);
  CHECK(found.at("ledger").at("balances").as_bool());
  CHECK(found.at("visible").at("run").as_string() == "customers.2026-01.1");
  CHECK(json::serialize(found.at("steps").at(0)) ==
        R"({"step":"step 1: case","changes":[{"column":"name","cells":2,"samples":)"
        R"([{"row":"C1","before":"Lee, \"Bo\"","after":"LEE, \"BO\""}]}],"leaves":[]})");
  CHECK(json::serialize(found.at("compared").at("columns")) == R"([{"column":"name","rows":2}])");
  CHECK(found.at("compared").at("samples").as_array().size() == 1);
}

TEST_CASE("preview: a job that has made nothing yet has nothing to be compared with") {
  Books books;
  edit_steps(books, "      - dedupe: { exact: true }\n",
             "  late_customers:\n    type: cleanse\n    from: customers\n    into: late\n"
             "    steps: [{ filter: \"owed > 0.00\" }]\n");
  const ProgramEnd end =
      books.run({"preview", "customers", "late_customers", "--period", "2026-01"});
  CHECK(end.err == "");
  CHECK(contains(end.out, "3 rows in, 2 out, 1 filtered; nothing is published\n"));
  CHECK(contains(end.out, "\nno version of late is visible: all rows are new\n"));
}

TEST_CASE("preview: a job that would fail says why") {
  Books books;
  edit_steps(books, "      - trim: name\n");
  const ProgramEnd end = preview(books);
  CHECK(end.exit == 1);
  CHECK(end.err ==
        "error: dataset 'customers': 1 keys (customer_no) are not unique; first: ('C4') 2 times\n"
        "  while writing dataset 'customers'\n"
        "  while previewing job 'clean_customers', which would fail so\n");
}

TEST_CASE("preview: only of cleanse jobs whose inputs are there") {
  Books& books = finished_books();
  const ProgramEnd extract =
      books.run({"preview", "customers", "read_customers", "--period", "2026-01"});
  CHECK(extract.exit == 2);
  CHECK(extract.err ==
        "error: job 'read_customers' is of type extract; preview shows what cleanse and check jobs "
        "would do\n");
  CHECK(books.run({"preview", "customers", "clean_custmers", "--period", "2026-01"}).err ==
        "error: graph 'customers' has no job 'clean_custmers'; did you mean 'clean_customers'?\n");
  const ProgramEnd early =
      books.run({"preview", "customers", "clean_customers", "--period", "2026-02"});
  CHECK(early.exit == 2);
  CHECK(early.err.starts_with("error: there are no rows to show: "));
}
