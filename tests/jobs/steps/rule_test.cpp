#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

Schema cost_schema() { return columns_of({text_column("item"), money_column("amount")}); }

constexpr const char* kNetOf = R"lua(
return t.transform_rule {
  name = "net_of",
  doc = "Takes the fee off.",
  needs = { amount = "money" },
  params = { fee = t.money "1.00" },
  returns = { amount = "money", note = "text" },
  transform = function(row, p)
    return { amount = row.amount - p.fee, note = "net" }
  end,
}
)lua";

constexpr const char* kSound = R"lua(
return t.check_rule {
  name = "sound",
  doc = "Amounts are positive.",
  needs = { item = "text", amount = "money" },
  check = function(row)
    if row.item == "bad" then error("cannot say") end
    if row.amount <= 0 then return t.fail("S1", "{item} has {amount}", row) end
  end,
}
)lua";

constexpr const char* kClass = R"lua(
return t.classify_rule {
  name = "size",
  doc = "Small or large.",
  needs = { amount = "money" },
  classify = function(row)
    if row.amount > t.money "10.00" then return "large" end
    return "small"
  end,
}
)lua";

}  // namespace

TEST_CASE("rule: a transform rule sets columns, also those it reads, with the job's parameters") {
  JobFixture job;
  add_rows(job, "rows", "('a', 10.00), ('b', NULL)", cost_schema());
  job.add_rule("net_of", kNetOf);
  job.task.params["fee"] = {.type = "money", .value = "2.50"};
  job.set_steps("  - rule: { name: net_of, params: { fee: param(fee) } }\nbalance: [amount]\n");
  job.run();
  CHECK(job.rows("clean", "item, amount, note") == Lines{"a|7.50|net", "b|-|-"});
  CHECK(json::serialize(job.result.report.at("rules")) == R"({"rule net_of not applicable":1})");
  CHECK(json::serialize(job.result.ledger.at("out").as_array().back()) ==
        R"({"name":"adjusted","rows":0,"amounts":{"amount":"2.50"}})");
}

TEST_CASE("rule: a classify rule labels rows in a column of its name") {
  JobFixture job;
  add_rows(job, "rows", "('a', 10.00), ('b', 10.01)", cost_schema());
  job.add_rule("size", kClass);
  job.set_steps("  - rule: size\n  - rule: { name: size, into: klass }\n");
  job.run();
  CHECK(job.rows("clean", "item, size, klass") == Lines{"a|small|small", "b|large|large"});
}

TEST_CASE("rule: a score rule sets its column, and beside it what adds to the score") {
  JobFixture job;
  add_rows(job, "rows", "('a', 10.00), ('b', NULL), (NULL, 5.00)", cost_schema());
  job.add_rule("risk", R"lua(
return t.score_rule {
  name = "risk",
  needs = { item = "text?", amount = "money" },
  score = function(row)
    return { large = row.amount > t.money "9.00" and 30 or nil, no_item = row.item == nil and 5 or 0 }
  end,
}
)lua");
  job.set_steps("  - rule: risk\n  - rule: { name: risk, into: points }\n");
  job.run();
  CHECK(job.rows("clean", "amount, risk, risk_reasons, points, points_reasons") ==
        Lines{"5.00|5|no_item 5|5|no_item 5", "10.00|30|large 30|30|large 30", "-|-|-|-|-"});
}

TEST_CASE("rule: a check rule rejects with its code; a rule that raises rejects as rule_error") {
  JobFixture job;
  add_rows(job, "rows", "('a', 10.00), ('b', 0.00), ('bad', 1.00), (NULL, -1.00)", cost_schema());
  job.add_rule("sound", kSound);
  job.set_steps("  - rule: sound\n");
  job.run();
  CHECK(job.rows("clean", "amount") == Lines{"-1.00", "10.00"});
  CHECK(job.rows("j.rejects", "item, _reason, _rule") ==
        Lines{"b|S1|step 1: rule", "bad|rule_error|step 1: rule"});
  CHECK(job.rows("j.rejects", "_message")[0] == "b has 0.00");
  CHECK(job.rows("j.rejects", "_message")[1].find("rules/sound.lua:8: ") == 0);
}

TEST_CASE("rule: more errors than allowed fail the job after its evidence is written") {
  JobFixture job;
  add_rows(job, "rows", "('bad', 1.00), ('bad', 2.00)", cost_schema());
  job.add_rule("sound", kSound);
  job.set_steps("  - rule: sound\nmax_rule_errors: 1\n");
  CHECK(job.problem().find("rules raised on 2 rows, more than max_rule_errors 1; the first: "
                           "rules/sound.lua:8: ") == 0);
  CHECK(job.rows("j.rejects").size() == 2);
}

TEST_CASE("rule: a rule of the wrong kind, or a missing column, is reported at the step") {
  JobFixture job;
  add_rows(job, "rows", "('a')", columns_of({text_column("item")}));
  job.add_rule("size", kClass);
  job.add_rule("driver",
               "return t.driver_rule { name = \"driver\", doc = \"d\", needs = { item = \"text\" "
               "}, driver = function() return \"x\" end }\n");
  job.set_steps("  - rule: driver\n  - rule: size\n");
  const std::string problems = job.plan_problems();
  CHECK(problems.find("g.yaml:5:11: rule 'driver' is a driver rule; a 'rule' step takes transform, "
                      "classify, score and check rules") == 0);
  CHECK(problems.find("g.yaml:6:11:") != std::string::npos);
}
