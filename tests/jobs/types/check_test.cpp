#include "jobs/job.h"
#include "tests/jobs/job_fixture.h"
#include "tests/worker/attempt.h"

namespace tallymill {
void register_check(Registry<JobType>& jobs);
}
using namespace tallymill;

namespace {

/// The shape of a check job, and the headlines of what is wrong with it.
struct Shaped {
  JobShape shape;
  std::string problems;
};

Shaped shape_of(const std::string& yaml) {
  Registry<JobType> jobs;
  register_check(jobs);
  Diagnostics diagnostics;
  const auto document = YamlDocument::parse("g.yaml", yaml, diagnostics);
  const JobSpec spec{"g", "sound", "check", Options(document->root()), {}};
  validate_options(spec.options.node(), jobs.find("check")->options, "check job 'sound'",
                   diagnostics, {"type"});
  Shaped shaped;
  if (!diagnostics.has_errors()) jobs.find("check")->shape(spec, shaped.shape, diagnostics);
  Diagnostics headlines;
  for (const Diagnostic& problem : diagnostics.sorted()) headlines.add(problem);
  shaped.problems = headlines.render();
  return shaped;
}

const std::string kBillsAreSound =
    "type: check\n"
    "of: bills\n"
    "checks:\n"
    "  - unique: bill\n"
    "  - in_range: { column: amount, min: 0 }\n"
    "  - in_set: { column: customer, values: [ann], severity: warn }\n";

}  // namespace

TEST_CASE("check: where a value cannot be computed the check that asked for it is named") {
  JobFixture job;
  add_rows(job, "rows", "(1, 'a', 1), (9223372036854775807, 'a', 2)",
           {.columns = {integer_column("id")}, .key = {}, .has_provenance = true});
  job.set_job(
      "type: check\nof: rows\nchecks:\n  - not_null: id\n"
      "  - expression: { sql: \"id * id > 0\", name: square_is_positive }\n");
  std::string problem;
  try {
    job.run();
  } catch (const Error& error) {
    problem = error.what();
  }
  CHECK(problem.find("9223372036854775807); correct the value, or leave its rows out") !=
        std::string::npos);
  CHECK(problem.find("while running check 'square_is_positive' (g.yaml:5:5)") != std::string::npos);
}

TEST_CASE("check: reads the dataset and whatever its checks name") {
  const Shaped shaped = shape_of(
      "type: check\nof: bills\nchecks:\n"
      "  - foreign_key: { column: customer, references: customers.name }\n"
      "  - rule: plausible\n");
  CHECK(shaped.problems == "");
  REQUIRE(shaped.shape.inputs.size() == 1);
  CHECK(shaped.shape.inputs[0].dataset == "bills");
  REQUIRE(shaped.shape.evidence.size() == 1);
  CHECK(shaped.shape.evidence[0].dataset == "sound.failures");
  CHECK(shaped.shape.outputs.empty());
  REQUIRE(shaped.shape.files.size() == 2);
  CHECK(shaped.shape.files[0].path == "tables/customers.csv");
  CHECK(shaped.shape.files[1].path == "rules/plausible.lua");
  CHECK(shaped.shape.gates == "");
}

TEST_CASE("check: gates its dataset when failures block or fail") {
  CHECK(shape_of(kBillsAreSound + "on_fail: block\n").shape.gates == "bills");
  CHECK(shape_of(kBillsAreSound + "on_fail: fail\n").shape.on_fail == OnFail::fail);
  CHECK(shape_of(kBillsAreSound + "on_fail: warn\n").shape.gates == "");
}

TEST_CASE("check: a check may say by itself what its failure does") {
  const JobShape mixed = shape_of(
                             "type: check\nof: bills\nchecks:\n"
                             "  - not_null: { column: bill, on_fail: fail }\n"
                             "  - unique: bill\n")
                             .shape;
  CHECK(mixed.gates == "bills");
  CHECK(mixed.on_fail == OnFail::fail);
  const JobShape told = shape_of(
                            "type: check\nof: bills\non_fail: block\nchecks:\n"
                            "  - not_null: { column: bill, on_fail: warn }\n")
                            .shape;
  CHECK(told.gates == "bills");  // the job's word stands for checks that come
  const JobShape split = shape_of(
                             "type: check\nof: bills\ninto: good_bills\nchecks:\n"
                             "  - not_null: { column: bill, on_fail: reject }\n")
                             .shape;
  CHECK(split.gates == "");
  REQUIRE(split.outputs.size() == 1);
  CHECK(split.outputs[0].dataset == "good_bills");
  REQUIRE(split.evidence.size() == 3);
  CHECK(split.evidence[1].dataset == "sound.rejects");
}

TEST_CASE("check: rows can be rejected only where they can go") {
  CHECK(shape_of("type: check\nof: bills\nmax_rejected: 3\nchecks:\n"
                 "  - not_null: { column: bill, on_fail: reject }\n"
                 "  - sum_equals: { column: amount, equals: l.a, on_fail: reject }\n"
                 "  - in_set: { column: bill, values: [a], severity: warn, on_fail: block }\n"
                 "  - is_null: { column: bill, expect_failed: 1, on_fail: reject }\n")
            .problems ==
        "g.yaml:3:15: error: option 'max_rejected' is about the rows that checks reject; add "
        "'into', and 'on_fail: reject' to a check\n"
        "g.yaml:5:40: error: 'on_fail: reject' needs a dataset for the rows that stay; add 'into' "
        "to job 'sound'\n"
        "g.yaml:6:57: error: 'on_fail: reject' needs a dataset for the rows that stay; add 'into' "
        "to job 'sound'\n"
        "g.yaml:6:57: error: check 'sum_equals' judges the dataset as a whole: it has no rows to "
        "reject; block or fail\n"
        "g.yaml:7:67: error: 'severity: warn' only tells; 'on_fail: block' cannot stand beside it; "
        "keep one\n"
        "g.yaml:8:57: error: 'expect_failed' says which rows must fail; 'on_fail: reject' cannot "
        "take them out; keep one\n"
        "g.yaml:8:57: error: 'on_fail: reject' needs a dataset for the rows that stay; add 'into' "
        "to job 'sound'\n");
  CHECK(shape_of("type: check\nof: bills\ninto: copy\nchecks:\n  - not_null: bill\n").problems ==
        "g.yaml:3:7: error: no check rejects rows: 'copy' would be a copy of 'bills'; write "
        "'on_fail: reject' at a check, or leave out 'into'\n");
}

TEST_CASE("check: problems of its checks are found before anything runs") {
  CHECK(
      shape_of("type: check\nof: bills\nchecks:\n  - not_null: { colum: bill }\n").problems ==
      "g.yaml:4:15: error: check 'not_null' lacks the option 'column'; 'column' is: Column to "
      "look at; of several, each must have a value\n"
      "g.yaml:4:17: error: unknown option 'colum' for check 'not_null'; did you mean 'column'?\n");
  CHECK(shape_of("type: check\nof: bills\nchecks: []\n").problems ==
        "g.yaml:3:9: error: 'checks' must list at least one check; a suite that asks nothing would "
        "always pass\n");
}

TEST_CASE("check: keeps every failing row, closes its books and refuses its gate") {
  Attempt attempt("check_run");
  add_bills(attempt);
  attempt.set_job(kBillsAreSound + "on_fail: block\n");
  const TaskResult result = attempt.run();
  CHECK_MESSAGE(result.outcome == TaskOutcome::findings, result.error);
  CHECK(attempt.exit_code == 3);
  CHECK(result.rows_in == 3);
  CHECK(result.findings_error == 1);
  CHECK(result.findings_warn == 1);
  CHECK(json::serialize(result.gate) == R"({"dataset":"bills","passed":false,"on_fail":"block"})");
  CHECK(json::serialize(result.ledger) ==
        R"({"in":[{"name":"in","rows":3,"amounts":{}}],)"
        R"("out":[{"name":"passed","rows":1,"amounts":{}},{"name":"failed","rows":1,"amounts":{}},)"
        R"({"name":"warned","rows":1,"amounts":{}}],"balances":true})");
  REQUIRE(result.outputs.size() == 1);
  CHECK(result.outputs[0].dataset == "j.failures");
  CHECK(result.outputs[0].evidence);
  CHECK(attempt.rows("j.failures") ==
        "b2|bob|20.05|in_set(customer)|warn|in_set|customer is ***; expected one of 'ann'\n"
        "b3|ann|-3.00|in_range(amount)|error|in_range|amount is -3.00; expected at least 0.00\n");
  CHECK(result.checks.size() == 3);
  CHECK(attempt.log().find(R"("event":"checked")") != std::string::npos);
}

const std::string kGoodBills =
    "type: check\nof: bills\ninto: good_bills\nbalance: [amount]\nchecks:\n"
    "  - in_range: { column: amount, min: 0, on_fail: reject }\n"
    "  - matches: { column: bill, pattern: 'b[12]', on_fail: reject }\n"
    "  - in_set: { column: customer, values: [ann], severity: warn }\n";

TEST_CASE("check: takes out the rows that a rejecting check fails, once, with all reasons") {
  Attempt attempt("check_reject");
  add_bills(attempt);
  attempt.set_job(kGoodBills);
  const TaskResult result = attempt.run();
  CHECK_MESSAGE(result.outcome == TaskOutcome::succeeded, result.error);
  CHECK(attempt.exit_code == 0);
  CHECK(result.gate.empty());
  CHECK(result.rows_in == 3);
  CHECK(result.rows_out == 2);
  CHECK(result.rows_rejected == 1);
  CHECK(attempt.rows("good_bills") == "b1|ann|10.00\nb2|bob|20.05\n");
  CHECK(attempt.rows("j.rejects") ==
        "b3|ann|-3.00|in_range|in_range;matches|in_range(amount)|amount is -3.00; expected at "
        "least 0.00\n");
  CHECK(json::serialize(result.ledger) ==
        R"({"in":[{"name":"in","rows":3,"amounts":{"amount":"27.05"}}],)"
        R"("out":[{"name":"out","rows":2,"amounts":{"amount":"30.05"}},)"
        R"({"name":"rejected","rows":1,"amounts":{"amount":"-3.00"}}],"balances":true})");
  const json::object& first = result.checks.front().as_object();
  CHECK(json_text(first, "verdict") == "pass");
  CHECK(json_integer(first, "rows_rejected") == 1);
  CHECK(json_text(first, "message") ==
        "in_range(amount): 1 of 3 rows failed and left; expected at least 0.00");
}

TEST_CASE("check: rejects and what stays are the same at any number of threads and order of rows") {
  const auto digests = [](int threads, const std::string& order) {
    Attempt attempt("check_reject_digest");
    attempt.task.threads = threads;
    attempt.add_input("bills",
                      "select 'b' || i as bill, 'ann' as customer, (i % 7 - 3)::decimal(18,2) as "
                      "amount from range(200000) t(i) order by " +
                          order,
                      make_schema({{.name = "bill", .type = Type::text()},
                                   {.name = "customer", .type = Type::text()},
                                   {.name = "amount", .type = Type::money(2)}},
                                  {"bill"}));
    attempt.set_job(kGoodBills);
    const TaskResult result = attempt.run();
    REQUIRE_MESSAGE(result.outputs.size() == 3, result.error);
    std::string all = json::serialize(result.checks) + json::serialize(result.ledger);
    for (const TaskOutput& output : result.outputs) all += output.dataset + output.digest;
    return all;
  };
  const std::string one = digests(1, "i");
  CHECK(digests(4, "i") == one);
  CHECK(digests(2, "hash(i)") == one);
}

TEST_CASE("check: nothing is rejected where no row fails") {
  Attempt attempt("check_reject_none");
  add_bills(attempt);
  attempt.set_job(
      "type: check\nof: bills\ninto: good_bills\nchecks:\n"
      "  - not_null: { column: bill, on_fail: reject }\n");
  const TaskResult result = attempt.run();
  CHECK_MESSAGE(result.outcome == TaskOutcome::succeeded, result.error);
  CHECK(result.rows_out == 3);
  CHECK(attempt.rows("j.rejects") == "");
}

TEST_CASE("check: too many bad rows are a broken feed: the job fails and keeps them") {
  const auto error = [](const std::string& name, const std::string& limits,
                        const std::string& tolerance) {
    Attempt attempt("check_breaker_" + name);
    add_bills(attempt);
    attempt.set_job("type: check\nof: bills\ninto: good_bills\n" + limits +
                    "checks:\n  - in_range: { column: amount, min: 15, on_fail: reject" +
                    tolerance + " }\n");
    const TaskResult result = attempt.run();
    CHECK(result.outcome == TaskOutcome::failed);
    CHECK(result.error_class == ErrorClass::data);
    CHECK(attempt.rows("j.rejects").find("b3|ann|-3.00|in_range|") != std::string::npos);
    return result.error;
  };
  CHECK(error("rows", "max_rejected: 1\n", "")
            .find("this job rejects 2 of 3 rows of 'bills', more than max_rejected 1; nothing is "
                  "published, the rows stand in 'j.rejects'") != std::string::npos);
  CHECK(error("ratio", "max_rejected_ratio: 0.6\n", "").find("more than max_rejected_ratio 0.6;") !=
        std::string::npos);
  CHECK(error("check", "", ", max_failed: 1")
            .find("check 'in_range(amount)' rejects 2 of 3 rows of 'bills', more than it "
                  "tolerates;") != std::string::npos);
}

TEST_CASE("check: only failures that stop readers refuse the gate") {
  Attempt attempt("check_mixed");
  add_bills(attempt);
  attempt.set_job(
      "type: check\nof: bills\non_fail: fail\nchecks:\n"
      "  - in_range: { column: amount, min: 0, on_fail: warn }\n"
      "  - in_set: { column: customer, values: [ann], on_fail: block }\n"
      "  - not_null: bill\n");
  const TaskResult result = attempt.run();
  CHECK(result.outcome == TaskOutcome::findings);
  CHECK(json::serialize(result.gate) == R"({"dataset":"bills","passed":false,"on_fail":"block"})");
}

TEST_CASE("check: without findings the gate passes and the evidence is empty") {
  Attempt attempt("check_pass");
  add_bills(attempt);
  attempt.set_job("type: check\nof: bills\nchecks: [{ unique: bill }]\non_fail: fail\n");
  const TaskResult result = attempt.run();
  CHECK_MESSAGE(result.outcome == TaskOutcome::succeeded, result.error);
  CHECK(attempt.exit_code == 0);
  CHECK(json::serialize(result.gate) == R"({"dataset":"bills","passed":true,"on_fail":"block"})");
  REQUIRE(result.outputs.size() == 1);
  CHECK(result.outputs[0].rows == 0);
}

TEST_CASE("check: a job that only warns says nothing of a gate") {
  Attempt attempt("check_warn");
  add_bills(attempt);
  attempt.set_job(kBillsAreSound);
  const TaskResult result = attempt.run();
  CHECK(result.outcome == TaskOutcome::findings);
  CHECK(result.gate.empty());
}

TEST_CASE("check: equal rows give equal evidence, at any number of threads") {
  const auto digest = [](int threads) {
    Attempt attempt("check_digest");
    attempt.task.threads = threads;
    attempt.add_input("bills",
                      "select 'b' || i as bill, 'ann' as customer, (i % 7 - 3)::decimal(18,2) as "
                      "amount from range(300000) t(i)",
                      make_schema({{.name = "bill", .type = Type::text()},
                                   {.name = "customer", .type = Type::text()},
                                   {.name = "amount", .type = Type::money(2)}},
                                  {"bill"}));
    attempt.set_job(kBillsAreSound);
    const TaskResult result = attempt.run();
    REQUIRE_MESSAGE(result.outputs.size() == 1, result.error);
    CHECK(result.outputs[0].rows == 128572);
    return result.outputs[0].digest + json::serialize(result.checks);
  };
  CHECK(digest(1) == digest(4));
}

TEST_CASE("check: values and conditions take parameters of the run") {
  Attempt attempt("check_params");
  add_bills(attempt);
  attempt.task.params["floor"] = {"money", "15.00"};
  attempt.set_job(
      "type: check\nof: bills\nchecks:\n"
      "  - in_range: { column: amount, min: param(floor), name: a }\n"
      "  - in_range: { column: amount, min: \"${param:floor}\", name: b }\n"
      "  - expression: { sql: amount >= :param_floor, where: \":period = '2026-01'\", name: c }\n");
  const TaskResult result = attempt.run();
  REQUIRE_MESSAGE(result.checks.size() == 3, result.error);
  for (const json::value& check : result.checks)
    CHECK(json_integer(check.as_object(), "rows_failed") == 2);
}

TEST_CASE("check: looks rows up in a table of the workspace and judges them by its rules") {
  Attempt attempt("check_files");
  add_bills(attempt);
  attempt.add_file("tables/customers.csv", "name,city\nann,north\n");
  attempt.add_file("rules/plausible.lua", R"(
local t = require "tallymill"
return t.check_rule {
  name = "plausible",
  doc = "A bill is positive and its customer is never named.",
  needs = { amount = "money", customer = "text" },
  check = function(row)
    if row.amount < 0 then return t.fail("NEG", "{customer} owes {amount}", row) end
  end,
  tests = { { given = { amount = t.money "1.00", customer = "x" }, expect = "pass" } },
}
)");
  attempt.set_job(
      "type: check\nof: bills\nchecks:\n"
      "  - foreign_key: { column: customer, references: customers.name }\n"
      "  - rule: plausible\n");
  const TaskResult result = attempt.run();
  CHECK_MESSAGE(result.outcome == TaskOutcome::findings, result.error);
  CHECK(attempt.rows("j.failures") ==
        "b2|bob|20.05|foreign_key(customer)|error|foreign_key|customer is ***; expected a value of "
        "customers.name\n"
        "b3|ann|-3.00|plausible|error|NEG|*** owes -3.00\n");
}

TEST_CASE("check: what does not fit the dataset is refused where it stands, all at once") {
  Attempt attempt("check_refused");
  add_bills(attempt);
  attempt.set_job(
      "type: check\nof: bills\nchecks:\n"
      "  - not_null: custmer\n"
      "  - expression: amount\n"
      "  - in_range: { column: amount, min: param(flor) }\n"
      "  - unique: { columns: bill, where: now() > :period_first_day }\n");
  const TaskResult result = attempt.run();
  CHECK(result.outcome == TaskOutcome::failed);
  CHECK(result.error_class == ErrorClass::config);
  CHECK(result.error.find("graphs/g.yaml:4:15: error: the dataset has no column 'custmer'; did you "
                          "mean 'customer'?") != std::string::npos);
  CHECK(result.error.find("graphs/g.yaml:5:17: error: 'amount' is decimal(18,2), not a condition; "
                          "write a comparison, such as amount >= 0") != std::string::npos);
  CHECK(result.error.find("graphs/g.yaml:6:38: error: the graph has no parameter 'flor'") !=
        std::string::npos);
  CHECK(result.error.find("graphs/g.yaml:7:37: error: ") != std::string::npos);
}

TEST_CASE("check: before a run, a parameter without a value is taken as sound") {
  Attempt attempt("check_bind");
  attempt.task.mode = TaskMode::bind;
  attempt.task.period = "";
  const auto entry = [](const std::string& job, const std::string& yaml) {
    Diagnostics diagnostics;
    const auto document = YamlDocument::parse("graphs/g.yaml", yaml, diagnostics);
    return json::object{{"graph", "g"},
                        {"job", job},
                        {"type", document->root().find("type").text()},
                        {"spec", document->root().to_json()},
                        {"file", "graphs/g.yaml"},
                        {"params", {{"floor", {{"type", "money"}, {"value", ""}}}}}};
  };
  attempt.task.spec = json::object{
      {"jobs",
       json::array{entry("bills",
                         "type: transform\ninputs: []\nsql: select 'b' as bill, 1.50 as amount\n"
                         "into: bills\nkey: bill\ncolumns: { bill: text, amount: money }\n"
                         "balance: none\nbecause: a test\n"),
                   entry("sound",
                         "type: check\nof: bills\nchecks:\n"
                         "  - in_range: { column: amount, min: param(floor) }\n"
                         "  - sum_equals: { column: amount, equals: \"${param:floor}\" }\n"
                         "  - unique: { columns: bill, where: amount > :param_floor }\n"
                         "  - foreign_key: { column: bill, references: bills.bill }\n")}}};
  const TaskResult result = attempt.run();
  CHECK_MESSAGE(result.outcome == TaskOutcome::succeeded, result.error);
  CHECK(Diagnostics::from_json(result.diagnostics).render() == "");
  const json::object& schemas = result.answer.as_object().at("schemas").as_object();
  CHECK(Schema::from_json(schemas.at("sound.failures").as_object()).names() ==
        std::vector<std::string>{"bill", "amount", "_check", "_severity", "_code", "_message"});
}
