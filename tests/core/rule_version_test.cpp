#include "core/rule_version.h"

#include <doctest/doctest.h>

using namespace tallymill;

TEST_CASE("rule version: the file, its text, what it requires and rule_abi all count") {
  const std::string text(64, 'a');
  const std::string version = rule_version({"rules/x.lua", text});
  CHECK(version.size() == 64);
  CHECK(version == rule_version({"rules/x.lua", text}));
  CHECK(version != rule_version({"rules/y.lua", text}));
  CHECK(version != rule_version({"rules/x.lua", std::string(64, 'b')}));
  CHECK(version != rule_version({"rules/x.lua", text}, {{"rules/bands.csv", text}}));
  CHECK(version != rule_version({"rules/x.lua", text}, {}, kRuleAbi + 1));
  CHECK(version.starts_with(short_version(version)));
}

TEST_CASE("rule version: only files right in rules/ are rules, by their stem") {
  CHECK(is_rule_file("rules/gift_limit.lua"));
  CHECK(rule_name_of("rules/gift_limit.lua") == "gift_limit");
  CHECK(rule_name_of("rules/tariff.yaml") == "tariff");
  for (const char* path : {"tables/x.csv", "rules/old/x.lua", "shadow:rules/x.lua", "rules"})
    CHECK_FALSE(is_rule_file(path));
}
