#include <doctest/doctest.h>

#include "tests/worker/attempt.h"

using namespace tallymill;

namespace {

const std::string kRule = R"(local t = require "tallymill"
return t.check_rule {
  name = "amount_is_positive",
  needs = { amount = "money", customer = "text" },
  params = { least = t.money "0.00" },
  check = function(row, p)
    if row.customer == p.name then while true do end end
    if row.amount < p.least then return t.fail("NEG", "{amount} of {customer}", row) end
  end,
  tests = {
    { given = { amount = t.money "1.00", customer = "x" }, expect = "pass" },
    { given = { amount = t.money "1.00", customer = "x" }, expect = "NEG" },
  },
}
)";

std::string rule_text() {
  std::string text = kRule;
  const std::string from = "params = { ";
  return text.replace(text.find(from), from.size(), from + "name = \"\", ");
}

TaskResult ask(const json::object& question, const std::map<std::string, std::string>& rules = {
                                                 {"amount_is_positive", rule_text()}}) {
  Attempt attempt("rules_query");
  add_bills(attempt);
  for (const auto& [name, text] : rules) attempt.add_file("rules/" + name + ".lua", text);
  attempt.task.mode = TaskMode::query;
  attempt.task.spec = question;
  return attempt.run();
}

}  // namespace

TEST_CASE("query rules_test: runs the tests of every rule the task carries") {
  const TaskResult result =
      ask({{"query", "rules_test"}}, {{"amount_is_positive", rule_text()}, {"broken", "return 1"}});
  REQUIRE_MESSAGE(result.outcome == TaskOutcome::succeeded, result.error);
  const json::object& answer = result.answer.as_object();
  CHECK(json::serialize(answer.at("rules")) ==
        R"([{"rule":"amount_is_positive","file":"rules/amount_is_positive.lua","kind":"check",)"
        R"("tests":[{"name":"test 1","passed":true,"message":"",)"
        R"("file":"rules/amount_is_positive.lua","line":11,"column":5,"length":1},)"
        R"({"name":"test 2","passed":false,"message":"expected NEG, got pass",)"
        R"("file":"rules/amount_is_positive.lua","line":12,"column":5,"length":1}],)"
        R"("coverage":{"outcomes":4,"taken":2,"uncovered":[)"
        R"({"file":"rules/amount_is_positive.lua","line":7,"column":8,"length":22,)"
        R"("condition":"row.customer == p.name","was_true":false,"was_false":true},)"
        R"({"file":"rules/amount_is_positive.lua","line":8,"column":8,"length":20,)"
        R"("condition":"row.amount < p.least","was_true":false,"was_false":true}]},)"
        R"("mutants":null}])");
  const auto problems = Diagnostics::from_json(answer.at("diagnostics").as_array()).sorted();
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].message == "a rule file returns one rule, this one returns number");
}

TEST_CASE("query rules_try: counts verdicts and shows rows that do not pass first") {
  const TaskResult result = ask(
      {{"query", "rules_try"}, {"rule", "amount_is_positive"}, {"dataset", "bills"}, {"limit", 2}});
  REQUIRE_MESSAGE(result.outcome == TaskOutcome::succeeded, result.error);
  CHECK(json::serialize(result.answer) ==
        R"({"kind":"check","file":"rules/amount_is_positive.lua","total":3,)"
        R"("counts":[{"verdict":"pass","rows":2},{"verdict":"fail NEG","rows":1}],)"
        R"("columns":["bill","amount","customer","verdict","message"],)"
        R"("rows":[["b3","-3.00","***","fail NEG","-3.00 of ***"],)"
        R"(["b1","10.00","***","pass",null]]})");
}

TEST_CASE("query rules_try: parameters change what it says") {
  const TaskResult result = ask({{"query", "rules_try"},
                                 {"rule", "amount_is_positive"},
                                 {"dataset", "bills"},
                                 {"params", {{"least", "15.00"}}}});
  REQUIRE_MESSAGE(result.outcome == TaskOutcome::succeeded, result.error);
  CHECK(json::serialize(result.answer.as_object().at("counts")) ==
        R"([{"verdict":"pass","rows":1},{"verdict":"fail NEG","rows":2}])");
}

TEST_CASE("query rules_try: shows what a transform gives") {
  const TaskResult result = ask({{"query", "rules_try"}, {"rule", "half"}, {"dataset", "bills"}},
                                {{"half", R"(local t = require "tallymill"
return t.transform_rule {
  name = "half",
  needs = { amount = "money" },
  returns = { amount = "money", note = "text" },
  transform = function(row)
    return { amount = row.amount / 2, note = "halved" }
  end,
}
)"}});
  REQUIRE_MESSAGE(result.outcome == TaskOutcome::succeeded, result.error);
  const json::object& answer = result.answer.as_object();
  CHECK(json::serialize(answer.at("counts")) ==
        R"([{"verdict":"set","rows":2},{"verdict":"error","rows":1}])");
  CHECK(json::serialize(answer.at("columns")) ==
        R"(["bill","amount","amount","note","verdict","message"])");
  CHECK(json::serialize(answer.at("rows").as_array().at(0)) ==
        R"(["b1","10.00","5.00","halved","set",null])");
}

TEST_CASE("query rules_try: a rule that never ends is an error naming its line") {
  const TaskResult result = ask({{"query", "rules_try"},
                                 {"rule", "amount_is_positive"},
                                 {"dataset", "bills"},
                                 {"params", {{"name", "bob"}}}});
  CHECK(result.outcome == TaskOutcome::failed);
  CHECK(result.error_class == ErrorClass::config);
  CHECK(result.error.starts_with(
      "error: rule 'amount_is_positive' (rules/amount_is_positive.lua) did not finish within 2s of "
      "CPU on row 2 of a chunk; it was last seen at rules/amount_is_positive.lua:7; look for a "
      "loop "
      "that never ends"));
}

TEST_CASE("query rules_try: a column the dataset does not have is named") {
  std::string text = rule_text();
  text.replace(text.find("customer = \"text\""), 17, "costumer = \"text\"");
  text.replace(text.find("row.customer"), 12, "row.costumer");
  text.replace(text.find("{customer}"), 10, "{costumer}");
  while (text.find("customer = \"x\"") != std::string::npos)
    text.replace(text.find("customer = \"x\""), 14, "costumer = \"x\"");
  const TaskResult result =
      ask({{"query", "rules_try"}, {"rule", "amount_is_positive"}, {"dataset", "bills"}},
          {{"amount_is_positive", text}});
  CHECK(result.error ==
        "rules/amount_is_positive.lua:1: error: rule 'amount_is_positive' "
        "(rules/amount_is_positive.lua) needs column 'costumer', which the rows do not have; did "
        "you mean 'customer'?");
}

TEST_CASE("query rules_trace: sensitive columns are masked unless they are revealed") {
  const auto path_of = [](bool reveal) {
    const TaskResult result = ask({{"query", "rules_trace"},
                                   {"rule", "amount_is_positive"},
                                   {"dataset", "bills"},
                                   {"key", {"b3"}},
                                   {"reveal", reveal}});
    REQUIRE_MESSAGE(result.outcome == TaskOutcome::succeeded, result.error);
    return json::serialize(result.answer);
  };
  CHECK(
      path_of(false) ==
      R"({"rule":"amount_is_positive","file":"rules/amount_is_positive.lua","kind":"check",)"
      R"("row":[{"column":"amount","type":"money","value":"-3.00"},)"
      R"({"column":"customer","type":"text","value":"***"}],)"
      R"("params":[{"name":"least","value":"0.00","from":"default, rules/amount_is_positive.lua:5:25"},)"
      R"({"name":"name","value":"''","from":"default, rules/amount_is_positive.lua:5:14"}],)"
      R"("steps":[{"file":"rules/amount_is_positive.lua","line":7,"column":8,)"
      R"("condition":"row.customer == p.name","outcome":false,"left":"***","operator":"==","right":"***"},)"
      R"({"file":"rules/amount_is_positive.lua","line":8,"column":8,)"
      R"("condition":"row.amount < p.least","outcome":true,"left":"-3.00","operator":"<","right":"0.00"}],)"
      R"("more_steps":0,"verdict":"fail NEG","message":"-3.00 of ***","gives":[]})");
  CHECK(path_of(true).find(R"("left":"'ann'")") != std::string::npos);
  CHECK(path_of(true).find("-3.00 of ann") != std::string::npos);
}
