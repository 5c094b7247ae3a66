#include "scheduler/condition.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "core/text.h"

using namespace tallymill;

namespace {

const std::map<std::string, TaskParam> kParams{{"mode", {"text", "full"}},
                                               {"tolerance", {"money", "12.50"}},
                                               {"until", {"date", "2026-03-31"}},
                                               {"dry", {"boolean", "false"}}};

ConditionFacts facts() {
  ConditionFacts facts;
  facts.period = "2026-03";
  facts.param = [](const std::string& name) { return kParams.at(name).value; };
  facts.job = [](const std::string& job) {
    JobFacts of;
    of.succeeded = of.has_result = job == "good" || job == "sound" || job == "churn";
    of.failed = job == "bad";
    of.skipped = job == "idle";
    of.came_to = of.succeeded ? "succeeded" : of.failed ? "failed" : "skipped";
    of.rows = 120;
    of.findings = job == "sound" ? 3 : 0;
    if (job == "sound") of.passed = false;
    if (job == "churn") of.indicators = {{"north", "5.0100"}, {"south", "-0.5"}};
    if (job == "good") of.indicators = {{"all", "7"}};
    return of;
  };
  return facts;
}

std::string answer(const std::string& text) {
  std::vector<TextProblem> problems;
  const auto condition = Condition::parse(text, kParams, problems);
  if (!condition) {
    const TextProblem& p = problems.at(0);
    return std::to_string(p.offset) + "+" + std::to_string(p.length) + ": " + p.message +
           (p.hint.empty() ? "" : "; " + p.hint);
  }
  const ConditionAnswer answer = condition->evaluate(facts());
  if (answer.kind == ConditionAnswer::Kind::yes) return "yes";
  return (answer.kind == ConditionAnswer::Kind::no ? "no, " : "undecided, ") + answer.sentence;
}

}  // namespace

TEST_CASE("condition: parameters, the period and results are compared exactly") {
  for (const char* text :
       {"param(mode) == 'full'", "param(mode) in ('delta', 'full')", "param(tolerance) == 12.5",
        "param(tolerance) > 12.49 and not param(dry)", "param(until) < '2026-04-01'",
        "period == '2026-03'", "findings(sound) == 3", "rows(good) >= 120",
        "indicator(good) == 7.000", "indicator(churn, 'north') > 5.01 or passed(sound) == false",
        "indicator(churn, 'south') < 0", "succeeded(good) and (failed(bad) or skipped(bad))",
        "done(idle) and not (failed(idle) or succeeded(idle))", "true", "not false",
        "99999999999999999999999999999999999999999.1 > 99999999999999999999999999999999999999999",
        "-1 > -1.5 and -1 < 0 and 0 == -0.0"}) {
    CAPTURE(text);
    CHECK(answer(text) == "yes");
  }
}

TEST_CASE("condition: what does not hold is said with what was found") {
  CHECK(answer("findings(sound) == 0") ==
        "no, findings(sound) == 0 does not hold: findings(sound) is 3");
  CHECK(answer("succeeded(good) and param(mode) == 'delta'") ==
        "no, param(mode) == 'delta' does not hold: param(mode) is 'full'");
  CHECK(answer("failed(good) or skipped(bad)") ==
        "no, failed(good) or skipped(bad) does not hold: bad is failed, good is succeeded");
}

TEST_CASE("condition: a value that is not there leaves it undecided, unless nobody asks") {
  CHECK(answer("rows(bad) > 0") ==
        "undecided, it asks for rows(bad), and bad has no result (failed)");
  CHECK(answer("succeeded(bad) and rows(bad) > 0").starts_with("no, succeeded(bad) does not"));
  CHECK(answer("failed(bad) or rows(bad) > 0") == "yes");
  CHECK(answer("indicator(churn) > 5") ==
        "undecided, job churn has 2 indicators; name one of 'north', 'south'");
  CHECK(answer("indicator(churn, 'west') > 5") ==
        "undecided, job churn has no indicator of 'west'; it has 'north', 'south'");
  CHECK(answer("passed(good)") == "undecided, gate good has not spoken");
}

TEST_CASE("condition: every mistake has its place and what to do about it") {
  CHECK(answer("") == "0+1: a condition is empty; remove 'if:', or write one");
  CHECK(answer("findings(sound)") ==
        "0+15: 'findings(sound)' is a number, where something true or false is needed; compare it, "
        "for example findings(sound) > 0");
  CHECK(answer("succeeded(a) && failed(b)") == "13+1: '&' is not expected here; write 'and'");
  CHECK(answer("param(mode) = 'x'") == "12+1: '=' is not expected here; write '==' to compare");
  CHECK(answer("param(mod) == 'x'") ==
        "6+3: the graph has no parameter 'mod'; did you mean 'mode'?");
  CHECK(answer("finding(sound) == 0") ==
        "0+7: there is no function 'finding'; did you mean 'findings'?");
  CHECK(answer("mode == 'full'") == "0+4: 'mode' stands alone; write param(mode)");
  CHECK(answer("param(mode) == 5") ==
        "15+1: 'param(mode)' is a text and '5' is a number; they cannot be compared");
  CHECK(
      answer("param(mode) < 'x'") ==
      "0+17: '<' compares numbers and dates, and 'param(mode)' is a text; compare it by == or !=");
  CHECK(answer("param(until) < '2026-02-30'") ==
        "15+12: ''2026-02-30'' is no date; write it as '2026-01-31'");
  CHECK(answer("indicator(churn) > 5%") == "19+2: a number has no '%'; write 5% as 0.05");
  CHECK(answer("succeeded(a, 'b')") == "11+1: succeeded() takes one job and nothing else");
  CHECK(answer("param(mode) == 'x") == "15+1: the text that begins here does not end");
  CHECK(answer("(succeeded(a)") == "13+1: the condition ends too early, where ')' should stand");
  CHECK(answer("succeeded(a) succeeded(b)") == "13+9: 'succeeded' is not expected here");
  CHECK(answer(std::string(100, '(') + "true").find("nested too deep") != std::string::npos);
}

TEST_CASE("condition: the jobs it names are those it waits for") {
  std::vector<TextProblem> problems;
  const auto condition =
      Condition::parse("succeeded(a) and passed(b) and param(mode) == 'c'", kParams, problems);
  REQUIRE(condition);
  REQUIRE(condition->jobs().size() == 2);
  CHECK(condition->jobs()[0].job == "a");
  CHECK(condition->jobs()[0].offset == 10);
  CHECK(!condition->jobs()[0].asks_gate);
  CHECK(condition->jobs()[1].asks_gate);
  CHECK(condition->asks_outcomes());
}

TEST_CASE("condition: any text is a condition or one located problem") {
  CHECK(rc::check([](const std::vector<std::uint8_t>& picks) {
    const std::vector<std::string> pieces{
        "succeeded(", "a",  ")",  " and ", " or ", "not ", "param(mode)", " == ", "'full'", "5",
        "(",          "<=", "in", ",",     ".",    "-",    "indicator(",  " ",    "\"",     "é"};
    std::string text;
    for (const std::uint8_t pick : picks) text += pieces[pick % pieces.size()];
    std::vector<TextProblem> problems;
    const auto condition = Condition::parse(text, kParams, problems);
    RC_ASSERT(condition != nullptr || problems.size() == 1u);
    if (problems.empty()) return;
    RC_ASSERT(problems[0].offset <= text.size());
    RC_ASSERT(problems[0].length >= 1u);
  }));
}

TEST_CASE("condition: numbers compare as numbers do") {
  CHECK(rc::check([](std::int32_t a, std::int32_t b) {
    const auto text = [](std::int64_t value) {
      const std::int64_t size = value < 0 ? -value : value;
      std::string digits = std::to_string(size);
      digits.insert(0, digits.size() < 3 ? 3 - digits.size() : 0, '0');
      digits.insert(digits.size() - 2, ".");
      return (value < 0 ? "-" : "") + digits;
    };
    const auto left = ExactNumber::parse(text(a)).value();
    const auto right = ExactNumber::parse(text(b)).value();
    RC_ASSERT((left < right) == (a < b));
    RC_ASSERT((left == right) == (a == b));
    RC_ASSERT(ExactNumber::parse(left.text()) == left);
  }));
}
