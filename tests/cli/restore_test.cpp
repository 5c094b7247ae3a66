#include <doctest/doctest.h>

#include "books.h"

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
