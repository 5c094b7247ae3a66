// Inputs of several periods or partitions, of none, and under another name.
#include <doctest/doctest.h>

#include "tests/worker/attempt.h"

using namespace tallymill;

namespace {

Schema sales_schema() {
  Schema schema;
  schema.columns = {{.name = "shop", .type = Type::text(), .required = true},
                    {.name = "sold", .type = Type::integer()}};
  schema.key = {"shop"};
  return schema;
}

/// Pins a version of dataset `sales` as what the job calls `input`.
void add_sales(Attempt& attempt, const std::string& input, const std::string& period,
               const std::string& partition, int sold) {
  InputVersion version = make_version(
      attempt.root() / ("made_" + input + period + partition), "sales",
      "select 'north' as shop, " + std::to_string(sold) + "::bigint as sold", sales_schema());
  version.period = period;
  version.partition = partition;
  version.dataset = "sales";
  attempt.task.inputs[input].push_back(std::move(version));
}

std::string transform(const std::string& inputs, const std::string& sql) {
  return "type: transform\ninputs: " + inputs + "\nsql: " + sql +
         "\ninto: out\nkey: k\ncolumns: { k: text, n: integer }\nbalance: none\n"
         "because: a test\n";
}

}  // namespace

TEST_CASE("worker: rows of several periods and partitions say of which they are") {
  Attempt attempt("several");
  add_sales(attempt, "sales", "2025-12", "x", 1);
  add_sales(attempt, "sales", "2026-01", "x", 2);
  add_sales(attempt, "sales", "2026-01", "y", 4);
  attempt.task.several = {"sales"};
  attempt.set_job(transform("[{ dataset: sales, periods: last(2) }]",
                            "select _period || '/' || _partition as k, sold as n from sales"));
  const TaskResult result = attempt.run();
  CHECK_MESSAGE(result.outcome == TaskOutcome::succeeded, result.error);
  CHECK(attempt.rows("out") == "2025-12/x|1\n2026-01/x|2\n2026-01/y|4\n");
}

TEST_CASE("worker: one dataset of two periods, one of which nobody made") {
  Attempt attempt("empty");
  add_sales(attempt, "sales", "2026-01", "", 2);
  attempt.task.inputs["before"];
  attempt.task.schemas["before"] = sales_schema().to_json();
  attempt.set_job(transform(
      "[sales, { dataset: sales, period: period - 1, missing: empty, as: before }]",
      "select shop as k, sold + coalesce((select max(sold) from before), 0) as n from sales"));
  const TaskResult result = attempt.run();
  CHECK_MESSAGE(result.outcome == TaskOutcome::succeeded, result.error);
  CHECK(attempt.rows("out") == "north|2\n");
}

TEST_CASE("worker: the partition is bound in SQL") {
  Attempt attempt("partition");
  add_sales(attempt, "sales", "2026-01", "x", 2);
  attempt.task.partition = "x";
  attempt.set_job(transform("[sales]", "select :partition as k, sold as n from sales"));
  const TaskResult result = attempt.run();
  CHECK_MESSAGE(result.outcome == TaskOutcome::succeeded, result.error);
  CHECK(attempt.rows("out") == "x|2\n");
}
