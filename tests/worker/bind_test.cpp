#include <doctest/doctest.h>

#include "tests/worker/attempt.h"

using namespace tallymill;

namespace {

json::object entry(const std::string& name, const std::string& yaml) {
  Diagnostics diagnostics;
  const auto document = YamlDocument::parse("graphs/" + name + ".yaml", yaml, diagnostics);
  REQUIRE_MESSAGE(document, diagnostics.render());
  return {{"graph", "g"},
          {"job", name},
          {"type", document->root().find("type").text()},
          {"spec", document->root().to_json()},
          {"file", "graphs/" + name + ".yaml"},
          {"params", {{"floor", {{"type", "money"}, {"value", ""}}}}}};
}

/// A transform from nothing but constants, or from `input`.
std::string transform(const std::string& into, const std::string& input, const std::string& sql) {
  return "type: transform\ninputs: [" + input + "]\nsql: " + sql + "\ninto: " + into +
         "\nkey: k\ncolumns: { k: text, amount: money }\nbalance: none\nbecause: a test\n";
}

TaskResult bind(const json::array& jobs) {
  Attempt attempt("bind");
  attempt.task.mode = TaskMode::bind;
  attempt.task.period = "";
  attempt.task.spec = json::object{{"jobs", jobs}};
  const TaskResult result = attempt.run();
  CHECK_MESSAGE(result.outcome == TaskOutcome::succeeded, result.error);
  return result;
}

std::string problems(const TaskResult& result) {
  return Diagnostics::from_json(result.diagnostics).render();
}

}  // namespace

TEST_CASE("bind: schemas flow from job to job without a row") {
  const TaskResult result = bind(
      {entry("first", transform("a", "", "select 'x' as k, 1.50 as amount where :period <> ''")),
       entry("second", transform("b", "a", "select k, amount + :param_floor as amount from a"))});
  CHECK(problems(result) == "");
  const json::object& schemas = result.answer.as_object().at("schemas").as_object();
  CHECK(schemas.contains("a"));
  CHECK(Schema::from_json(schemas.at("b").as_object()).names() ==
        std::vector<std::string>{"k", "amount"});
}

TEST_CASE("bind: every job's problems are found in one pass, each at its place") {
  const TaskResult result =
      bind({entry("first", transform("a", "", "select 'x' as k, 0.5 as amount")),
            entry("second", transform("b", "a", "select k, amunt as amount from a")),
            entry("third", transform("c", "a", "select k, amount * 1.005 as amount from a"))});
  CHECK(problems(result) ==
        "graphs/second.yaml:3:6: error: Referenced column \"amunt\" not found in FROM clause; "
        "candidate bindings: \"amount\"\n"
        "graphs/third.yaml:3:6: error: column 'amount': DECIMAL(18,5) has more fraction digits "
        "than money; narrow it with round_money(x, mode) or round(x, digits)\n");
}

TEST_CASE("bind: what reads a dataset nobody could plan is passed over in silence") {
  const TaskResult result = bind({entry("first", "type: transfrom\n"),
                                  entry("second", transform("b", "a", "select k, amount from a"))});
  CHECK(problems(result).find("unknown job type 'transfrom'") != std::string::npos);
  CHECK(Diagnostics::from_json(result.diagnostics).sorted().size() == 1);
}

TEST_CASE("bind: a dataset read but not declared as input is found") {
  const TaskResult result =
      bind({entry("first", transform("a", "", "select 'x' as k, 0.5 as amount")),
            entry("second", transform("b", "a", "select k, amount from a")),
            entry("third", transform("c", "a", "select a.k, b.amount from a join b using (k)"))});
  CHECK(problems(result) ==
        "graphs/third.yaml:3:6: error: the SQL reads 'b', no input of this job; add it to "
        "'inputs'\n");
}
