#include <doctest/doctest.h>

#include "tests/worker/attempt.h"

using namespace tallymill;

namespace {

TaskResult ask(const json::object& question) {
  Attempt attempt("query");
  add_bills(attempt);
  attempt.task.mode = TaskMode::query;
  attempt.task.spec = question;
  return attempt.run();
}

std::string rows(const json::object& question) {
  const TaskResult result = ask(question);
  CHECK_MESSAGE(result.outcome == TaskOutcome::succeeded, result.error);
  return json::serialize(result.answer.as_object().at("rows")) + " of " +
         json::serialize(result.answer.as_object().at("total"));
}

}  // namespace

TEST_CASE("query rows: comes in key order, sensitive values masked") {
  CHECK(rows({{"query", "rows"}, {"dataset", "bills"}}) ==
        R"([["b1","***","10.00"],["b2","***","20.05"],["b3","***","-3.00"]] of 3)");
}

TEST_CASE("query rows: a condition and a limit narrow it, the total is of all that match") {
  CHECK(rows({{"query", "rows"},
              {"dataset", "bills"},
              {"where", "amount > 0"},
              {"limit", 1},
              {"columns", {"amount", "bill"}}}) == R"([["10.00","b1"]] of 2)");
}

TEST_CASE("query rows: a limit may count for each value of a column") {
  CHECK(rows({{"query", "rows"},
              {"dataset", "bills"},
              {"limit", 1},
              {"limit_per", "amount"},
              {"where", "amount > 0"},
              {"columns", {"bill"}}}) == R"([["b1"],["b2"]] of 2)");
  CHECK(rows({{"query", "rows"},
              {"dataset", "bills"},
              {"limit", 2},
              {"limit_per", "customer"},
              {"columns", {"bill"}}}) == R"([["b1"],["b2"]] of 3)");
}

TEST_CASE("query rows: a masked value cannot be guessed by a condition") {
  CHECK(rows({{"query", "rows"}, {"dataset", "bills"}, {"where", "customer = 'ann'"}}) ==
        "[] of 0");
  CHECK(rows({{"query", "rows"},
              {"dataset", "bills"},
              {"where", "customer = 'ann'"},
              {"reveal", true},
              {"columns", {"customer"}}}) == R"([["ann"],["ann"]] of 2)");
}

TEST_CASE("query rows: a bad question says what is wrong with it") {
  CHECK(ask({{"query", "rows"}, {"dataset", "bills"}, {"where", "amout > 0"}})
            .error.find("--where: error: Referenced column \"amout\" not found") == 0);
  CHECK(ask({{"query", "rows"}, {"dataset", "bills"}, {"where", "true) or (now() > d"}}).outcome ==
        TaskOutcome::failed);
  CHECK(ask({{"query", "rows"}, {"dataset", "bills"}, {"columns", {"amout"}}})
            .error.find("dataset 'bills' has no column 'amout'; did you mean 'amount'?") !=
        std::string::npos);
  CHECK(ask({{"query", "row"}}).error.find("unknown query 'row'; known: ") != std::string::npos);
}
