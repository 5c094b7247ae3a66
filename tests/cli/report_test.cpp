#include <doctest/doctest.h>

#include "books.h"

using namespace tallymill;

TEST_CASE("report: the books of a job, side by side") {
  const ProgramEnd end = finished_books().run({"report", "customers", "clean_customers"});
  CHECK(end.exit == 0);
  CHECK(end.out ==
        "clean_customers in customers.2026-01.1: succeeded, attempt 1\n"
        "\nbooks, which close\n"
        "  side  class     rows   owed\n"
        "  in    in           4  22.00\n"
        "  out   out          3  14.75\n"
        "  out   rejected     0   0.00\n"
        "  out   merged       1   7.25\n"
        "\nreasons\n"
        "  name       rows  first\n"
        "  duplicate     1      1\n");
}

TEST_CASE("report: every check with what it saw, found and expected") {
  const ProgramEnd end = finished_books().run({"report", "customers", "nobody_is_owed"});
  CHECK(contains(end.out, "\nbooks, which close\n"));
  CHECK(contains(end.out, "  check           severity  verdict  checked  failed  warned"));
  CHECK(contains(end.out, "  in_range(owed)  warn      fail           3       1"));
}

TEST_CASE("report: what an extract rejected, by reason") {
  const ProgramEnd end = finished_books().run({"report", "customers", "read_customers"});
  CHECK(contains(end.out, "rejects.not_a_number"));
  CHECK(contains(end.out, "  in    read         5  "));
}

TEST_CASE("report: --json has the same for programs") {
  const ProgramEnd end = finished_books().run({"report", "customers", "clean_customers", "--json"});
  const json::value report = parse_json(end.out, "report --json");
  CHECK(report.at("run").as_string() == "customers.2026-01.1");
  CHECK(report.at("ledger").at("balances").as_bool());
  CHECK(report.at("report").at("reasons").at("duplicate").at("rows").as_int64() == 1);
}

TEST_CASE("report: a job that is up to date shows what it reuses, a failed one how far it came") {
  Books books;
  REQUIRE(books.run_month().exit == 0);
  REQUIRE(books.run_month().exit == 0);
  const ProgramEnd reused = books.run({"report", "customers", "clean_customers"});
  CHECK(
      reused.out.starts_with("clean_customers in customers.2026-01.2: up to date, as made in "
                             "customers.2026-01.1, attempt 1\n\nbooks, which close\n"));
  CHECK(
      contains(books.run({"report", "customers", "read_customers"}).out, "  in    read         5"));
  std::filesystem::remove(books.root() / "sources/customers-2026-01.csv");
  REQUIRE(books.run_month().exit == 1);
  const ProgramEnd failed = books.run({"report", "customers", "read_customers"});
  CHECK(failed.exit == 0);
  CHECK(failed.out.starts_with("read_customers in customers.2026-01.3: failed, attempt 1\n"));
  CHECK(contains(failed.out, "no such file"));
  const ProgramEnd never = books.run({"report", "customers", "clean_customers"});
  CHECK(never.exit == 2);
  CHECK(never.err ==
        "error: job 'clean_customers' has counted nothing in customers.2026-01.3: it is cancelled; "
        "'tallymill why customers.2026-01.3 clean_customers' says why\n");
}

TEST_CASE("report: without a job all checks of the run, and exit 0 whatever they found") {
  const ProgramEnd end = finished_books().run({"report", "customers"});
  CHECK(end.exit == 0);
  CHECK(end.out ==
        "customers 2026-01, run customers.2026-01.1: all well\n"
        "1 check: 1 warned\n"
        "  job             check           severity  outcome  checked  failed  found               "
        "where\n"
        "  nobody_is_owed  in_range(owed)  warn      warn           3       1  1 of 3 rows failed  "
        "graphs/customers.yaml:26\n");
}

TEST_CASE("report: how rules did, beside the report that is the same in every run") {
  Books books;
  std::string graph = Books::kCustomers;
  const std::string before = "      - in_range:";
  graph.replace(graph.find(before), before.size(), "      - rule: owes_nothing\n" + before);
  books.write("graphs/customers.yaml", graph);
  books.write("rules/owes_nothing.lua",
              "local t = require \"tallymill\"\nreturn t.check_rule {\n"
              "  name = \"owes_nothing\",\n  needs = { owed = \"money\" },\n"
              "  check = function(row)\n    if row.owed > t.money \"100.00\" then\n"
              "      return t.warn(\"W\")\n    end\n  end,\n}\n");
  const ProgramEnd run = books.run_month();
  INFO(run.out, run.err);
  REQUIRE(run.exit == 0);
  const std::string text = books.run({"report", "customers", "nobody_is_owed"}).out;
  CHECK(contains(text,
                 "\nrules\n  rule          kind   runs      evaluated  hits  not applicable  "
                 "errors  ns a row"));
  CHECK(contains(text, "  owes_nothing  check  "));
  CHECK(contains(text, "  never fired\n"));
  const json::value report =
      parse_json(books.run({"report", "customers", "nobody_is_owed", "--json"}).out, "report");
  const json::object& set = report.at("rule_profile").as_array().at(0).as_object();
  CHECK(json_integer(set, "rows") % 3 == 0);  // a check may look at its three rows twice
  CHECK(set.contains("ns_per_row"));
  CHECK(!contains(json::serialize(report.at("report")), "ns_per_row"));
}

TEST_CASE("report: what checks cost stands apart from the report that is the same in every run") {
  Books& books = finished_books();
  const std::string text = books.run({"report", "customers", "nobody_is_owed", "--cost"}).out;
  CHECK(contains(text,
                 "\ncost of the checks, of which those of a pass share it\n"
                 "  pass          rows"));
  CHECK(contains(text, "\n  scan             3 "));
  CHECK(contains(text, "  failing rows     3 "));
  CHECK(contains(text, "in_range(owed)"));
  CHECK_FALSE(contains(text, "books, which close"));
  const json::value report = parse_json(
      books.run({"report", "customers", "nobody_is_owed", "--cost", "--json"}).out, "report");
  CHECK(report.at("check_costs").as_array().at(0).at("pass").as_string() == "scan");
  CHECK_FALSE(contains(json::serialize(report.at("report")), "ns_per_row"));
  CHECK_FALSE(
      contains(books.run({"report", "customers", "nobody_is_owed", "--json"}).out, "check_costs"));
  CHECK(contains(books.run({"report", "customers", "clean_customers", "--cost"}).out,
                 "no check of this attempt was timed"));
}

TEST_CASE("report: wrong usage exits 2 with what is near, --help has an example") {
  Books& books = finished_books();
  CHECK(books.run({"report", "customers", "clean_custmers"}).err ==
        "error: run customers.2026-01.1 has no job 'clean_custmers'; did you mean "
        "'clean_customers'?\n");
  CHECK(books.run({"report"}).exit == 2);
  CHECK(books.run({"report", "customers", "clean_customers", "--html", "x"}).err ==
        "error: --html is of a whole run; leave out the job\n");
  CHECK(books.run({"report", "customers", "--partition", "city=beijing"}).err ==
        "error: --partition is of a job; name the job, too\n");
  CHECK(books.run({"report", "customers", "--sample", "-1"}).exit == 2);
  CHECK(books.run({"report", "customers", "--html", "none/x.html"}).exit == 1);
  CHECK(contains(books.run({"report", "--help"}).out,
                 "\nExample:\n  tallymill report cost_attribution cost_is_sound\n"));
}
