#include <doctest/doctest.h>

#include "books.h"
#include "scheduler/socket_client.h"

using namespace tallymill;

namespace {

ProgramEnd show(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"show", "customers"});
  return finished_books().run(arguments);
}

}  // namespace

TEST_CASE("show: rows in key order, aligned, sensitive columns masked") {
  const ProgramEnd end = show({});
  CHECK(end.exit == 0);
  CHECK(end.err.empty());
  CHECK(end.out ==
        "customer_no  name       phone   owed  _source                _line\n"
        "C1           Lee, \"Bo\"  ***    10.00  customers-2026-01.csv      2\n"
        "C2           张三       ***    -2.50  customers-2026-01.csv      3\n"
        "C4           O'Neil     -       7.25  customers-2026-01.csv      5\n"
        "3 rows\n");
}

TEST_CASE("show: --where, --columns and --limit choose, and the last line says of how many") {
  CHECK(show({"--where", "owed > 0", "--columns", "name,owed", "--limit", "1"}).out ==
        "name        owed\n"
        "Lee, \"Bo\"  10.00\n"
        "1 of 2 rows\n");
  CHECK(show({"--where", "name = '张三'", "--columns", "customer_no"}).out ==
        "customer_no\nC2\n1 row\n");
  CHECK(show({"--where", "owed > 1000"}).out ==
        "customer_no  name  phone  owed  _source  _line\n0 rows\n");
  CHECK(contains(show({"--limit", "0"}).out, "3 rows\n"));
}

TEST_CASE("show: --csv quotes what needs it and leaves nulls empty") {
  CHECK(show({"--csv", "--columns", "customer_no,name,phone"}).out ==
        "customer_no,name,phone\n"
        "C1,\"Lee, \"\"Bo\"\"\",***\n"
        "C2,张三,***\n"
        "C4,O'Neil,\n");
}

TEST_CASE("show: --json has every row as texts and nulls, and how many there are") {
  const json::value answer = parse_json(show({"--json", "--limit", "2"}).out, "show --json");
  CHECK(answer.at("total").as_int64() == 3);
  REQUIRE(answer.at("rows").as_array().size() == 2);
  CHECK(answer.at("rows").at(1).at("name").as_string() == "张三");
  CHECK(answer.at("rows").at(1).at("owed").as_string() == "-2.50");
  CHECK(answer.at("rows").at(1).at("phone").as_string() == "***");
}

TEST_CASE("show: a masked value cannot be guessed by a condition; --reveal shows it") {
  CHECK(contains(show({"--where", "phone = '13800000001'"}).out, "\n0 rows\n"));
  CHECK(contains(show({"--where", "phone like '138%'"}).out, "\n0 rows\n"));
  const ProgramEnd revealed = show({"--reveal", "--where", "phone = '13800000001'"});
  CHECK(contains(revealed.out, "13800000001"));
  CHECK(contains(revealed.out, "\n1 row\n"));
}

TEST_CASE("show: whoever sees sensitive cells stands in the journal, and why, before they do") {
  Books books;
  REQUIRE(books.run_month().exit == 0);
  const auto told = [&] {
    const std::string acts = books.run({"audit", "--acts"}).out;
    const std::size_t at = acts.find("sensitive cells");
    return at == std::string::npos ? std::string() : acts.substr(at, acts.find('\n', at) - at);
  };
  REQUIRE(books.run({"show", "customers"}).exit == 0);
  CHECK(told().empty());
  REQUIRE(books
              .run({"show", "customers", "--reveal", "--columns", "phone", "--where",
                    "phone = '13800000001'", "--reason", "a call back"})
              .exit == 0);
  CHECK(
      told() ==
      "sensitive cells of customers of 2026-01 were shown by 'show', columns phone (a call back)");
  CHECK(!contains(books.run({"audit", "--json"}).out, "13800000001"));
  CHECK(books.run({"rejects", "read_customers", "--reveal"}).exit == 0);
  CHECK(contains(books.run({"audit", "--acts"}).out,
                 "read_customers.rejects of 2026-01 were shown by 'rejects'"));
  CHECK(books.run({"audit", "verify"}).exit == 0);
}

TEST_CASE("show: where a scheduler is at work, it writes who saw what") {
  Books books;
  REQUIRE(books.run_month().exit == 0);
  const pid_t scheduler = books.start({"scheduler"}, "scheduler");
  REQUIRE(soon([&] { return SocketClient::connect(books.state() / "socket").has_value(); }));
  CHECK(contains(books.run({"show", "customers", "--reveal"}).out, "13800000001"));
  CHECK(contains(books.run({"audit", "--acts"}).out, "customers of 2026-01 were shown by 'show'"));
  ::kill(scheduler, SIGTERM);
  CHECK(books.wait(scheduler, "scheduler").exit == 0);
}

TEST_CASE("show: evidence is a dataset like any other") {
  const ProgramEnd end = finished_books().run({"show", "nobody_is_owed.failures"});
  CHECK(contains(end.out, "owed is -2.50; expected at least 0.00"));
}

TEST_CASE("show: control characters in the data are shown, not obeyed") {
  Books books;
  books.write("sources/customers-2026-01.csv",
              "customer_no,name,phone,owed\nC1,\"\033[31mred\nline\",,1.00\n");
  REQUIRE(books.run_month().exit == 0);
  const std::string table = books.run({"show", "customers", "--columns", "name"}).out;
  CHECK(table == "name\n\\x1b[31mred\\nline\n1 row\n");
  CHECK(contains(books.run({"show", "customers", "--csv"}).out, "\"\033[31mred\nline\""));
}

TEST_CASE("show: works while a graph file is being edited") {
  Books books;
  REQUIRE(books.run_month().exit == 0);
  books.write("graphs/customers.yaml", "graph: customers\nperiod: mo");
  CHECK(contains(books.run({"show", "customers"}).out, "3 rows\n"));
  CHECK(contains(books.run({"rejects", "read_customers"}).out, "1 row\n"));
}

TEST_CASE("show: wrong usage exits 2 with what is wrong and what is near") {
  const auto error = [&](const std::vector<std::string>& arguments) {
    const ProgramEnd end = finished_books().run(arguments);
    CHECK(end.exit == 2);
    CHECK(end.out.empty());
    return end.err;
  };
  CHECK(error({"show", "custmers"}) ==
        "error: dataset 'custmers' has no visible version; did you mean 'customers'?\n");
  CHECK(error({"show", "customers", "--period", "2026-02"}) ==
        "error: dataset 'customers' has no visible version for period 2026-02; it has 2026-01\n");
  CHECK(error({"show", "customers", "--columns", "naem"}) ==
        "error: --columns: dataset 'customers' has no column 'naem'; did you mean 'name'?\n");
  CHECK(error({"show", "customers", "--where", "owned > 0"})
            .starts_with("error: --where: Referenced column \"owned\" not found"));
  CHECK(
      error({"show", "customers", "--where", "1=1; drop table x"}).starts_with("error: --where: "));
  CHECK(error({"show", "customers", "--limit", "-1"}) ==
        "error: option '--limit' must be a whole number of at least 0, got '-1'; see 'tallymill "
        "show --help'\n");
  CHECK(error({"show", "customers", "--wher", "x"}) ==
        "error: unknown option '--wher'; did you mean '--where'?; see 'tallymill show --help'\n");
  CHECK(error({"show"}) == "error: argument DATASET is missing; see 'tallymill show --help'\n");
}

TEST_CASE("show: --help has an example") {
  const ProgramEnd help = finished_books().run({"show", "--help"});
  CHECK(help.exit == 0);
  CHECK(contains(help.out,
                 "\nExample:\n  tallymill show user_cost --where \"amount > 100.00\" --limit 5\n"));
}

TEST_CASE("show: a column that is called sensitive later is masked wherever it went") {
  ProgramFixture books;
  books.write("tallymill.yaml",
              "workspace: books\nconnectors:\n  files: { type: files, root: sources }\n");
  books.write("sources/a.csv", "id,phone\n1,13800000001\n");
  const auto write_graph = [&](const std::string& phone) {
    books.write(
        "graphs/people.yaml",
        "graph: people\nperiod: month\njobs:\n"
        "  read: { type: extract, from: { connector: files, path: a.csv }, into: people, "
        "key: [id], columns: { id: text, phone: " +
            phone +
            " } }\n"
            "  clean: { type: cleanse, from: people, into: clean_people, key: [id], steps: "
            "[trim: [phone]] }\n"
            "  tidy: { type: cleanse, from: clean_people, into: tidy_people, key: [id], steps: "
            "[trim: [id]], tags: [result] }\n");
  };
  const auto run = [&] { return books.run({"run", "people", "--period", "2026-01"}); };
  write_graph("text");
  const ProgramEnd first = run();
  REQUIRE_MESSAGE(first.exit == 0, first.out << first.err);
  CHECK(contains(books.run({"show", "clean_people"}).out, "13800000001"));
  write_graph("{ type: text, sensitive: true }");
  REQUIRE(run().exit == 0);
  for (const char* dataset : {"people", "clean_people", "tidy_people"}) {
    CAPTURE(dataset);
    CHECK(!contains(books.run({"show", dataset}).out, "1380000"));
  }
  CHECK(contains(run().out, "up to date"));
}
