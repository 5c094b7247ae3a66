#include <doctest/doctest.h>

#include "books.h"
#include "scheduler/store/database.h"

using namespace tallymill;

TEST_CASE("restore: puts the backup back, and tells what was newer") {
  Books books;
  books.run_month();
  const std::string folder = (books.root() / "copy").string();
  REQUIRE(books.run({"backup", folder}).exit == 0);
  const std::string rows = books.run({"show", "customers", "--csv"}).out;
  books.write("sources/customers-2026-01.csv",
              "customer_no,name,phone,owed\nC1,Lee,13800000001,11.00\n");
  books.run_month();
  REQUIRE(books.run({"show", "customers", "--csv"}).out != rows);
  const ProgramEnd end = books.run({"restore", folder});
  CHECK(end.exit == 0);
  CHECK(contains(end.out, "restored the store of "));
  CHECK(
      contains(end.out, "newer than the backup, moved to the trash: attempts/customers.2026-01.2"));
  CHECK(books.run({"show", "customers", "--csv"}).out == rows);
  CHECK(books.run({"audit", "verify"}).exit == 0);
  CHECK(contains(books.run({"audit"}).out, "store restored from a backup that ends at event "));
}

TEST_CASE("restore: what is no backup is refused") {
  Books books;
  const ProgramEnd end = books.run({"restore", (books.root() / "sources").string()});
  CHECK(end.exit == 2);
  CHECK(contains(end.err, "is no backup: it has no backup.json"));
}

TEST_CASE("restore: what is delivered afterwards is newer than what was delivered before") {
  Books books;
  books.write("tallymill.yaml",
              "workspace: books\ncurrency: { code: CNY, scale: 2 }\nconnectors:\n"
              "  files: { type: files, root: sources }\n  mart: { type: sqlite, file: mart.db }\n");
  books.write("graphs/customers.yaml", std::string(Books::kCustomers) +
                                           "  deliver:\n    type: export\n    from: customers\n"
                                           "    to: { connector: mart, table: customers }\n");
  const auto month = [&](const std::string& owed) {
    books.write("sources/customers-2026-01.csv",
                "customer_no,name,phone,owed\nC1,Lee,13800000001," + owed + "\n");
    const ProgramEnd end = books.run_month();
    INFO(end.out, end.err);
    REQUIRE(end.exit == 0);
  };
  month("1.00");
  const std::string folder = (books.root() / "copy").string();
  REQUIRE(books.run({"backup", folder}).exit == 0);
  month("2.00");
  month("3.00");
  // The disk is gone, and with it all that knew what was delivered since the backup.
  std::filesystem::remove_all(books.root() / "lost");
  std::filesystem::rename(books.state(), books.root() / "lost");
  REQUIRE(books.run({"restore", folder}).exit == 0);
  CHECK(books.run({"audit", "verify"}).exit == 0);
  month("4.00");
  Database mart(books.root() / "mart.db", Database::Mode::read);
  CHECK(mart.select("select owed from customers", "t").at(0).text(0) == "4.00");
  CHECK(books.run({"audit", "verify"}).exit == 0);
}
