#include <doctest/doctest.h>

#include "books.h"

using namespace tallymill;

namespace {

/// Books with a case of their own that holds.
class TestedBooks : public Books {
 public:
  TestedBooks() {
    write("tests/january/case.yaml",
          "description: What is owed in January.\nperiod: 2026-01\n"
          "run: [run customers --period 2026-01]\n");
    write("tests/january/expected/customers.csv",
          "customer_no,name,phone,owed,_source,_line\n"
          "C1,Ng,,5.00,customers-2026-01.csv,2\n");
    write("tests/january/in/sources/customers-2026-01.csv",
          "customer_no,name,phone,owed\nC1,Ng,,5.00\n");
  }
};

}  // namespace

TEST_CASE("test: a case that holds passes, in a copy, with its own input") {
  TestedBooks books;
  const ProgramEnd end = books.run({"test"});
  INFO(end.out, end.err);
  CHECK(end.exit == 0);
  CHECK(end.out == "passed  january\n1 passed, 0 failed, 0 not run\n");
  CHECK(!std::filesystem::exists(books.state()));
  CHECK(books.run({"test", "january"}).exit == 0);
}

TEST_CASE("test: a case that does not hold shows the lines that differ and exits 3") {
  TestedBooks books;
  books.write("tests/january/in/sources/customers-2026-01.csv",
              "customer_no,name,phone,owed\nC1,Ng,,6.00\n");
  const ProgramEnd end = books.run({"test"});
  CHECK(end.exit == 3);
  CHECK(end.out ==
        "failed  january: customers.csv differs (expected 2 lines, got 2)\n"
        "  line 2\n"
        "    - C1,Ng,,5.00,customers-2026-01.csv,2\n"
        "    + C1,Ng,,6.00,customers-2026-01.csv,2\n"
        "\n0 passed, 1 failed, 0 not run\n");
  const json::value cases = parse_json(books.run({"test", "--json"}).out, "test --json");
  CHECK(cases.at("cases").at(0).at("case").as_string() == "january");
  CHECK(cases.at("cases").at(0).at("state").as_string() == "failed");
}

TEST_CASE("test: --update makes what came out what is expected") {
  TestedBooks books;
  books.write("tests/january/in/sources/customers-2026-01.csv",
              "customer_no,name,phone,owed\nC1,Ng,,6.00\n");
  CHECK(books.run({"test", "--update"}).exit == 0);
  CHECK(contains(read_file(books.root() / "tests/january/expected/customers.csv"), "C1,Ng,,6.00"));
  CHECK(books.run({"test"}).exit == 0);
}

TEST_CASE("test: an exit code that was not expected is a failure with what was said") {
  TestedBooks books;
  books.write("tests/january/case.yaml", "run: [run custmers --period 2026-01]\n");
  const ProgramEnd end = books.run({"test"});
  CHECK(end.exit == 3);
  CHECK(contains(end.out, "exit code is 2, expected 0\nerror: unknown graph 'custmers'"));
}

TEST_CASE("test: wrong usage exits 2 with what is near") {
  TestedBooks books;
  const ProgramEnd unknown = books.run({"test", "janury"});
  CHECK(unknown.exit == 2);
  CHECK(contains(unknown.err, "error: no case 'janury' in "));
  CHECK(contains(unknown.err, "; did you mean 'january'?\n"));
  CHECK(contains(books.run({"test", "zzzzzz"}).err, "; the cases are january\n"));
  books.write("tests/january/case.yaml", "runs: [plan]\n");
  const ProgramEnd malformed = books.run({"test"});
  CHECK(malformed.exit == 2);
  CHECK(contains(malformed.err, "tests/january/case.yaml:1:1: error: unknown option 'runs'"));
  const ProgramEnd none = finished_books().run({"test"});
  CHECK(none.exit == 2);
  CHECK(none.err ==
        "error: the workspace has no cases; make tests/<case>/case.yaml, which 'tallymill explain "
        "case' "
        "explains\n");
}

TEST_CASE("test: --help has an example") {
  const ProgramEnd help = finished_books().run({"test", "--help"});
  CHECK(help.exit == 0);
  CHECK(contains(help.out, "\nExample:\n  tallymill test december\n"));
}
