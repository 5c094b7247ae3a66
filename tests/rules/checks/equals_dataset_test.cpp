#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kPair{{"k", Type::text()}, {"n", Type::integer()}};

}  // namespace

TEST_CASE("equals_dataset: rows differ by value and by how often they occur") {
  CheckFixture data(kPair, "values ('a', 1), ('a', 1), ('b', null), ('c', 3)");
  data.add_reference("copy", kPair, "values ('c', 4), ('a', 1), ('b', null)");
  const SuiteOutcome outcome = data.run("- equals_dataset: copy");
  CHECK(
      outcome.checks[0].message ==
      "equals_dataset: 3 of 4 rows failed, 1 row of copy missing here; expected the rows of copy");
  CHECK(outcome.findings == 4);
  CHECK(data.findings(outcome, "k, n, _code") ==
        std::vector<std::string>{"a | 1 | equals_dataset", "a | 1 | equals_dataset",
                                 "c | 3 | equals_dataset", "c | 4 | missing_here"});
}

TEST_CASE("equals_dataset: the same rows in another order are equal") {
  CheckFixture data(kPair, "values ('a', 1), ('b', 2)");
  data.add_reference("copy", kPair, "values ('b', 2), ('a', 1)");
  CHECK(data.run_one("- equals_dataset: copy").verdict == CheckVerdict::pass);
}

TEST_CASE("equals_dataset: a row that is only there fails although none here does") {
  CheckFixture data(kPair, "values ('a', 1)");
  data.add_reference("copy", kPair, "values ('b', 2), ('a', 1)");
  const SuiteOutcome outcome = data.run("- equals_dataset: copy");
  CHECK(outcome.checks[0].verdict == CheckVerdict::fail);
  CHECK(outcome.checks[0].observed == "0 of 1 row failed, 1 row of copy missing here");
  CHECK(outcome.checks[0].to_json().at("missing_here") == 1);
  CHECK(outcome.rows_failed == 0);
  CHECK(data.findings(outcome, "k, n, _check, _severity, _message") ==
        std::vector<std::string>{"b | 2 | equals_dataset | error | missing here, only in copy: k "
                                 "is 'b', n is 2"});
}

TEST_CASE("equals_dataset: a row is kept as often as it lacks here, nulls and all") {
  CheckFixture data(kPair, "values (null, null), ('a', 1)");
  data.add_reference("copy", kPair,
                     "values (null, null), (null, null), (null, null), ('a', 1), ('a', 1)");
  const SuiteOutcome outcome = data.run("- equals_dataset: copy");
  CHECK(outcome.checks[0].observed == "2 of 2 rows failed, 3 rows of copy missing here");
  CHECK(data.findings(outcome, "k, n, _code") ==
        std::vector<std::string>{"a | 1 | equals_dataset", "a | 1 | missing_here",
                                 "null | null | equals_dataset", "null | null | missing_here",
                                 "null | null | missing_here"});
}

TEST_CASE("equals_dataset: a row of nulls here is not the one that is only there") {
  CheckFixture data(kPair, "values (null, null)");
  data.add_reference("copy", kPair, "values (null, null), ('a', 1)");
  CHECK(data.run_one("- equals_dataset: copy").rows_failed == 0);
}

TEST_CASE("equals_dataset: a tolerance holds for each side by itself") {
  const auto verdict = [](const std::string& tolerance) {
    CheckFixture data(kPair, "values ('a', 1), ('b', 2)");
    data.add_reference("copy", kPair, "values ('a', 1), ('b', 3), ('c', 4)");
    return data.run_one("- equals_dataset: { dataset: copy, " + tolerance + " }").verdict;
  };
  CHECK(verdict("max_failed: 1") == CheckVerdict::fail);
  CHECK(verdict("max_failed: 2") == CheckVerdict::pass);
  CHECK(verdict("max_ratio: 0.5") == CheckVerdict::fail);
  CHECK(verdict("max_ratio: 1") == CheckVerdict::pass);
  CHECK(verdict("amount: n, max_failed_amount: 100") == CheckVerdict::fail);
}

TEST_CASE("equals_dataset: values of another type stand in the message") {
  CheckFixture data({{"k", Type::text()}, {"n", Type::money(2)}}, "values ('a', 1)");
  data.add_reference("copy", {{"k", Type::text()}, {"n", Type::decimal(10, 3)}},
                     "values ('a', 1.000), ('b', 2.345)");
  data.add_reference("file", {{"k", Type::text()}, {"n", Type::text()}},
                     "values ('a', '1.00'), ('c', 'x')", true);
  const SuiteOutcome outcome = data.run("- equals_dataset: copy\n- equals_dataset: file\n");
  CHECK(data.findings(outcome, "k, n, _message") ==
        std::vector<std::string>{"b | null | missing here, only in copy: k is 'b', n is 2.345",
                                 "c | null | missing here, only in file: k is 'c', n is x"});
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
