#include "rules/rule_exam.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "core/files.h"
#include "core/text.h"
#include "rules/rule_suggestions.h"
#include "tests/folders.h"
#include "tests/rules/rule_harness.h"

using namespace tallymill;

namespace {

std::string shown(const Lines& lines) { return join(lines, "\n"); }

/// Loads rules/probe.lua and examines it.
class Exam {
 public:
  explicit Exam(const std::string& text, const std::set<std::string>& sensitive = {},
                RuleLimits limits = {})
      : harness_(limits) {
    const RuleInfo* rule = harness_.load("probe", text);
    REQUIRE_MESSAGE(rule != nullptr, harness_.problems());
    exam_ = harness_.runtime().examine("probe", sensitive);
  }
  RuleExam* operator->() { return exam_.get(); }
  RuleExam& operator*() { return *exam_; }

  /// "3:8 a < b: never false", a line a condition.
  Lines uncovered() {
    Lines lines;
    for (const UncoveredCondition& it : exam_->cover().uncovered)
      lines.push_back(std::to_string(it.where.line) + ":" + std::to_string(it.where.column) + " " +
                      it.text + (it.was_true ? "" : ", never true") +
                      (it.was_false ? "" : ", never false"));
    return lines;
  }

  /// "6: < to <=", a line a mutant.
  Lines survivors() {
    Lines lines;
    for (const Mutant& mutant : exam_->mutate().survivors)
      lines.push_back(std::to_string(mutant.where.line) + ": " + mutant.change);
    return lines;
  }

  /// "6:8 row.n > 1: 2 > 1 true", then the verdict.
  Lines path(const json::object& given, const json::object& params = {}) {
    const RuleTrace trace = exam_->trace({{"given", given}, {"params", params}});
    Lines lines;
    for (const TraceStep& step : trace.steps) {
      const RuleCondition& it = exam_->code().conditions()[step.condition];
      lines.push_back(std::to_string(it.where.line) + " " + it.text + ": " + step.left +
                      (it.is_comparison ? " " + it.op + " " + step.right : "") +
                      (step.outcome ? " is true" : " is false"));
    }
    lines.push_back(trace.verdict + (trace.message.empty() ? "" : ": " + trace.message));
    return lines;
  }

 private:
  RuleHarness harness_;
  std::unique_ptr<RuleExam> exam_;
};

std::string over_limit(const std::string& tests) {
  return check_rule_text(
      "probe", "gift = \"money\", note = \"text?\"", R"(
    if row.gift > p.limit and row.note ~= "agreed" then
      return t.fail("R", "{gift} over {limit}", row)
    end)",
      "  params = { limit = t.money \"5.00\" },\n  tests = {\n" + tests + "},\n");
}

Lines mutants_of(const std::string& text) {
  Exam exam(text);
  Lines lines;
  for (const Mutant& mutant : make_mutants(exam->code()))
    lines.push_back(std::to_string(mutant.where.line) + ":" + std::to_string(mutant.where.column) +
                    " " + mutant.change);
  return lines;
}

}  // namespace

TEST_CASE("coverage: every comparison and every part of a condition has two outcomes") {
  Exam none(over_limit("{ given = { gift = t.money \"1.00\" }, expect = \"pass\" },"));
  CHECK(none->cover().outcomes == 4);
  CHECK(none->cover().taken == 1);
  CHECK(shown(none.uncovered()) ==
        shown(Lines{"7:8 row.gift > p.limit, never true",
                    "7:31 row.note ~= \"agreed\", never true, never false"}));
  Exam all(over_limit(R"({ given = { gift = t.money "1.00" }, expect = "pass" },
    { given = { gift = t.money "5.01" }, expect = "R" },
    { given = { gift = t.money "5.01", note = "agreed" }, expect = "pass" },)"));
  CHECK(shown(all.uncovered()) == shown(Lines{}));
}

TEST_CASE("coverage: a value built by and, or and not is a decision, its last part is not") {
  Exam exam(R"(local t = require "tallymill"
local function is_agent(name) return name:find "^agent" end
return t.classify_rule {
  name = "probe",
  needs = { channel = "text" },
  classify = function(row)
    while not row.channel do end
    return is_agent(row.channel) and "agent" or "own"
  end,
  tests = { { given = { channel = "agent east" }, expect = "agent" } },
}
)");
  CHECK(shown(exam.uncovered()) ==
        shown(Lines{"7:15 row.channel, never false", "8:12 is_agent(row.channel), never false"}));
}

TEST_CASE("coverage: instrumented code says what the rule says, errors included") {
  Exam exam(check_rule_text("probe", "n = \"integer\", note = \"text?\"", R"(
    local a, b = row.n, row.note
    if (a) == 1 or not (b == nil) and#b<3 then return t.fail("A") end
    if a==2 then return t.warn("B") end
    if b < a then return t.fail("C") end)"));
  CHECK(shown(exam.path({{"n", 1}})) == shown(Lines{"8 (a) == 1: 1 == 1 is true", "fail A"}));
  CHECK(shown(exam.path({{"n", 2}})) ==
        shown(Lines{"8 (a) == 1: 2 == 1 is false", "8 b == nil: null == null is true",
                    "9 a==2: 2 == 2 is true", "warn B"}));
  CHECK(shown(exam.path({{"n", 3}})) ==
        shown(Lines{"8 (a) == 1: 3 == 1 is false", "8 b == nil: null == null is true",
                    "9 a==2: 3 == 2 is false",
                    "error: rules/probe.lua:10: attempt to compare nil with number"}));
  CHECK(shown(exam.path({{"n", 3}, {"note", "xy"}})) ==
        shown(Lines{"8 (a) == 1: 3 == 1 is false", "8 b == nil: 'xy' == null is false",
                    "8 #b<3: 2 < 3 is true", "fail A"}));
}

TEST_CASE("coverage: rules of the repository say instrumented what their tests expect") {
  namespace fs = std::filesystem;
  int cases = 0;
  for (const char* folder : {"config", "tests/cases"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(kSourceFolder) / folder)) {
      if (entry.path().extension() != ".lua" || entry.path().parent_path().filename() != "rules")
        continue;
      RuleHarness harness;
      const std::string name = entry.path().stem().string();
      CAPTURE(entry.path().string());
      if (harness.load(name, read_file(entry.path())) == nullptr)
        continue;  // one that shows a fault
      const auto exam = harness.runtime().examine(name);
      const auto results = exam->run_tests();
      for (std::size_t i = 0; i < results.size(); ++i) {
        const RuleTestCase& test = exam->rule().cases[i];
        const json::value& expect = json_at(test.body, "expect");
        if (!results[i].passed || !expect.is_string()) continue;
        CHECK(exam->trace(test.body).expect == std::string(expect.as_string()));
        ++cases;
      }
    }
  }
  CHECK(cases > 40);
}

TEST_CASE("mutants: comparisons, logic, arithmetic, constants and statements, by place") {
  CHECK(shown(mutants_of(R"(local t = require "tallymill"
local limit = t.money "30.00"
return t.check_rule {
  name = "probe",
  needs = { gift = "money", day = "date", note = "text" },
  params = { share = t.percent "5", days = 7 },
  check = function(row, p)
    local most = t.share(limit, p.share)
    if not (row.gift + 0 > most) and row.note == "x" then
      most = -most
      return t.warn("W", "the note is {note}", row)
    end
    return nil
  end,
}
)")) == shown(Lines{"2:23 \"30.00\" to \"30.01\"", "2:23 \"30.00\" to \"29.99\"",
                    "6:32 \"5\" to \"6\"", "6:32 \"5\" to \"4\"", "6:44 7 to 8", "6:44 7 to 6",
                    "9:8 not dropped", "9:22 + to -", "9:24 0 to 1", "9:24 0 to -1",
                    "9:26 > to >=", "9:34 and to or", "9:47 == to ~=", "9:50 \"x\" to \"xx\"",
                    "10:7 statement removed", "11:7 statement removed", "11:21 \"W\" to \"Wx\""}));
}

TEST_CASE("mutants: the day before and after a date, the last place of what is written") {
  CHECK(shown(mutants_of(check_rule_text("probe", "day = \"date\", rate = \"decimal(9,4)\"", R"(
    if row.day >= t.date "2026-03-01" then return t.fail("A") end
    if row.rate < t.decimal("0.1000", 4) then return t.fail("B") end)"))) ==
        shown(Lines{"7:16 >= to >", "7:26 \"2026-03-01\" to \"2026-03-02\"",
                    "7:26 \"2026-03-01\" to \"2026-02-28\"", "7:44 statement removed",
                    "7:58 \"A\" to \"Ax\"", "8:17 < to <=", "8:29 \"0.1000\" to \"0.1001\"",
                    "8:29 \"0.1000\" to \"0.0999\"", "8:39 4 to 5", "8:39 4 to 3",
                    "8:47 statement removed", "8:61 \"B\" to \"Bx\""}));
}

TEST_CASE("mutants: those no test notices survive, the others are killed") {
  Exam weak(
      over_limit("{ given = { gift = t.money \"1.00\" }, expect = \"pass\" },\n"
                 "{ given = { gift = t.money \"9.00\" }, expect = \"R\" },"));
  CHECK(shown(weak.survivors()) ==
        shown(Lines{"7: > to >=", "7: \"agreed\" to \"agreedx\"", "11: \"5.00\" to \"5.01\"",
                    "11: \"5.00\" to \"4.99\""}));
  Exam strong(over_limit(R"({ given = { gift = t.money "5.00" }, expect = "pass" },
    { given = { gift = t.money "5.01" }, expect = "R" },
    { given = { gift = t.money "5.01", note = "agreed" }, expect = "pass" },)"));
  CHECK(shown(strong.survivors()) == shown(Lines{}));
  CHECK(strong->mutate().made == 8);
  CHECK(strong->mutate().killed == 8);
}

TEST_CASE("mutants: before and after are source lines") {
  Exam exam(
      over_limit("{ given = { gift = t.money \"1.00\" }, expect = \"pass\" },\n"
                 "{ given = { gift = t.money \"9.00\" }, expect = \"R\" },"));
  const auto survivors = exam->mutate().survivors;
  REQUIRE(!survivors.empty());
  CHECK(survivors[0].where.text() == "rules/probe.lua:7:17");
  CHECK(survivors[0].before == "if row.gift > p.limit and row.note ~= \"agreed\" then");
  CHECK(survivors[0].after == "if row.gift >= p.limit and row.note ~= \"agreed\" then");
}

TEST_CASE("mutants: one that never ends is killed, and the rest are tried") {
  RuleLimits limits;
  limits.cpu_milliseconds = 200;
  Exam exam(check_rule_text("probe", "n = \"integer\"", R"(
    local i = 0
    while i < row.n do
      i = i + 1
    end
    if i > 3 then return t.fail("R") end)",
                            R"(  tests = {
    { given = { n = 3 }, expect = "pass" },
    { given = { n = 4 }, expect = "R" },
  },
)"),
            {}, limits);
  CHECK(shown(exam.survivors()) == shown(Lines{"7: 0 to 1", "7: 0 to -1"}));
}

TEST_CASE("traces: the parameters read, where they come from, and the verdict") {
  Exam exam(over_limit(""));
  CHECK(
      shown(exam.path({{"gift", 501}})) ==
      shown(Lines{"7 row.gift > p.limit: 5.01 > 5.00 is true",
                  "7 row.note ~= \"agreed\": null ~= 'agreed' is true", "fail R: 5.01 over 5.00"}));
  CHECK(shown(exam.path({{"note", "x"}})) == shown(Lines{"not_applicable"}));
  const RuleTrace by_default = exam->trace({{"given", {{"gift", 501}}}});
  REQUIRE(by_default.params.size() == 1);
  CHECK(by_default.params[0].name == "limit");
  CHECK(by_default.params[0].value == "5.00");
  CHECK(by_default.params[0].where.text() == "rules/probe.lua:11:14");
  const RuleTrace given = exam->trace({{"given", {{"gift", 501}}}, {"params", {{"limit", 100}}}});
  CHECK(given.params[0].value == "1.00");
  CHECK(!given.params[0].where.is_known());
}

TEST_CASE("traces: a sensitive value is not shown, however the rule passes it on") {
  Exam exam(check_rule_text("probe", "name = \"text\", n = \"integer\"", R"(
    local name = row.name
    local function is_bob(who) return who == "bob" end
    if is_bob(name) or name:upper() == "ANN" or row.n > 1 then
      return t.fail("R", "{name}", row)
    end)"),
            {"name"});
  CHECK(shown(exam.path({{"name", "cid"}, {"n", 2}})) ==
        shown(Lines{"8 who == \"bob\": *** == *** is false", "9 is_bob(name): *** is false",
                    "9 name:upper() == \"ANN\": *** == *** is false", "9 row.n > 1: 2 > 1 is true",
                    "fail R: ***"}));
}

TEST_CASE("traces: what a transform gives") {
  Exam exam(R"(local t = require "tallymill"
return t.transform_rule {
  name = "probe",
  needs = { n = "integer" },
  returns = { half = "money", kind = "text", part = "ratio" },
  transform = function(row)
    if row.n < 0 then return end
    return { half = t.round(row.n / 2), kind = "k" .. row.n, part = 0.05 }
  end,
}
)");
  const RuleTrace trace = exam->trace({{"given", {{"n", 3}}}});
  CHECK(trace.verdict == "set");
  std::string given;
  for (const auto& [column, value] : trace.values) given += column + "=" + value + " ";
  CHECK(given == "half=0.02 kind='k3' part=0.05 ");
  CHECK(exam->trace({{"given", {{"n", -1}}}}).verdict == "nothing");
}

TEST_CASE("traces: a rule that never ends is an error with its line") {
  RuleLimits limits;
  limits.cpu_milliseconds = 100;
  Exam exam(check_rule_text("probe", "n = \"integer\"", "\n    while row.n == 1 do end"), {},
            limits);
  CHECK_THROWS_WITH_AS(
      exam->trace({{"given", {{"n", 1}}}}),
      doctest::Contains("rule 'probe' (rules/probe.lua) did not finish within 100ms of CPU; it was "
                        "last seen at rules/probe.lua:7; look for a loop that never ends"),
      Error);
}

TEST_CASE("suggestions: at and beside every comparison, at nulls, and none that is there") {
  Exam exam(over_limit("{ given = { gift = t.money \"5.00\" }, expect = \"pass\" },"));
  Lines lines;
  for (const SuggestedCase& made : suggest_cases(*exam))
    lines.push_back(std::to_string(made.where.line) + " " + made.about + " | " + made.lua + " | " +
                    made.yaml);
  CHECK(shown(lines) ==
        shown(Lines{"7 row.gift > p.limit: one below | { given = { gift = t.money \"4.99\" }, "
                    "expect = \"pass\" }, | - { given: { gift: 4.99 }, expect: pass }",
                    "7 row.gift > p.limit: one above | { given = { gift = t.money \"5.01\" }, "
                    "expect = \"R\" }, | - { given: { gift: 5.01 }, expect: R }"}));
}

TEST_CASE("suggestions: without tests they start from zeros, and reach what lies behind") {
  Exam exam(check_rule_text("probe",
                            "a = \"money\", b = \"money\", kind = \"text\", note = \"text?\"",
                            R"(
    if row.kind == "gift" and row.a - row.b >= t.money "2.00" then return t.fail("R") end)"));
  Lines lines;
  for (const SuggestedCase& made : suggest_cases(*exam)) lines.push_back(made.yaml);
  CHECK(shown(lines) ==
        shown(Lines{"- { given: { a: 0.00, b: 0.00, kind: \"\" }, expect: pass }",
                    "- { given: { a: 0.00, b: 0.00, kind: \"gift\", note: \"\" }, expect: pass }",
                    "- { given: { a: 0.00, b: 0.00, kind: \"giftx\", note: \"\" }, expect: pass }",
                    "- { given: { a: 1.99, b: 0.00, kind: \"gift\", note: \"\" }, expect: pass }",
                    "- { given: { a: 2.00, b: 0.00, kind: \"gift\", note: \"\" }, expect: R }",
                    "- { given: { a: 2.01, b: 0.00, kind: \"gift\", note: \"\" }, expect: R }"}));
}

namespace {

const std::string kGroup = R"(local t = require "tallymill"
return t.group_rule {
  name = "probe",
  needs = { who = "text", id = "integer", gift = "money" },
  key = { "who" },
  order = { "id" },
  params = { least = t.money "1.00" },
  check = function(rows, p)
    for i = 2, #rows do
      local row = rows[i]
      if row.gift == rows[i - 1].gift then
        if row.gift < p.least then return t.warn("W", "{gift}", row) end
        return t.fail("G", "{gift} again", row)
      end
    end
  end,
  tests = {
    { given = { { who = "a", id = 1, gift = t.money "2.00" },
        { who = "a", id = 2, gift = t.money "2.00" } }, expect = { "pass", "G" } },
    { given = { { who = "a", id = 1, gift = t.money "2.00" },
        { who = "a", id = 2, gift = t.money "3.00" } }, expect = "pass" },
  },
}
)";

json::array group_of(std::int64_t first, std::int64_t second) {
  return {{{"who", "a"}, {"id", 1}, {"gift", first}}, {{"who", "a"}, {"id", 2}, {"gift", second}}};
}

}  // namespace

TEST_CASE("group rules: tests, branches and mutants see the rows of a group") {
  Exam exam(kGroup);
  for (const RuleTest& test : exam->run_tests()) CHECK_MESSAGE(test.passed, test.message);
  CHECK(exam->cover().outcomes == 4);
  CHECK(shown(exam.uncovered()) == shown(Lines{"12:12 row.gift < p.least, never true"}));
  const MutationScore score = exam->mutate();
  CHECK(score.killed > 0);
  CHECK(score.killed < score.made);
  CHECK(suggest_cases(*exam).empty());
}

TEST_CASE("group rules: a path leads through the group, the verdict is that of one row or of all") {
  Exam exam(kGroup);
  const auto verdict = [&](json::object body) {
    const RuleTrace trace = exam->trace(body);
    return trace.verdict + (trace.message.empty() ? "" : ": " + trace.message);
  };
  CHECK(verdict({{"given", group_of(500, 500)}, {"place", 1}}) == "pass");
  CHECK(verdict({{"given", group_of(500, 500)}, {"place", 2}}) == "fail G: 5.00 again");
  CHECK(verdict({{"given", group_of(50, 50)}, {"place", 2}}) == "warn W: 0.50");
  CHECK(verdict({{"given", group_of(500, 500)}}) == "G: 5.00 again");
  const RuleTrace trace = exam->trace({{"given", group_of(500, 500)}, {"place", 2}});
  REQUIRE(trace.steps.size() == 2);
  CHECK(trace.steps[0].left == "5.00");
  REQUIRE(trace.params.size() == 1);
  CHECK(trace.params[0].name == "least");
}

TEST_CASE("coverage: a case that gives no value to a parameter of a table takes no outcome") {
  RuleHarness harness;
  const std::string text = R"(local t = require "tallymill"
return t.check_rule {
  name = "probe",
  needs = { charge = "money", org_code = "text" },
  params = { limit = t.param { type = "money", table = "limits", by = "org_code" } },
  check = function(row, p)
    if row.charge > p.limit then return t.fail("L") end
  end,
  tests = {
    { given = { charge = t.money "9.00", org_code = "B" }, expect = "L" },
    { given = { charge = t.money "9.00", org_code = "B" }, params = { limit = t.money "9.00" },
      expect = "pass" },
  },
}
)";
  const FileTexts files{
      {"params/limits.csv", "# values: { limit: money }\norg,from,to,limit\n*,,,5.00\n"}};
  REQUIRE_MESSAGE(harness.load("probe", text, files), harness.problems());
  const auto exam = harness.runtime().examine("probe");
  CHECK(exam->run_tests()[0].message ==
        "limit comes from params/limits.csv; give the test a value: params = { limit = ... }");
  CHECK(exam->run_tests()[1].passed);
  CHECK(exam->cover().taken == 1);
}

TEST_CASE("exam: another version of a rule is examined by its own key") {
  RuleHarness harness;
  const std::string text =
      check_rule_text("probe", "n = \"integer\"", R"(
    if row.n > 1 then return t.fail("R") end)",
                      "  tests = { { given = { n = 2 }, expect = \"R\" } },\n");
  REQUIRE(harness.runtime().load(
      {.name = "probe", .file = "rules/probe.lua", .text = text, .as = "probe before"},
      harness.diagnostics()));
  CHECK(harness.runtime().run_tests("probe before").at(0).passed);
  CHECK(harness.runtime().examine("probe before")->cover().taken == 1);
}
