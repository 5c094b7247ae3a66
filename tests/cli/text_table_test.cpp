#include "cli/text_table.h"

#include <doctest/doctest.h>

#include "core/text.h"

using namespace tallymill;

TEST_CASE("fit: what is too wide is cut between characters, wide ones count two columns") {
  CHECK(fit("cost_pool", 9) == "cost_pool");
  CHECK(fit("cost_pools", 9) == "cost_p...");
  CHECK(fit("成本分摊", 8) == "成本分摊");
  CHECK(fit("成本分摊表", 9) == "成本分...");
  CHECK(fit("成本分摊表", 8) == "成本...");
  CHECK(fit("成本", 2) == "成");
  CHECK(fit("成本", 0).empty());
  for (std::size_t columns = 0; columns < 20; ++columns)
    CHECK(display_width(fit("a成b本c分d摊e", columns)) <= columns);
}

TEST_CASE("fit: data cannot move the cursor or colour the terminal") {
  CHECK(fit("a\nb\tc\r\x1b[31m\x7f", 80) == "a\\nb\\tc\\r\\x1b[31m\\x7f");
}

TEST_CASE("fit: what nobody would see is shown") {
  CHECK(fit("a\u200bb\ufeff\u00a0c\u202ed\u0085", 80) == "a\\u200bb\\ufeff\\u00a0c\\u202ed\\u0085");
  CHECK(fit("£é€，…中𠮷", 80) == "£é€，…中𠮷");
  CHECK(fit("\xe2\x80", 80) == "\xe2\x80");
  CHECK(fit("\xe2\x80k", 80) == "\xe2\x80k");  // no character, whatever its bits
}

TEST_CASE("text table: columns are as wide as their widest cell, wide characters count two") {
  TextTable table({{"job"}, {"rows", true}, {"note"}});
  table.add({"分摊", "7", ""});
  table.add({"clean_cost", "1,234", "done"});
  table.add({"x"});
  CHECK(table.text() ==
        "  job          rows  note\n"
        "  分摊            7\n"
        "  clean_cost  1,234  done\n"
        "  x\n");
}
