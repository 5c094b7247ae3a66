#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kPair{{"k", Type::text()}, {"n", Type::integer()}};

}  // namespace

TEST_CASE("equals_dataset: rows differ by value and by how often they occur") {
  CheckFixture data(kPair, "values ('a', 1), ('a', 1), ('b', null), ('c', 3)");
  data.add_reference("copy", kPair, "values ('c', 4), ('a', 1), ('b', null)");
  const SuiteOutcome outcome = data.run("- equals_dataset: copy");
  CHECK(outcome.checks[0].message ==
        "equals_dataset: 3 of 4 rows failed, 2 rows of copy unmatched; expected the rows of copy");
  CHECK(data.findings(outcome, "k, n") == std::vector<std::string>{"a | 1", "a | 1", "c | 3"});
}

TEST_CASE("equals_dataset: the same rows in another order are equal") {
  CheckFixture data(kPair, "values ('a', 1), ('b', 2)");
  data.add_reference("copy", kPair, "values ('b', 2), ('a', 1)");
  CHECK(data.run_one("- equals_dataset: copy").verdict == CheckVerdict::pass);
}

TEST_CASE("equals_dataset: a row that is only there fails although none here does") {
  CheckFixture data(kPair, "values ('a', 1)");
  data.add_reference("copy", kPair, "values ('b', 2), ('a', 1)");
  const CheckResult result = data.run_one("- equals_dataset: copy");
  CHECK(result.verdict == CheckVerdict::fail);
  CHECK(result.observed == "0 of 1 row failed, 1 row of copy unmatched");
}

TEST_CASE("equals_dataset: an empty dataset equals an empty one by not being applicable") {
  CheckFixture data(kPair, "select 'a', 1 where false");
  data.add_reference("none", kPair, "select 'a', 1 where false");
  data.add_reference("one", kPair, "values ('a', 1)");
  const SuiteOutcome outcome = data.run("- equals_dataset: none\n- equals_dataset: one\n");
  CHECK(outcome.checks[0].verdict == CheckVerdict::not_applicable);
  CHECK(outcome.checks[1].verdict == CheckVerdict::fail);
}

TEST_CASE("equals_dataset: an unknown dataset is reported") {
  CheckFixture data(kPair, "values ('a', 1)");
  CHECK(data.problems_of("- equals_dataset: copy") == "t.yaml:1:19: error: no dataset 'copy'\n");
}
