#include <doctest/doctest.h>

#include "books.h"

using namespace tallymill;

TEST_CASE("rejects: every row that was turned away, with its place and its reason") {
  const ProgramEnd end = finished_books().run({"rejects", "read_customers"});
  CHECK(end.exit == 0);
  CHECK(contains(end.out, "customers-2026-01.csv     4  owed    not_a_number"));
  CHECK(contains(end.out, "owed: 'twelve' is not a plain number"));
  CHECK(contains(end.out, "  ***\n"));  // the line has a phone number in it
  CHECK(end.out.ends_with("1 row\n"));
}

TEST_CASE("rejects: --kind shows other evidence, --where and --limit choose") {
  Books& books = finished_books();
  CHECK(contains(books.run({"rejects", "clean_customers", "--kind", "merged"}).out,
                 "the same row as customers-2026-01.csv:5"));
  CHECK(books.run({"rejects", "read_customers", "--where", "line = 5"}).out.ends_with("0 rows\n"));
  CHECK(books.run({"rejects", "clean_customers"}).out.ends_with("0 rows\n"));
}

TEST_CASE("rejects: --csv and --json are for programs") {
  Books& books = finished_books();
  CHECK(books.run({"rejects", "read_customers", "--csv", "--reveal"}).out ==
        "source,line,column,reason,reasons,message,original\n"
        "customers-2026-01.csv,4,owed,not_a_number,not_a_number,owed: 'twelve' is not a plain "
        "number,\"C3,王小明,13800000003,twelve\"\n");
  const json::value answer =
      parse_json(books.run({"rejects", "read_customers", "--json"}).out, "rejects --json");
  CHECK(answer.at("total").as_int64() == 1);
  CHECK(answer.at("rows").at(0).at("line").as_string() == "4");
  CHECK(answer.at("rows").at(0).at("original").as_string() == "***");
}

TEST_CASE("rejects: what another extract of the source calls sensitive is masked in the original") {
  ProgramFixture books;
  books.write("tallymill.yaml",
              "workspace: books\nconnectors:\n  files: { type: files, root: sources }\n"
              "  others: { type: files, root: sources }\n");
  books.write("sources/a.csv", "id,phone,owed\n1,13800000001,x\n2,13800000002,2.00\n");
  const auto extract = [](const std::string& name, const std::string& columns,
                          const std::string& connector = "files") {
    return "  " + name + ": { type: extract, from: { connector: " + connector +
           ", path: a.csv }, into: " + name + "_rows, columns: { " + columns + " } }\n";
  };
  const std::string head = "period: month\njobs:\n";
  const std::string amounts = extract("amounts", "id: text, owed: money");
  books.write("graphs/amounts.yaml", "graph: amounts\n" + head + amounts);
  books.write("graphs/others.yaml",
              "graph: others\n" + head + extract("elsewhere", "id: text, owed: money", "others"));
  const auto original = [&](const std::string& job) {
    const ProgramEnd end = books.run({"rejects", job, "--json"});
    const json::value answer = parse_json(end.out, end.out + end.err);
    return std::string(answer.at("rows").at(0).at("original").as_string());
  };
  REQUIRE(books.run({"run", "amounts", "--period", "2026-01"}).exit == 0);
  CHECK(original("amounts") == "1,13800000001,x");

  // Another graph says what the column holds: what is there already is made anew with it masked.
  books.write("graphs/people.yaml",
              "graph: people\n" + head +
                  extract("people",
                          "id: text, number: { type: text, source: phone, sensitive: "
                          "true }"));
  REQUIRE(books.run({"run", "amounts", "--period", "2026-01"}).exit == 0);
  CHECK(original("amounts") == "***");
  // Another connector is another source.
  REQUIRE(books.run({"run", "others", "--period", "2026-01"}).exit == 0);
  CHECK(original("elsewhere") == "1,13800000001,x");
  for (const char* way : {"--csv", "--json"})
    CHECK(!contains(books.run({"show", "amounts.rejects", way}).out, "1380000"));
  CHECK(!contains(books.run({"show", "amounts.rejects"}).out, "1380000"));
  CHECK(!contains(read_file(books.state() / "store.db"), "1380000"));
  const ProgramEnd page = books.run({"report", "amounts", "--html", "page.html"});
  CHECK(page.exit == 0);
  CHECK(!contains(page.out + read_file(books.root() / "page.html"), "1380000"));

  const ProgramEnd sheet = books.run({"rejects", "amounts", "--export", "sheet.xlsx"});
  CHECK(sheet.exit != 0);
  CHECK(contains(sheet.err,
                 "the records of the source have a column that another job calls "
                 "sensitive"));
  CHECK(!std::filesystem::exists(books.root() / "sheet.xlsx"));
  CHECK(books.run({"rejects", "amounts", "--export", "sheet.csv", "--reveal", "--reason", "test"})
            .exit == 0);
  CHECK(contains(read_file(books.root() / "sheet.csv"), "1380000"));
  CHECK(contains(books.run({"rejects", "amounts", "--reveal", "--reason", "test"}).out, "1380000"));
}

TEST_CASE("rejects: a failed attempt's evidence is there too") {
  Books books;
  // What cleanse rejects is kept although the job fails: the books of a wrong balance do not close.
  std::string graph = Books::kCustomers;
  graph.replace(graph.find("on_fail: warn"), 13, "on_fail: fail");
  graph.replace(graph.find("severity: warn"), 14, "severity: error");
  books.write("graphs/customers.yaml", graph);
  CHECK(books.run_month().exit == 1);
  const ProgramEnd end = books.run({"rejects", "nobody_is_owed", "--kind", "failures"});
  CHECK(end.exit == 0);
  CHECK(contains(end.out, "owed is -2.50; expected at least 0.00"));
  // What the report of the run names as the next step.
  CHECK(books.run({"rejects", "nobody_is_owed"}).out == end.out);
  CHECK(books.run({"show", "nobody_is_owed.failures"}).exit == 2);  // not published
}

TEST_CASE("rejects: every command that a run's report names finds its rows") {
  ProgramFixture books;
  books.write("tallymill.yaml",
              "workspace: books\nconnectors: { files: { type: files, root: sources } }\n");
  books.write("sources/costs.csv", "item,city,cost\nrent,A,10.00\nrent,B,x\nfuel,C,7.00\n");
  books.write("sources/users.csv", "user,city,weight\nU1,A,1\nU2,A,2\n");
  books.write("graphs/share.yaml", R"(graph: share
period: month
jobs:
  costs:
    type: extract
    from: { connector: files, path: costs.csv }
    into: costs
    key: [item, city]
    columns: { item: { type: text, required: true }, city: { type: text, required: true }, cost: money }
  users:
    type: extract
    from: { connector: files, path: users.csv }
    into: users
    key: [user]
    columns: { user: { type: text, required: true }, city: text, weight: integer }
  shared:
    type: allocate
    tags: [result]
    pool: { dataset: costs, amount: cost }
    receivers: { dataset: users, key: user, match: { city: city } }
    driver: weight
    zero_driver: park
    negative_driver: fail
    missing_driver: zero
    no_receivers: park
    into: shared
  all_shared:
    type: reconcile
    left: { dataset: costs, key: [item], amount: cost, aggregate: sum }
    right: { dataset: shared, key: [item], amount: amount, aggregate: sum }
)");
  const ProgramEnd end = books.run({"run", "share", "--period", "2026-01"});
  INFO(end.out, end.err);
  CHECK(contains(end.out, "  tallymill rejects costs  # costs rejected 1 row\n"));
  CHECK(contains(end.out, "  tallymill rejects shared  # shared parked 1 pool\n"));
  CHECK(contains(books.run({"rejects", "costs"}).out, "not_a_number"));
  CHECK(contains(books.run({"rejects", "shared"}).out, "no_receivers"));
  CHECK(contains(books.run({"rejects", "all_shared"}).out, "left_only"));
}

TEST_CASE("rejects: wrong usage exits 2 with what is near") {
  const auto error = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "rejects");
    const ProgramEnd end = finished_books().run(arguments);
    CHECK(end.exit == 2);
    return end.err;
  };
  CHECK(error({"read_custmers"}) ==
        "error: there is no job 'read_custmers' in run customers.2026-01.1; did you mean "
        "'read_customers'?\n");
  CHECK(error({"clean_customers", "--kind", "mergd"}) ==
        "error: job 'clean_customers' has no mergd in run customers.2026-01.1; it has merged, "
        "rejects\n");
  CHECK(error({"clean_customers", "--run", "custmers"}) ==
        "error: there is no run 'custmers'; did you mean 'customers'?\n");
  CHECK(error({}) == "error: argument JOB is missing; see 'tallymill rejects --help'\n");
}

TEST_CASE("rejects: --help has an example") {
  const ProgramEnd help = finished_books().run({"rejects", "--help"});
  CHECK(help.exit == 0);
  CHECK(contains(help.out, "\nExample:\n  tallymill rejects clean_users\n"));
}

TEST_CASE("rejects: --run shows the rows of that run, also after another one published") {
  Books books;
  REQUIRE(books.run_month().exit == 0);
  books.write("sources/customers-2026-01.csv", "customer_no,name,phone,owed\nC1,Lee,,1.00\n");
  REQUIRE(books.run_month().exit == 0);
  const auto rows = [&](const std::string& run) {
    return books.run({"rejects", "read_customers", "--run", run, "--csv"}).out;
  };
  CHECK(contains(rows("customers.2026-01.1"), "twelve"));
  CHECK(!contains(rows("customers.2026-01.2"), "twelve"));
}
