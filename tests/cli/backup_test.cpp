#include <doctest/doctest.h>

#include "books.h"

using namespace tallymill;

TEST_CASE("backup: copies store and versions, says how many, and does it again") {
  Books books;
  books.run_month();
  const std::string folder = (books.root() / "copy").string();
  const ProgramEnd first = books.run({"backup", folder});
  CHECK(first.exit == 0);
  CHECK(contains(first.out, "backed up the store to event "));
  CHECK(std::filesystem::exists(books.root() / "copy/backup.json"));
  const json::value again = parse_json(books.run({"backup", folder, "--json"}).out, "backup");
  CHECK(again.at("copied") == 0);
  CHECK(again.at("missing").as_array().empty());
}

TEST_CASE("backup: before the first run there is nothing to copy") {
  Books books;
  const ProgramEnd end = books.run({"backup", (books.root() / "copy").string()});
  CHECK(end.exit == 2);
  CHECK(contains(end.err, "nothing has run in this workspace yet"));
}
