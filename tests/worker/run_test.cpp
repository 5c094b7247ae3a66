#include <doctest/doctest.h>

#include "tests/worker/attempt.h"

using namespace tallymill;

namespace {

/// A transform over `bills`; `sql` and `rest` of the mapping vary.
std::string job(const std::string& sql, const std::string& rest) {
  return "type: transform\n"
         "inputs: [bills]\n"
         "sql: " +
         sql +
         "\n"
         "into: per_customer\n"
         "key: customer\n"
         "columns: { customer: text, amount: money, bills: integer }\n" +
         rest;
}

const std::string kSums =
    "select customer, sum(amount) as amount, count(*) as bills from bills group by customer";
const std::string kBalance =
    "balance: { in: { dataset: bills, amount: amount }, out: { amount: amount } }\n";

std::string failure(const std::string& yaml) {
  Attempt attempt("failure");
  add_bills(attempt);
  attempt.set_job(yaml);
  const TaskResult result = attempt.run();
  CHECK(attempt.exit_code == 1);
  CHECK(result.outcome == TaskOutcome::failed);
  CHECK(result.outputs.empty());
  return std::string(to_string(result.error_class)) + " " + result.error;
}

}  // namespace

TEST_CASE("worker: a transform is run from task to result") {
  Attempt attempt("run");
  add_bills(attempt);
  attempt.set_job(job(kSums, kBalance));
  const TaskResult result = attempt.run();
  CHECK_MESSAGE(result.outcome == TaskOutcome::succeeded, result.error);
  CHECK(attempt.exit_code == 0);
  CHECK(result.attempt == "a1");
  CHECK(result.epoch == attempt.task.epoch);
  CHECK(result.rows_in == 3);
  CHECK(result.rows_out == 2);
  REQUIRE(result.outputs.size() == 1);
  CHECK(result.outputs[0].amounts.at("amount") == "27.05");
  CHECK(
      json::serialize(result.ledger) ==
      R"({"in":[{"name":"bills","rows":0,"amounts":{"amount":"27.05"}}],)"
      R"("out":[{"name":"per_customer","rows":0,"amounts":{"amount":"27.05"}}],"balances":true})");
  CHECK(attempt.rows("per_customer") == "ann|7.00|2\nbob|20.05|1\n");
  CHECK(attempt.log().find(R"("event":"succeeded")") != std::string::npos);
  CHECK(attempt.standard_error() == "");
  CHECK_FALSE(std::filesystem::exists(attempt.task.folder / "tmp"));
}

TEST_CASE("worker: books that do not close fail the job and give up its data") {
  CHECK(failure(job("select customer, sum(amount) as amount, count(*) as bills from bills where "
                    "amount > 0 group by customer",
                    kBalance)) ==
        "data error: the books of job 'j' do not close: amount bills 27.05 = per_customer 30.05, "
        "3.00 too much\n  while running job 'j' of graph 'g'");
}

TEST_CASE("worker: SQL that does not bind is refused where it stands") {
  CHECK(failure(job("select custmer, amount, 1 as bills from bills", kBalance)) ==
        "config graphs/g.yaml:3:6: error: Referenced column \"custmer\" not found in FROM clause; "
        "candidate bindings: \"customer\", \"amount\"\n  while running job 'j' of graph 'g'");
}

TEST_CASE("worker: parameters of the run reach SQL typed, and only there") {
  Attempt attempt("parameters");
  add_bills(attempt);
  attempt.task.params["floor"] = {"money", "0.50"};
  attempt.task.params["who"] = {"text", "it's"};
  attempt.set_job(
      "type: transform\ninputs: [bills]\n"
      "sql: \"select bill || ':period' as k, :period as p, :period_last_day as d, amount + "
      ":param_floor as amount, :param_who as who from bills\"\n"
      "into: out\nkey: k\n"
      "columns: { k: text, p: text, d: date, amount: money, who: text }\n"
      "balance: none\nbecause: a floor is added\n");
  const TaskResult result = attempt.run();
  CHECK_MESSAGE(result.outcome == TaskOutcome::succeeded, result.error);
  CHECK(attempt.rows("out") ==
        "b1:period|2026-01|2026-01-31|10.50|it's\n"
        "b2:period|2026-01|2026-01-31|20.55|it's\n"
        "b3:period|2026-01|2026-01-31|-2.50|it's\n");
}

TEST_CASE("worker: a damaged input version is refused before it is read") {
  Attempt attempt("damaged");
  add_bills(attempt);
  attempt.set_job(job(kSums, kBalance));
  const auto part = attempt.task.inputs["bills"][0].folder / "part-0000.parquet";
  std::filesystem::permissions(part, std::filesystem::perms::owner_all);
  std::filesystem::resize_file(part, 100);
  TaskResult result = attempt.run();
  CHECK(result.error_class == ErrorClass::data);
  CHECK(result.error.find("part-0000.parquet has 100 bytes, its manifest says") !=
        std::string::npos);
}

TEST_CASE("worker: a version other than the pinned one is refused") {
  Attempt attempt("pin");
  add_bills(attempt);
  attempt.task.inputs["bills"][0].digest = "v1:3:00000000000000000000000000000000";
  attempt.set_job(job(kSums, kBalance));
  CHECK(attempt.run().error.find("pinned is v1:3:00000000000000000000000000000000") !=
        std::string::npos);
}

TEST_CASE("worker: an unreadable task is exit code 2") {
  Attempt attempt("bad_task");
  write_file_durably(attempt.task.folder / "task.json", "{\"format\": 99}");
  CHECK(attempt.start() == 2);
  CHECK(attempt.standard_error() != "");
  CHECK_FALSE(std::filesystem::exists(attempt.task.folder / "result.json"));
}

TEST_CASE("worker: too little memory is class memory, and still reported") {
  Attempt attempt("memory");
  attempt.add_input("n", "select i::bigint as i from range(3000000) r(i)",
                    make_schema({{.name = "i", .type = Type::integer()}}, {"i"}));
  attempt.task.memory_bytes = 150 << 20;
  attempt.task.threads = 1;
  attempt.set_job(
      "type: transform\ninputs: [n]\n"
      "sql: select i, list(i order by hash(i)) over () as l from n\n"
      "into: out\nkey: i\ncolumns: { i: integer, l: text }\nbalance: none\nbecause: a test\n");
  const TaskResult bound = attempt.run();
  CHECK(bound.error.find("BIGINT[] cannot become text") != std::string::npos);
  std::filesystem::remove(attempt.task.folder / "result.json");
  attempt.set_job(
      "type: transform\ninputs: [n]\n"
      "sql: select i, (list(i order by hash(i)) over ())::varchar as l from n\n"
      "into: out\nkey: i\ncolumns: { i: integer, l: text }\nbalance: none\nbecause: a test\n");
  const TaskResult result = attempt.run();
  CHECK(result.outcome == TaskOutcome::failed);
  CHECK_MESSAGE(result.error_class == ErrorClass::memory, result.error);
}

TEST_CASE("worker: a job that needs no engine opens none") {
  Attempt attempt("noop");
  attempt.set_job("type: noop\n");
  const TaskResult result = attempt.run();
  CHECK(result.outcome == TaskOutcome::succeeded);
  CHECK_FALSE(std::filesystem::exists(attempt.task.folder / "staging"));
}

TEST_CASE("worker: a job type that does not exist is named with its neighbour") {
  CHECK(failure("type: transfrom\n")
            .find("unknown job type 'transfrom'; did you mean 'transform'?") != std::string::npos);
}
