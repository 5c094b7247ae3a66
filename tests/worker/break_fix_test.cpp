#include "worker/break_fix.h"

#include <doctest/doctest.h>

#include "core/error.h"

using namespace tallymill;

namespace {

const FixPlan kPlan{.table = "bill",
                    .key = {"no", "org\"x"},
                    .amount = "paid",
                    .types = {Type::text(), Type::integer(), Type::money(2)},
                    .scale = 2};

Rows breaks(std::vector<std::vector<std::optional<std::string>>> cells) {
  return {.columns = {}, .types = {}, .cells = std::move(cells)};
}

}  // namespace

TEST_CASE("break fix: values cannot leave their literals, and what is missing is asked for so") {
  const Fix fix =
      fix_of(kPlan, breaks({{"a'; DROP TABLE bill; --", "7", "1.00", {}, "1", "0", "false"},
                            {{}, "8", "2.00", {}, "1", "1", "false"},
                            {"c", {}, {}, "-3.00", "0", "1", "false"}}));
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
  const Fix fix = fix_of(kPlan, breaks({{"a", "7", "1.00", "2.00", "1", "2", "false"},
                                        {"a", "7", "1.00", "1.00", "1", "1", "false"}}));
  CHECK(fix.changes.empty());
  CHECK(fix_sql(kPlan, fix) ==
        "-- Brings the right side to the left. A row that is not as it was seen stays as it is.\n"
        "-- Left out: 2 breaks of several rows of the right side, or of equal amounts.\n"
        "BEGIN;\nCOMMIT;\n");
}

TEST_CASE("break fix: a text that databases read differently is refused") {
  const Fix fix = fix_of(kPlan, breaks({{"a\\", "7", "1.00", {}, "1", "0", "false"}}));
  CHECK_THROWS_WITH_AS(
      fix_sql(kPlan, fix),
      "error: a key holds a backslash or a zero byte, which databases read differently; write a "
      ".csv file",
      Error);
  CHECK(fix_csv(kPlan, fix).find("insert,a\\,7,,1.00") != std::string::npos);
}

TEST_CASE("break fix: amounts are scaled back to what the right side's column holds") {
  FixPlan plan = kPlan;
  plan.types.back() = Type::integer();
  plan.factor = "0.01";
  plan.negates = true;
  CHECK(scaled_back(plan, "12.34") == "-1234");
  CHECK(scaled_back(plan, "-0.10") == "10");
  plan.types.back() = Type::money(2);
  CHECK(scaled_back(plan, "12.34") == "-1234.00");
  plan.factor = "3";
  CHECK(scaled_back(plan, "12.36") == "-4.12");
  CHECK(scaled_back(plan, "12.34") == std::nullopt);
  plan.factor = "1";
  plan.scale = 3;
  CHECK(scaled_back(plan, "1.500") == "-1.50");
  CHECK(scaled_back(plan, "1.505") == std::nullopt);
  CHECK(scaled_back(plan, "99999999999999999999999999999999999.999") == std::nullopt);
}

TEST_CASE("break fix: what is scaled back and forth is itself") {
  FixPlan plan = kPlan;
  for (const char* factor : {"1", "0.01", "0.125", "7", "1000"})
    for (const bool negates : {false, true})
      for (std::int64_t units = -300; units <= 300; units += 7) {
        plan.factor = factor;
        plan.negates = negates;
        plan.scale = 5;
        const std::string_view text(factor);
        const std::size_t point = text.find('.');
        const int digits =
            point == std::string_view::npos ? 0 : static_cast<int>(text.size() - point - 1);
        Int128 seen = Int128{units} * parse_decimal(factor, 18, digits, true).value;
        for (int i = digits + 2; i < plan.scale; ++i) seen *= 10;
        if (negates) seen = -seen;
        CAPTURE(factor);
        CAPTURE(units);
        CHECK(scaled_back(plan, format_decimal(seen, 5)) == format_decimal(units, 2));
      }
}

TEST_CASE("break fix: each reason to leave a break out is told") {
  FixPlan plan = kPlan;
  plan.factor = "3";
  const Fix fix = fix_of(plan, breaks({{"a", "7", "1.00", "2.00", "1", "1", "true"},
                                       {"b", "7", "1.00", {}, "1", "0", "false"},
                                       {"c", "7", "1.00", {}, "1", "0", "false"},
                                       {"d", "7", "6.00", {}, "1", "0", "false"}}));
  CHECK(fix.changes.size() == 1);
  CHECK(left_out_text(fix) ==
        "2 breaks of an amount that the right side's column cannot hold to the last unit; 1 break "
        "of amounts of two currencies");
}
