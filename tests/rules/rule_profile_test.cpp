#include <doctest/doctest.h>

#include "core/text.h"
#include "tests/rules/rule_harness.h"

using namespace tallymill;

namespace {

std::string shown(const Lines& lines) { return join(lines, "\n"); }

/// "probe 2 hits, 1 not applicable, 0 errors: note", a line a rule.
Lines profile_of(RuleHarness& harness) {
  Lines lines;
  for (const json::value& item : harness.runtime().profile()) {
    const json::object& set = item.as_object();
    lines.push_back(json_text(set, "kind") + ", " + std::to_string(json_integer(set, "rows")) +
                    " rows");
    for (const json::value& each : json_at(set, "rules").as_array()) {
      const json::object& rule = each.as_object();
      const auto count = [&](const char* key) { return std::to_string(json_integer(rule, key)); };
      lines.push_back(json_text(rule, "rule") + ": " + count("hits") + " hits, " +
                      count("not_applicable") + " not applicable, " + count("errors") +
                      " errors; " + json_text(rule, "note"));
    }
  }
  return lines;
}

}  // namespace

TEST_CASE("profile: hits of checks, and those that never or always fire") {
  RuleHarness harness;
  const auto load = [&](const std::string& name, const std::string& body) {
    REQUIRE(harness.load(name, check_rule_text(name, "n = \"integer\"", body)) != nullptr);
  };
  load("some", "\n    if row.n > 3000 then return t.fail(\"R\") end");
  load("never", "\n    if row.n < 0 then return t.fail(\"R\") end");
  load("always", "\n    return t.warn(\"W\")");
  load("raises", "\n    if row.n == 7 then error(\"no\") end");
  harness.rows("select case when n = 5 then null else n end::bigint as n from range(5000) as r(n)",
               {column("n", Type::integer())});
  const auto call = harness.bind({"some", "never", "always", "raises"});
  REQUIRE(call);
  harness.engine().query("select count((" + call->expression + ").verdicts) from rows");
  CHECK(shown(profile_of(harness)) ==
        shown(Lines{"check, 5000 rows", "some: 1999 hits, 1 not applicable, 0 errors; ",
                    "never: 0 hits, 1 not applicable, 0 errors; never fired",
                    "always: 4999 hits, 1 not applicable, 0 errors; fired on "
                    "every row",
                    "raises: 0 hits, 1 not applicable, 1 errors; never fired"}));
}

TEST_CASE("profile: rules that give a text, and one that gives every row the same") {
  const auto classify = [](const std::string& name, const std::string& body) {
    return "local t = require \"tallymill\"\nreturn t.classify_rule {\n  name = \"" + name +
           "\",\n  needs = { n = \"integer\" },\n  classify = function(row)\n    " + body +
           "\n  end,\n}\n";
  };
  RuleHarness harness;
  harness.rows("select n::bigint as n from range(5000) as r(n)", {column("n", Type::integer())});
  for (const auto& [name, body] :
       std::map<std::string, std::string>{{"one", "return 'a'"},
                                          {"two", "return row.n == 4999 and 'b' or 'a'"},
                                          {"none", "return nil"},
                                          {"part", "if row.n < 10 then return 'a' end"}}) {
    REQUIRE(harness.load(name, classify(name, body)) != nullptr);
    harness.values({name});
  }
  CHECK(shown(profile_of(harness)) ==
        shown(Lines{"classify, 5000 rows",
                    "none: 0 hits, 0 not applicable, 0 errors; never gave anything",
                    "classify, 5000 rows",
                    "one: 5000 hits, 0 not applicable, 0 errors; gave every row the same",
                    "classify, 5000 rows", "part: 10 hits, 0 not applicable, 0 errors; ",
                    "classify, 5000 rows", "two: 5000 hits, 0 not applicable, 0 errors; "}));
}
