#include "worker/break_fix.h"

#include <doctest/doctest.h>

#include "core/error.h"

using namespace tallymill;

namespace {

const FixPlan kPlan{.table = "bill",
                    .key = {"no", "org\"x"},
                    .amount = "paid",
                    .types = {Type::text(), Type::integer(), Type::money(2)}};

Rows breaks(std::vector<std::vector<std::optional<std::string>>> cells) {
  return {.columns = {}, .types = {}, .cells = std::move(cells)};
}

}  // namespace

TEST_CASE("break fix: values cannot leave their literals, and what is missing is asked for so") {
  const Fix fix = fix_of(kPlan, breaks({{"a'; DROP TABLE bill; --", "7", "1.00", {}, "1", "0"},
                                        {{}, "8", "2.00", {}, "1", "1"},
                                        {"c", {}, {}, "-3.00", "0", "1"}}));
  CHECK(
      fix_sql(kPlan, fix) ==
      "-- Brings the right side to the left. A row that is not as it was seen stays as it is.\n"
      "BEGIN;\n"
      "INSERT INTO \"bill\" (\"no\", \"org\"\"x\", \"paid\") VALUES ('a''; DROP TABLE bill; "
      "--', 7, 1.00);\n"
      "UPDATE \"bill\" SET \"paid\" = 2.00 WHERE \"no\" IS NULL AND \"org\"\"x\" = 8 AND \"paid\" "
      "IS NULL;\n"
      "DELETE FROM \"bill\" WHERE \"no\" = 'c' AND \"org\"\"x\" IS NULL AND \"paid\" = -3.00;\n"
      "COMMIT;\n");
  CHECK(fix_csv(kPlan, fix) ==
        "action,no,\"org\"\"x\",paid_before,paid_after\n"
        "insert,a'; DROP TABLE bill; --,7,,1.00\n"
        "update,,8,,2.00\n"
        "delete,c,,-3.00,\n");
}

TEST_CASE("break fix: what several rows make up, or is no amount, is left out and told") {
  const Fix fix = fix_of(
      kPlan, breaks({{"a", "7", "1.00", "2.00", "1", "2"}, {"a", "7", "1.00", "1.00", "1", "1"}}));
  CHECK(fix.changes.empty());
  CHECK(fix_sql(kPlan, fix) ==
        "-- Brings the right side to the left. A row that is not as it was seen stays as it is.\n"
        "-- Left out: 2 breaks of several rows of the right side, or of equal amounts.\n"
        "BEGIN;\nCOMMIT;\n");
}

TEST_CASE("break fix: a text that databases read differently is refused") {
  const Fix fix = fix_of(kPlan, breaks({{"a\\", "7", "1.00", {}, "1", "0"}}));
  CHECK_THROWS_WITH_AS(
      fix_sql(kPlan, fix),
      "error: a key holds a backslash or a zero byte, which databases read differently; write a "
      ".csv file",
      Error);
  CHECK(fix_csv(kPlan, fix).find("insert,a\\,7,,1.00") != std::string::npos);
}
