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
