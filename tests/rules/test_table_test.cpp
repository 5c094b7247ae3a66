#include <doctest/doctest.h>

#include "core/text.h"
#include "tests/rules/rule_harness.h"

using namespace tallymill;

namespace {

std::string shown(const Lines& lines) { return join(lines, "\n"); }

std::string rule_text() {
  return R"(local t = require "tallymill"
return t.transform_rule {
  name = "probe",
  needs = { gift = "money", day = "date", note = "text?" },
  params = { fee = t.money "0.50" },
  returns = { net = "money", late = "boolean" },
  transform = function(row, p)
    if row.note == "free" then return { net = row.gift } end
    return { net = row.gift - p.fee, late = row.day > t.date "2026-01-31" }
  end,
  tests = { { given = { gift = t.money "1.00", day = 0 }, expect = { net = t.money "0.50" } } },
}
)";
}

/// "case 1 passed" or "case 1 failed: message" at its place, a line a test; else the problems.
Lines results_of(const std::string& table) {
  RuleHarness harness;
  REQUIRE(harness.load("probe", rule_text()) != nullptr);
  harness.runtime().add_test_table("probe", "tests/rules/probe_test.yaml", table,
                                   harness.diagnostics());
  if (!harness.problems().empty()) return {harness.problems()};
  Lines lines;
  for (const RuleTest& test : harness.runtime().run_tests("probe"))
    lines.push_back(test.where.text() + " " + test.name +
                    (test.passed ? " passed" : " failed: " + test.message));
  return lines;
}

}  // namespace

TEST_CASE("test tables: cases take what they do not say from the whole table") {
  CHECK(shown(results_of(R"(given: { day: 2026-01-31, note: x }
params: { fee: 1.00 }
cases:
  - { given: { gift: 10.01 }, expect: { net: 9.01, late: false } }
  - name: a day later
    given: { gift: 10, day: 2026-02-01 }
    expect: { late: true }
  - { given: { gift: 10, note: free }, expect: { net: 10.00, late: ~ } }
  - { given: { gift: 10, note: ~ }, params: { fee: 0.50 }, expect: { net: 9, late: ~ } }
)")) == shown(Lines{
            "rules/probe.lua:11:13 test 1 passed", "tests/rules/probe_test.yaml:4:5 case 1 passed",
            "tests/rules/probe_test.yaml:5:5 a day later passed",
            "tests/rules/probe_test.yaml:8:5 case 3 passed",
            "tests/rules/probe_test.yaml:9:5 case 4 failed: expected late = null, got false; "
            "expected net = 9.00, got 9.50"}));
}

TEST_CASE("test tables: what is wrong is met where it stands") {
  CHECK(shown(results_of("cases:\n  - { given: { gft: 1 }, expect: nothing }\n")) ==
        shown(Lines{"tests/rules/probe_test.yaml:2:16: column 'gft' is not in needs of "
                    "rules/probe.lua; did you mean 'gift'?\n"}));
  CHECK(shown(results_of("cases:\n  - { given: { gift: 1.005 }, expect: nothing }\n")) ==
        shown(Lines{"tests/rules/probe_test.yaml:2:22: column 'gift' is money and must be an "
                    "amount with at most 2 fraction digits, got '1.005'\n"}));
  CHECK(shown(results_of("cases:\n  - { params: { fee: [1] }, expect: nothing }\n")) ==
        shown(Lines{"tests/rules/probe_test.yaml:2:22: parameter 'fee' is money and must be an "
                    "amount with at most 2 fraction digits, got a list\n"}));
  CHECK(shown(results_of("cases:\n  - { given: { gift: 1 }, expect: [1] }\n")) ==
        shown(Lines{"tests/rules/probe_test.yaml:2:35: case 1 expects a list; a text was expected "
                    "or columns\n"}));
  CHECK(shown(results_of("cases:\n  - { given: { gift: 1 } }\n")) ==
        shown(Lines{"tests/rules/probe_test.yaml:2:5: element 1 of 'cases' of a table of tests "
                    "lacks the option 'expect'; 'expect' is: As in the rule's file: pass, a code, "
                    "a label, a score, nothing, not_applicable, error, columns, or a list\n"}));
  CHECK(shown(results_of("cass: []\n")) ==
        shown(Lines{"tests/rules/probe_test.yaml:1:1: a table of tests lacks the option 'cases'; "
                    "'cases' is: The cases\n"
                    "tests/rules/probe_test.yaml:1:1: unknown option 'cass' for a table of tests; "
                    "did you mean 'cases'?\n"}));
}

namespace {

/// Results of rules/probe<ending> with this table; else the problems.
Lines results_of(const std::string& ending, const std::string& rule, const std::string& table) {
  RuleHarness harness;
  REQUIRE_MESSAGE(
      harness.runtime().load({"probe", "rules/probe" + ending, rule}, harness.diagnostics()),
      harness.problems());
  harness.runtime().add_test_table("probe", "tests/rules/probe_test.yaml", table,
                                   harness.diagnostics());
  if (!harness.problems().empty()) return {harness.problems()};
  Lines lines;
  for (const RuleTest& test : harness.runtime().run_tests("probe"))
    lines.push_back(std::to_string(test.where.line) + " " + test.name +
                    (test.passed ? " passed" : " failed: " + test.message));
  return lines;
}

}  // namespace

TEST_CASE("test tables: of decision tables beside their own tests") {
  const std::string rule =
      "name: probe\n"
      "kind: classify\n"
      "hit: unique\n"
      "inputs:\n"
      "  charge: { type: money, domain: \">= 0.00\" }\n"
      "rows:\n"
      "  - { charge: \"< 10.00\", label: low }\n"
      "  - { charge: \">= 10.00\", label: high }\n"
      "tests:\n"
      "  - { given: { charge: 9.99 }, expect: low }\n";
  CHECK(shown(results_of(".yaml", rule,
                         "cases:\n"
                         "  - { given: { charge: 10.00 }, expect: high }\n"
                         "  - { given: { charge: 10.00 }, expect: low }\n"
                         "  - { given: { charge: ~ }, expect: not_applicable }\n")) ==
        shown(Lines{"10 test 1 passed", "2 case 1 passed",
                    "3 case 2 failed: expected low, got high", "4 case 3 passed"}));
  CHECK(shown(results_of(".yaml", rule,
                         "cases:\n  - { given: { charge: 1 }, expect: low, message: m }\n")) ==
        shown(Lines{"tests/rules/probe_test.yaml:2:51: case 1 expects a message, which tests of a "
                    "decision table do not; leave it out\n"}));
}

TEST_CASE("test tables: rows of groups, several labels and scores") {
  const std::string group = R"(local t = require "tallymill"
return t.group_rule {
  name = "probe",
  needs = { who = "text", id = "integer" },
  key = { "who" },
  order = { "id" },
  check = function(rows)
    if #rows > 1 then return t.fail("G", "again", rows[2]) end
  end,
}
)";
  CHECK(
      shown(results_of(".lua", group,
                       "given: { who: a }\n"
                       "cases:\n"
                       "  - { given: [{ id: 1 }, { id: 2 }], expect: [pass, G], message: again }\n"
                       "  - { given: [{ id: 1 }], expect: G }\n")) ==
      shown(Lines{"3 case 1 passed", "4 case 2 failed: expected G, got pass"}));
  CHECK(shown(results_of(".lua", group, "cases:\n  - { given: { id: 1 }, expect: pass }\n")) ==
        shown(Lines{"tests/rules/probe_test.yaml:2:14: case 1 gives no list of rows; write given: "
                    "[{ column: value }]\n"}));
  const std::string labels = R"(local t = require "tallymill"
return t.classify_rule {
  name = "probe",
  needs = { n = "integer" },
  many = true,
  labels = { "some", "many" },
  classify = function(row)
    if row.n > 9 then return { "some", "many" } end
  end,
}
)";
  CHECK(shown(results_of(".lua", labels,
                         "cases:\n  - { given: { n: 10 }, expect: [some, many] }\n"
                         "  - { given: { n: 1 }, expect: [] }\n")) ==
        shown(Lines{"2 case 1 passed", "3 case 2 passed"}));
  const std::string score = R"(local t = require "tallymill"
return t.score_rule {
  name = "probe",
  needs = { n = "integer" },
  points = "money",
  score = function(row) return { n = t.money "1.00" * row.n } end,
}
)";
  CHECK(shown(results_of(".lua", score,
                         "cases:\n  - { given: { n: 2 }, expect: 2, message: n 2.00 }\n"
                         "  - { given: { n: 2 }, expect: 3.00 }\n")) ==
        shown(Lines{"2 case 1 passed", "3 case 2 failed: expected 3.00, got 2.00: n 2.00"}));
}
