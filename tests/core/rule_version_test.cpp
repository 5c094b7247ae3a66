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
  CHECK(rule_name_of("rules/gift_limit.lua") == "gift_limit");
  CHECK(rule_name_of("rules/tariff.yaml") == "tariff");
  CHECK(rule_name_of("rules/tariff.csv") == "tariff");
  for (const char* path : {"tables/x.csv", "rules/old/x.lua", "shadow:rules/x.lua", "rules",
                           "rules/x.txt", "rules/.lua", "params/x.csv"})
    CHECK(rule_name_of(path) == "");
}

TEST_CASE("rule version: people decide about rules and parameter tables") {
  CHECK(rule_subject_of("rules/gift_limit.lua") == "gift_limit");
  CHECK(rule_subject_of("params/rates.csv") == "params/rates");
  CHECK(rule_subject_of("params/rates.yaml") == "params/rates");
  for (const char* path : {"params/rates.lua", "params/old/rates.csv", "tables/org.csv"})
    CHECK(rule_subject_of(path) == "");
  CHECK(subject_word("gift_limit") == "rule");
  CHECK(subject_word("params/rates") == "parameter table");
}
