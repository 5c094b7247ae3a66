#include "datasets/row_file.h"

#include <doctest/doctest.h>

#include "core/error.h"
#include "datasets/engine.h"
#include "tests/temporary_folder.h"

using namespace tallymill;

namespace {

const std::vector<std::string> kColumns{"id", "\"an \"\"odd\"\" name\"", "file_row_number",
                                        "amount", "found"};

std::string rows_from(int first) {
  return "FROM (SELECT i AS id, 'text ' || i AS \"an \"\"odd\"\" name\", -i AS file_row_number, "
         "CAST(i AS DECIMAL(38,2)) AS amount, CASE WHEN i <> 2 THEN {'v': NULLIF(i, 3)} END AS "
         "found FROM range(5) t(i)) WHERE id >= " +
         std::to_string(first);
}

}  // namespace

TEST_CASE("row file: its view gives the rows back, exact amounts and all") {
  const TemporaryFolder folder;
  Engine engine({.threads = 2, .writable = {folder.path()}});
  const RowFile kept{.name = "kept", .columns = kColumns, .folder = folder.path()};
  engine.execute(kept.make(rows_from(2)));
  const Rows rows = engine.query(
      "SELECT id, \"an \"\"odd\"\" name\", file_row_number, amount, found IS NULL, found.v IS "
      "NULL FROM kept ORDER BY id");
  REQUIRE(rows.cells.size() == 3);
  CHECK(rows.text(0, 1) == "text 2");
  CHECK(rows.text(1, 2) == "-3");
  CHECK(rows.text(2, 3) == "4.00");
  CHECK(rows.types[3] == "DECIMAL(38,2)");
  // A struct that is missing is another thing than one with a missing value.
  CHECK(rows.text(0, 4) == "true");
  CHECK(rows.text(1, 4) == "false");
  CHECK(rows.text(1, 5) == "true");
}

TEST_CASE("row file: made once more it has the new rows, also none") {
  const TemporaryFolder folder;
  Engine engine({.threads = 2, .writable = {folder.path()}});
  const RowFile kept{.name = "kept", .columns = kColumns, .folder = folder.path()};
  engine.execute(kept.make(rows_from(2)));
  engine.execute(kept.make(rows_from(4)));
  CHECK(engine.query("SELECT count(*), max(id) FROM kept").text(0, 1) == "4");
  engine.execute(kept.make(rows_from(9)));
  CHECK(engine.query("SELECT count(*) FROM kept").integer(0, 0) == 0);
  engine.execute(kept.drop());
  CHECK_THROWS_AS(engine.query("SELECT * FROM kept"), Error);
}
