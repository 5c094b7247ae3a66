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
