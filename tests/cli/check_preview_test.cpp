// `preview` of check jobs: of the visible version, and of a file before it is loaded.
#include <doctest/doctest.h>

#include <filesystem>

#include "books.h"
#include "core/files.h"
#include "core/json.h"

using namespace tallymill;

namespace {

constexpr const char* kGate = R"(  raw_is_sound:
    type: check
    of: customers_raw
    checks:
      - not_null: phone
      - in_range: { column: owed, min: "0.00", severity: warn }
      - unique: name
    on_fail: block
)";

/// With a gate in front of the cleanse; `read` goes into the options of the extract.
Books& with_gate(Books& books, const std::string& read = "") {
  std::string graph = Books::kCustomers;
  const std::string into = "    into: customers_raw\n";
  graph.replace(graph.find(into), into.size(), into + read);
  books.write("graphs/customers.yaml", graph + kGate);
  return books;
}

ProgramEnd preview(Books& books, std::vector<std::string> more) {
  std::vector<std::string> arguments{"preview", "customers", "raw_is_sound", "--period", "2026-01"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return books.run(std::move(arguments));
}

}  // namespace

TEST_CASE("preview: a file is judged before anything of it is loaded, and nothing is published") {
  Books books;
  with_gate(books, "    key: [customer_no]\n");
  books.write("sent/again.csv",
              "customer_no,name,phone,owed\n"
              "C1,Lee,13800000001,10.00\n"
              "C2,张三,13800000002,-2.50\n"
              "C3,王小明,13800000003,twelve\n"
              "C4,O'Neil,,7.25\n"
              "C4,O'Neil,13800000004,7.25\n");
  const std::string file = (books.state().parent_path() / "sent/again.csv").string();
  const std::string failures = (books.state().parent_path() / "failures.csv").string();
  const ProgramEnd end = preview(books, {"--file", file, "--failures", failures});
  CHECK(end.err == "");
  CHECK(end.out == "customers 2026-01, job raw_is_sound: " + file +
                       " has 5 records, 1 rejected as duplicate_key, 1 rejected as not_a_number; "
                       "3 rows checked; nothing is published\n"
                       "  check            severity  outcome  checked  failed  found\n"
                       "  not_null(phone)  error     fail           3       1  1 of 3 rows failed\n"
                       "  in_range(owed)   warn      warn           3       1  1 of 3 rows failed\n"
                       "  unique(name)     error     pass           3       0  0 of 3 rows failed\n"
                       "\n"
                       "the gate of 'customers_raw' would refuse it\n"
                       "2 findings written to " +
                       failures + "\n");
  CHECK(end.exit == 3);
  CHECK(read_file(failures) ==
        "customer_no,name,phone,owed,_check,_severity,_code,_message,_source,_line\n"
        "C2,张三,***,-2.50,in_range(owed),warn,in_range,owed is -2.50; expected at least "
        "0.00,again.csv,3\n"
        "C4,O'Neil,,7.25,not_null(phone),error,not_null,phone is ***; expected a "
        "value,again.csv,5\n");
  CHECK(books.run({"datasets"}).err.starts_with("error: nothing has run"));
}

TEST_CASE("preview: no text of a CSV file of failing rows is a formula to a spreadsheet program") {
  Books books;
  with_gate(books, "    key: [customer_no]\n");
  books.write("sent.csv",
              "customer_no,name,phone,owed\n"
              "C1,=1+1,,-2.50\n"
              "C2,'@x,,-2.50\n");
  const std::string file = (books.root() / "sent.csv").string();
  for (const char* name : {"failures.csv", "failures.parquet"})
    REQUIRE(preview(books, {"--file", file, "--failures", (books.root() / name).string()}).exit ==
            3);
  const std::string rows = read_file(books.root() / "failures.csv");
  CHECK(contains(rows, "C1,'=1+1,,-2.50,"));
  CHECK(contains(rows, "C2,''@x,,-2.50,"));
  const std::string parquet = read_file(books.root() / "failures.parquet");
  CHECK(contains(parquet, "=1+1"));
  CHECK(!contains(parquet, "'=1+1"));
}

TEST_CASE("preview: a check of the visible version says what its run would") {
  Books books;
  with_gate(books);
  REQUIRE(books.run_month().exit == 3);
  const std::string datasets = books.run({"datasets"}).out;
  const ProgramEnd end = preview(books, {"--json"});
  const json::value found = parse_json(end.out, "preview --json");
  CHECK(found.at("file").is_null());
  CHECK(found.at("rows").as_int64() == 4);
  CHECK(found.at("findings").as_int64() == 5);
  CHECK(!found.at("gate").at("passed").as_bool());
  CHECK(found.at("checks").at(2).at("verdict").as_string() == "fail");
  CHECK(end.exit == 3);
  CHECK(books.run({"datasets"}).out == datasets);
}

TEST_CASE("preview: all is well with a file that is sound") {
  Books books;
  with_gate(books);
  books.write("sound.csv", "customer_no,name,phone,owed\nC1,Lee,13800000001,10.00\n");
  const std::string file = (books.state().parent_path() / "sound.csv").string();
  const std::string failures = (books.state().parent_path() / "failures.parquet").string();
  const ProgramEnd end = preview(books, {"--file", file, "--failures", failures});
  CHECK(contains(end.out, "the gate of 'customers_raw' would let it pass\n"));
  CHECK(end.exit == 0);
  CHECK(read_file(failures).starts_with("PAR1"));
}

TEST_CASE("preview: a file goes with a check of what an extract makes") {
  Books& books = finished_books();
  const ProgramEnd made = books.run(
      {"preview", "customers", "nobody_is_owed", "--period", "2026-01", "--file", "/etc/hostname"});
  CHECK(made.exit == 2);
  CHECK(made.err ==
        "error: --file stands for what an extract job reads, and dataset 'customers' is made by "
        "job 'clean_customers' of graph 'customers', of type cleanse; name a check of what an "
        "extract makes\n");
  CHECK(books
            .run({"preview", "customers", "nobody_is_owed", "--period", "2026-01", "--file",
                  "nowhere.csv"})
            .err == "error: there is no file 'nowhere.csv'\n");
  CHECK(books
            .run({"preview", "customers", "nobody_is_owed", "--period", "2026-01", "--failures",
                  "nowhere/x.csv"})
            .exit == 2);
  CHECK(books
            .run({"preview", "customers", "clean_customers", "--period", "2026-01", "--failures",
                  "x.csv"})
            .err == "error: --failures goes with a check job; 'clean_customers' is a cleanse\n");
}

TEST_CASE("preview: a file of which the extract would reject too much ends as its run would") {
  Books books;
  const std::string file = (books.root() / "again.csv").string();
  books.write("again.csv",
              "customer_no,name,phone,owed\n"
              "C1,Lee,13800000001,10.00\n"
              "C2,Bo,13800000002,twelve\n"
              "C3,Wu,13800000003,twelve\n");
  with_gate(books, "    max_rejected: 1\n");
  const ProgramEnd end = preview(books, {"--file", file});
  CHECK_MESSAGE(contains(end.out,
                         "\na run would fail: job 'read_customers' rejects 2 of 3 records, more "
                         "than max_rejected 1\n"),
                end.out);
  CHECK(contains(end.out, "  not_null(phone)  error     pass "));
  CHECK(end.exit == 1);
  const json::value told = parse_json(preview(books, {"--file", file, "--json"}).out, "preview");
  CHECK(told.at("refused").at("limit").as_string() == "max_rejected 1");
  CHECK(told.at("extract").as_string() == "read_customers");

  Books tolerant;
  with_gate(tolerant, "    max_rejected: 2\n");
  const ProgramEnd fine = preview(tolerant, {"--file", file, "--json"});
  CHECK(fine.exit == 0);
  CHECK(parse_json(fine.out, "preview").at("refused").is_null());
  // As the run itself: the same file, the same end.
  std::filesystem::copy_file(file, books.root() / "sources/customers-2026-01.csv",
                             std::filesystem::copy_options::overwrite_existing);
  const ProgramEnd run = books.run_month();
  CHECK(run.exit == 1);
  CHECK(contains(run.out, "rejects 2 of 3 records read, more than max_rejected 1"));
}

TEST_CASE("preview: a gate with on_fail: fail ends the preview as it would the run") {
  Books books;
  with_gate(books);
  std::string graph = read_file(books.root() / "graphs/customers.yaml");
  graph.replace(graph.find("on_fail: block"), 14, "on_fail: fail");
  books.write("graphs/customers.yaml", graph);
  const std::string file = (books.root() / "sources/customers-2026-01.csv").string();
  const ProgramEnd end = preview(books, {"--file", file});
  CHECK_MESSAGE(
      contains(end.out, "the gate of 'customers_raw' would refuse it, and the job would fail\n"),
      end.out);
  CHECK(end.exit == 1);
  CHECK(books.run_month().exit == 1);
}

TEST_CASE("preview: failing rows are written with what is sensitive for who says so, on record") {
  Books books;
  with_gate(books);
  REQUIRE(books.run_month().exit == 3);
  const std::string failures = (books.root() / "failures.csv").string();
  CHECK(preview(books, {"--reveal"}).err ==
        "error: --reveal is about the failing rows, and they are written nowhere; add --failures "
        "FILE\n");
  REQUIRE(preview(books, {"--failures", failures}).exit == 3);
  CHECK(contains(read_file(failures), "C2,张三,***,-2.50,"));
  REQUIRE(
      preview(books, {"--failures", failures, "--reveal", "--reason", "asked by the desk"}).exit ==
      3);
  CHECK(contains(read_file(failures), "C2,张三,13800000002,-2.50,"));
  const std::string acts = books.run({"audit", "--acts"}).out;
  CHECK_MESSAGE(
      contains(acts, "sensitive cells of customers_raw of 2026-01 were shown by 'preview'"), acts);
  CHECK(contains(acts, "asked by the desk"));
  // Parquet is copied as it stands, but only then.
  const std::string parquet = (books.root() / "failures.parquet").string();
  CHECK(preview(books, {"--failures", parquet, "--reveal", "--reason", "t"}).exit == 3);
}

TEST_CASE("preview: the failing rows of a file are revealed where nothing has run yet") {
  Books books;
  with_gate(books);
  const std::string file = (books.root() / "sources/customers-2026-01.csv").string();
  const std::string failures = (books.root() / "failures.csv").string();
  const ProgramEnd end =
      preview(books, {"--file", file, "--failures", failures, "--reveal", "--reason", "t"});
  CHECK_MESSAGE(end.exit == 3, end.err);
  CHECK(contains(read_file(failures), "C2,张三,13800000002,-2.50,"));
  CHECK(contains(books.run({"audit", "--acts"}).out, "were shown by 'preview'"));
}
