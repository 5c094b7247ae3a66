#include "rules/rule_runtime.h"

#include <doctest/doctest.h>

#include "tests/rules/rule_harness.h"

using namespace tallymill;

namespace {

using Lines = std::vector<std::string>;

const std::string kGiftRule = R"(local t = require "tallymill"

return t.check_rule {
  name   = "gift_within_declaration",
  doc    = "A city may not give more than the campaign declared (R-CC04, amount part).",
  needs  = { gift = "money", declared = "money" },
  params = { tolerance = t.money "0.00" },
  check  = function(row, p)
    if row.gift > row.declared + p.tolerance then
      return t.fail("CC04", "gift {gift} is over the declared {declared}", row)
    end
  end,
  tests = {
    { given = { gift = t.money "10.00", declared = t.money "10.00" }, expect = "pass" },
    { given = { gift = t.money "10.01", declared = t.money "10.00" }, expect = "CC04" },
  },
}
)";

}  // namespace

TEST_CASE("a check rule finds the rows that fail and fills its message") {
  RuleHarness harness;
  REQUIRE(harness.load("gift_within_declaration", kGiftRule) != nullptr);
  harness.rows(
      "from (values (10.00::decimal(18,2), 10.00::decimal(18,2)), (10.01, 10.00), (0.05, -3.10)) "
      "as v(gift, declared)",
      {column("gift", Type::money(2)), column("declared", Type::money(2))});
  CHECK(harness.check({"gift_within_declaration"}) ==
        Lines{"1 gift_within_declaration fail CC04: gift 10.01 is over the declared 10.00",
              "2 gift_within_declaration fail CC04: gift 0.05 is over the declared -3.10"});
}
