#include "datasets/row_table.h"

#include <doctest/doctest.h>

#include "core/text.h"
#include "datasets/engine.h"

using namespace tallymill;

TEST_CASE("row table: its view gives the rows back") {
  Engine engine({.threads = 2});
  const RowTable table{.name = "kept",
                       .columns = {"id", "\"an \"\"odd\"\" name\""},
                       .flags = {"is_low"},
                       .plain = {"kind"}};
  engine.execute(
      table.make("from (select i as id, 'text ' || i as \"an \"\"odd\"\" name\", i < 2 as is_low, "
                 "i % 2 as kind from range(4) t(i)) where id > 0"));
  const Rows rows =
      engine.query("select id, \"an \"\"odd\"\" name\", is_low, kind from kept order by id");
  REQUIRE(rows.cells.size() == 3);
  CHECK(rows.text(0, 1) == "text 1");
  CHECK(rows.text(0, 2) == "true");
  CHECK(rows.text(1, 2) == "false");
  CHECK(rows.integer(2, 3) == 1);
  CHECK(engine.query("select count(*) from kept where kind = 1").integer(0, 0) == 2);
  engine.execute(table.drop());
  CHECK(engine.query("select count(*) from duckdb_tables() where temporary").integer(0, 0) == 0);
}

TEST_CASE("row table: every flag comes back as itself, however many there are") {
  constexpr int kFlags = 130;
  std::vector<std::string> flags;
  std::vector<std::string> made;
  std::vector<std::string> wrong;
  for (int i = 0; i < kFlags; ++i) {
    flags.push_back("f" + std::to_string(i));
    const std::string truth = "hash(n * 1000 + " + std::to_string(i) + ") % 2 = 0";
    made.push_back(truth + " as " + flags.back());
    wrong.push_back("count_if(" + flags.back() + " <> (" + truth + "))");
  }
  Engine engine({.threads = 2});
  const RowTable table{.name = "kept", .columns = {"n"}, .flags = flags};
  engine.execute(table.make("from (select n, " + join(made, ", ") + " from range(3000) t(n))"));
  CHECK(engine.query("select " + join(wrong, " + ") + " from kept").integer(0, 0) == 0);
  CHECK(engine.query("select count_if(f129) from kept").integer(0, 0) > 1000);
}
