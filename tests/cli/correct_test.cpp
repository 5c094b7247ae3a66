#include <doctest/doctest.h>

#include <random>
#include <thread>

#include "books.h"
#include "core/files.h"

using namespace tallymill;

namespace {

/// A month whose customers below zero are rejected has run; the sheet of what a job turned away is
/// in the file.
struct Corrected : Books {
  Corrected() {
    std::string graph = kCustomers;
    const std::string before = "    balance: [owed]";
    graph.insert(graph.find(before),
                 "      - reject: { when: \"owed < 0\", reason: below_zero }\n");
    write("graphs/customers.yaml", graph);
    REQUIRE(run_month().exit == 0);
  }
  ProgramEnd sheet(const std::string& job, const std::string& file = "sheet.csv") {
    return run({"rejects", job, "--export", (root() / file).string(), "--reveal", "--reason", "t"});
  }
  std::string read(const std::string& file) const { return read_file(root() / file); }
  void replace(const std::string& text, const std::string& by) {
    std::string content = read("sheet.csv");
    const std::size_t at = content.find(text);
    REQUIRE_MESSAGE(at != std::string::npos, content);
    write("sheet.csv", content.replace(at, text.size(), by));
  }
  ProgramEnd correct(const std::string& job, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"correct", job, (root() / "sheet.csv").string(), "--reason",
                                   "as on paper"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
};

}  // namespace

TEST_CASE(
    "correct: a rejected row comes back as it should have been, and what follows is done anew") {
  Corrected books;
  const ProgramEnd sheet = books.sheet("clean_customers");
  CHECK_MESSAGE(sheet.exit == 0, sheet.err);
  CHECK(sheet.out.starts_with("1 row of clean_customers.rejects for 2026-01 in "));
  books.replace(",-2.50\n", ",2.50\n");
  const ProgramEnd tried = books.correct("clean_customers", {"--dry-run"});
  CHECK(tried.out == "would correct 1 cell in 1 row of clean_customers for 2026-01\n");
  const ProgramEnd done = books.correct("clean_customers", {"--rerun"});
  CHECK_MESSAGE(done.exit == 0, done.err);
  CHECK(contains(done.err, "corrected 1 cell in 1 row of clean_customers for 2026-01\n"));
  const ProgramEnd rows = books.run({"show", "customers", "--csv"});
  CHECK(contains(rows.out, "C2,张三,***,2.50,"));
  CHECK(
      contains(books.run({"rejects", "clean_customers", "--csv"}).out, "_message,_source,_line\n"));
  const ProgramEnd outcome = books.run({"show", "clean_customers.corrections", "--csv"});
  CHECK(contains(outcome.out, "customers-2026-01.csv,3,owed,***,***,applied\n"));
  const ProgramEnd acts = books.run({"audit", "--acts"});
  CHECK(contains(acts.out, "1 row of customers for 2026-01 corrected from sheet.csv"));
  CHECK(contains(acts.out, "as on paper"));
  const ProgramEnd report = books.run({"report", "customers", "clean_customers"});
  CHECK(contains(report.out, "adjusted"));
  // What a preview would change goes by what people have said, too.
  const ProgramEnd preview =
      books.run({"preview", "customers", "clean_customers", "--period", "2026-01"});
  CHECK_MESSAGE(contains(preview.out, "0 rows added, 0 removed, 0 changed"),
                (preview.out + preview.err));
}

TEST_CASE("correct: only the corrected job and what reads it run anew") {
  Corrected books;
  REQUIRE(books.sheet("clean_customers").exit == 0);
  books.replace(",-2.50\n", ",2.50\n");
  REQUIRE(books.correct("clean_customers").exit == 0);
  const ProgramEnd plan = books.run({"plan", "customers", "--period", "2026-01"});
  CHECK(contains(plan.out, "read_customers"));
  REQUIRE(books.run_month().exit == 0);
  const ProgramEnd status = books.run({"status", "customers.2026-01.2"});
  CHECK(contains(status.out, "up to date"));
  const ProgramEnd why = books.run({"why", "customers.2026-01.2", "clean_customers"});
  CHECK(contains(why.out, "what people say of its rejected rows is new ("));
  REQUIRE(books.run_month().exit == 0);  // nothing more to do
  CHECK(contains(books.run({"status", "customers.2026-01.3"}).out, "clean_customers  up to date"));
}

TEST_CASE("correct: a record that an extract rejected is filled in") {
  Corrected books;
  REQUIRE(books.sheet("read_customers").exit == 0);
  CHECK(contains(books.read("sheet.csv"), "\"C3,王小明,13800000003,twelve\",,,,\n"));
  books.replace("twelve\",,,,\n", "twelve\",,,,12.00\n");
  const ProgramEnd done = books.correct("read_customers", {"--rerun"});
  CHECK_MESSAGE(done.exit == 0, done.err);
  CHECK(contains(books.run({"show", "customers_raw", "--csv"}).out, "C3,王小明,***,12.00,"));
  CHECK(contains(books.run({"show", "customers", "--csv"}).out, "C3,王小明,***,12.00,"));
}

TEST_CASE(
    "correct: what is wrong with a sheet is said at once, with its lines, and nothing is taken") {
  Corrected books;
  REQUIRE(books.sheet("clean_customers").exit == 0);
  books.replace(",-2.50\n", ",2.555\n");
  const std::string sheet = books.read("sheet.csv");
  const std::string row = sheet.substr(sheet.find('\n') + 1);
  books.write("sheet.csv", sheet + row);
  const ProgramEnd end = books.correct("clean_customers");
  CHECK(end.exit == 2);
  CHECK(contains(
      end.err, "sheet.csv:2: error: column 'owed': '2.555' is no money (surplus_fraction_digits)"));
  CHECK(contains(end.err, "sheet.csv:3: error: line 2 is about the same row; keep one of them"));
  CHECK(contains(books.run({"audit", "--acts"}).out, "corrected") == false);

  books.write("sheet.csv", "a,b\n1,2\n");
  CHECK(contains(books.correct("clean_customers").err, "the sheet has no column '_digest'"));
  books.write("sheet.csv", sheet.substr(0, sheet.find("2.555")) + "1.00\n");
  books.replace("customers-2026-01.csv", "another.csv");
  CHECK(contains(books.correct("clean_customers").err,
                 "no row that left the job stands at _source 'another.csv', _line '3'"));
}

TEST_CASE("correct: a sheet of rows that are not the newest is refused") {
  Corrected books;
  REQUIRE(books.sheet("clean_customers").exit == 0);
  std::string source = books.read("sources/customers-2026-01.csv");
  books.write("sources/customers-2026-01.csv", source + "C7,Ng,,-1.00\n");
  REQUIRE(books.run_month().exit == 0);
  books.replace(",-2.50\n", ",2.50\n");
  const ProgramEnd end = books.correct("clean_customers");
  CHECK(end.exit == 2);
  CHECK(contains(end.err, "is the newest that did; write the sheet anew and correct that"));
}

TEST_CASE("correct: sensitive columns are shown only to who says so") {
  Corrected books;
  const ProgramEnd end =
      books.run({"rejects", "clean_customers", "--export", (books.root() / "s.csv").string()});
  CHECK(end.exit == 2);
  CHECK(contains(end.err, "column 'phone' is sensitive, and who corrects rows has to see them"));
  CHECK_FALSE(std::filesystem::exists(books.root() / "s.csv"));
}

TEST_CASE("rejects: what is open, since when, and what turns up again and again") {
  Corrected books;
  const ProgramEnd open = books.run({"rejects", "clean_customers", "--open", "--json"});
  CHECK_MESSAGE(open.exit == 0, open.err);
  const json::value list = parse_json(open.out, "open").at("open");
  REQUIRE(list.as_array().size() == 1);
  CHECK(list.at(0).at("rows").as_int64() == 1);
  CHECK(list.at(0).at("days").as_int64() == 0);
  CHECK(list.at(0).at("corrected").as_int64() == 0);
  REQUIRE(books.sheet("clean_customers").exit == 0);
  books.replace(",-2.50\n", ",2.50\n");
  REQUIRE(books.correct("clean_customers").exit == 0);
  CHECK(contains(books.run({"rejects", "clean_customers", "--open"}).out,
                 "1 row in 1 period; what is corrected counts from the job's next run on\n"));
  REQUIRE(books.run_month().exit == 0);
  CHECK(books.run({"rejects", "clean_customers", "--open"}).out == "no rejected row is open\n");

  const ProgramEnd counts = books.run({"rejects", "read_customers", "--by", "reason", "--csv"});
  CHECK_MESSAGE(counts.exit == 0, counts.err);
  CHECK(counts.out == "reason,rows,periods,first,last\nnot_a_number,1,1,2026-01,2026-01\n");
  CHECK(contains(books.run({"rejects", "read_customers", "--by", "reson"}).err,
                 "'read_customers.rejects' has no column 'reson'; did you mean 'reason'?"));
}

TEST_CASE("correct: a workbook goes out and comes back") {
  Corrected books;
  const ProgramEnd written = books.sheet("clean_customers", "sheet.xlsx");
  CHECK_MESSAGE(written.exit == 0, written.err);
  CHECK(contains(written.out, "1 row of clean_customers.rejects"));
  const auto file = books.root() / "sheet.xlsx";
  CHECK((std::filesystem::status(file).permissions() & std::filesystem::perms::others_all) ==
        std::filesystem::perms::none);
  // As it is it says nothing.
  const ProgramEnd same =
      books.run({"correct", "clean_customers", file.string(), "--reason", "t", "--dry-run"});
  CHECK_MESSAGE(same.exit == 0, same.err);
  CHECK(same.out == "nothing is corrected: " + file.string() + " says nothing that is new\n");
  books.write("broken.xlsx", "PK but no workbook");
  const ProgramEnd broken = books.run(
      {"correct", "clean_customers", (books.root() / "broken.xlsx").string(), "--reason", "t"});
  CHECK(broken.exit != 0);
  CHECK(contains(broken.err, "broken.xlsx"));
}

TEST_CASE("correct: nobody overwrites what somebody else has said meanwhile") {
  Corrected books;
  REQUIRE(books.sheet("clean_customers").exit == 0);
  REQUIRE(books.sheet("clean_customers", "other.csv").exit == 0);
  books.replace(",-2.50\n", ",2.50\n");
  REQUIRE(books.correct("clean_customers").exit == 0);
  // The same again says nothing new, and is counted once.
  const ProgramEnd again = books.correct("clean_customers");
  CHECK(again.exit == 0);
  CHECK(contains(again.out, "says nothing that is new"));
  const ProgramEnd open = books.run({"rejects", "clean_customers", "--open", "--json"});
  CHECK(parse_json(open.out, "open").at("open").at(0).at("corrected").as_int64() == 1);

  const std::string theirs = books.read("other.csv");
  books.write("sheet.csv", theirs);  // nothing was done in it: nothing is taken back
  CHECK(contains(books.correct("clean_customers").out, "says nothing that is new"));
  books.replace(",-2.50\n", ",25.00\n");
  const ProgramEnd refused = books.correct("clean_customers");
  CHECK(refused.exit == 2);
  CHECK(contains(refused.err,
                 "the row at _source 'customers-2026-01.csv', _line '3' has been corrected since "
                 "the sheet was written; write the sheet anew and correct that"));
  REQUIRE(books.sheet("clean_customers").exit == 0);
  books.replace(",2.50\n", ",25.00\n");
  const ProgramEnd done = books.correct("clean_customers", {"--rerun"});
  CHECK_MESSAGE(done.exit == 0, done.err);
  CHECK(contains(books.run({"show", "customers", "--csv"}).out, "C2,张三,***,25.00,"));
}

TEST_CASE("correct: of two who correct a row at the same instant one is refused") {
  Corrected books;
  REQUIRE(books.sheet("clean_customers").exit == 0);
  const std::string sheet = books.read("sheet.csv");
  std::vector<ProgramEnd> ends(4);
  std::vector<std::thread> people;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    std::string own = sheet;
    const std::string file = "sheet" + std::to_string(i) + ".csv";
    own.replace(own.find(",-2.50\n"), 7, "," + std::to_string(i + 1) + ".50\n");
    books.write(file, own);
    people.emplace_back([&books, &end = ends[i], file] {
      end = books.run({"correct", "clean_customers", (books.root() / file).string(), "--reason",
                       "as on paper"});
    });
  }
  for (std::thread& person : people) person.join();
  int heard = 0;
  for (const ProgramEnd& end : ends) {
    CAPTURE(end.err);
    if (end.exit == 0)
      ++heard;
    else
      CHECK(contains(end.err, "write the sheet anew and correct that"));
  }
  CHECK(heard == 1);
}

TEST_CASE("correct: what was said of a row is taken back by giving it its own value again") {
  Corrected books;
  REQUIRE(books.sheet("clean_customers").exit == 0);
  books.replace(",-2.50\n", ",2.50\n");
  REQUIRE(books.correct("clean_customers").exit == 0);
  REQUIRE(books.sheet("clean_customers").exit == 0);
  books.replace(",2.50\n", ",-2.50\n");
  const ProgramEnd back = books.correct("clean_customers", {"--dry-run"});
  CHECK(back.out ==
        "would correct 0 cells in 0 rows of clean_customers for 2026-01, what was said "
        "of 1 row is taken back\n");
  REQUIRE(books.correct("clean_customers").exit == 0);
  REQUIRE(books.run_month().exit == 0);
  CHECK(contains(books.run({"rejects", "clean_customers", "--csv"}).out, "C2,张三,***,-2.50,"));
}

TEST_CASE("correct: a reason of nothing but blanks is none") {
  Corrected books;
  REQUIRE(books.sheet("clean_customers").exit == 0);
  books.replace(",-2.50\n", ",2.50\n");
  const ProgramEnd end = books.run(
      {"correct", "clean_customers", (books.root() / "sheet.csv").string(), "--reason", "  "});
  CHECK(end.exit == 2);
  CHECK(contains(end.err, "option '--reason TEXT' is empty"));
}

TEST_CASE("correct: rows of one partition, and what was measured there, stay in it") {
  ProgramFixture books;
  books.write("tallymill.yaml",
              "workspace: books\ncurrency: { code: CNY, scale: 2 }\n"
              "connectors: { files: { type: files, root: sources } }\n");
  books.write("graphs/bills.yaml",
              "graph: bills\nperiod: month\npartition: { name: city, values: [east, west] }\n"
              "jobs:\n"
              "  read:\n    type: extract\n"
              "    from: { connector: files, path: \"${partition}-${period}.csv\" }\n"
              "    into: bills\n    columns: { bill: text, owed: money }\n"
              "  clean:\n    type: cleanse\n    from: bills\n"
              "    into: clean_bills\n    steps:\n"
              "      - reject: { when: \"owed < 0\", reason: below_zero }\n"
              "  usual:\n    type: check\n    of: clean_bills\n    checks:\n"
              "      - anomaly: { function: row_count, min_history: 1, severity: warn }\n");
  for (const char* period : {"2025-12", "2026-01"})
    for (const char* city : {"east", "west"})
      books.write("sources/" + std::string(city) + "-" + period + ".csv",
                  "bill,owed\nb1,-1.00\nb2," +
                      std::string(city == std::string("east") ? "5" : "6") + ".00\n" +
                      (city == std::string("west") ? "b3,1.00\n" : ""));
  for (const char* period : {"2025-12", "2026-01"}) {
    const ProgramEnd run = books.run({"run", "bills", "--period", period});
    REQUIRE_MESSAGE(run.exit == 0, (run.out + run.err));
  }
  const ProgramEnd judged = books.run({"report", "bills", "usual[west]"});
  CHECK_MESSAGE(contains(judged.out, "from 2 to 2 (median 2 of 1 period)"), judged.out);

  const std::string sheet = (books.root() / "sheet.csv").string();
  REQUIRE(books.run({"rejects", "clean[east]", "--export", sheet}).exit == 0);
  std::string text = read_file(sheet);
  const std::size_t at = text.find("-1.00");
  REQUIRE(at != std::string::npos);
  books.write("sheet.csv", text.replace(at, 5, "1.00"));
  const ProgramEnd done =
      books.run({"correct", "clean[east]", sheet, "--reason", "as on paper", "--rerun"});
  CHECK_MESSAGE(done.exit == 0, (done.out + done.err));
  CHECK(contains(books.run({"rejects", "clean", "--open"}).out, "3 rows in 2 periods"));
  const ProgramEnd east = books.run(
      {"show", "clean_bills", "--period", "2026-01", "--partition", "city=east", "--csv"});
  CHECK_MESSAGE(contains(east.out, "b1,1.00"), (east.out + east.err));
  const ProgramEnd west = books.run(
      {"show", "clean_bills", "--period", "2026-01", "--partition", "city=west", "--csv"});
  CHECK_FALSE(contains(west.out, "b1"));
}

TEST_CASE(
    "correct: texts that a spreadsheet would run are guarded in CSV, and come back as they are") {
  Corrected books;
  books.write("sources/customers-2026-01.csv",
              "customer_no,name,phone,owed\n"
              "C1,=1+1,,-2.50\n"
              "C2,'=1+1,,-3.50\n"
              "-C3,O'Neil,,-4.50\n");
  REQUIRE(books.run_month().exit == 0);
  REQUIRE(books.sheet("clean_customers").exit == 0);
  const std::string sheet = books.read("sheet.csv");
  CHECK_MESSAGE(contains(sheet, ",C1,'=1+1,,-2.50\n"), sheet);
  CHECK_MESSAGE(contains(sheet, ",C2,''=1+1,,-3.50\n"), sheet);
  CHECK_MESSAGE(contains(sheet, ",'-C3,O'Neil,,-4.50\n"), sheet);
  CHECK(contains(books.correct("clean_customers").out, "says nothing that is new"));
  // What a person writes counts as it stands; a guard may be written or left out.
  books.replace(",C1,'=1+1,,-2.50", ",C1,=2,,2.50");
  books.replace(",C2,''=1+1,,-3.50", ",C2,''+3,,3.50");
  books.replace(",'-C3,O'Neil,,-4.50", ",-C3,'s-Gravenhage,,4.50");
  const ProgramEnd done = books.correct("clean_customers", {"--rerun"});
  CHECK_MESSAGE(done.exit == 0, done.err);
  const std::string rows = books.run({"show", "customers", "--csv"}).out;
  CHECK_MESSAGE(contains(rows, "C1,=2,"), rows);
  CHECK_MESSAGE(contains(rows, "C2,'+3,"), rows);
  CHECK_MESSAGE(contains(rows, "-C3,'s-Gravenhage,"), rows);
}

TEST_CASE("law: a sheet that nobody touched corrects nothing, whatever its texts are") {
  Corrected books;
  const std::vector<std::string> parts{"'",    "'",  "=",  "+",  "-",     "@", "\t",
                                       "\r\n", "\n", "＝", "－", "1",     "a", "\"\"",
                                       ",",    ";",  " ",  "张", "(none)"};
  std::mt19937 random(20260131);
  std::string source = "customer_no,name,phone,owed\n";
  const auto text = [&] {
    std::string made = "\"";
    for (std::size_t n = random() % 6; n > 0; --n) made += parts[random() % parts.size()];
    return made;
  };
  for (int row = 0; row < 300; ++row) {
    source += text() + std::to_string(row) + "\",";
    source += text() + "x\",";
    source += text() + "\",-1.00\n";
  }
  books.write("sources/customers-2026-01.csv", source);
  const ProgramEnd run = books.run_month();
  REQUIRE_MESSAGE(run.exit == 0, (run.out + run.err));
  const ProgramEnd sheet = books.sheet("clean_customers");
  REQUIRE_MESSAGE(sheet.exit == 0, sheet.err);
  CHECK(sheet.out.starts_with("300 rows"));
  const ProgramEnd end = books.correct("clean_customers");
  CHECK_MESSAGE(contains(end.out, "says nothing that is new"), (end.out + end.err));
}
