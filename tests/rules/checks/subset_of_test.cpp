#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kPair{{"k", Type::text()}, {"n", Type::integer()}};

}  // namespace

TEST_CASE("subset_of: a row the other has not fails; null equals null, repetition does not count") {
  CheckFixture data(kPair, "values ('a', 1), ('a', 1), ('b', null), ('b', 2), ('c', 3)");
  data.add_reference("all", {{"n", Type::integer()}, {"k", Type::text()}},
                     "values (1, 'a'), (null, 'b'), (9, 'z')");
  const SuiteOutcome outcome = data.run("- subset_of: all");
  CHECK(outcome.checks[0].message == "subset_of: 2 of 5 rows failed; expected a row that all has");
  CHECK(data.findings(outcome, "k, n") == std::vector<std::string>{"b | 2", "c | 3"});
}

TEST_CASE("subset_of: numbers of different scales meet; columns may be chosen") {
  CheckFixture data({{"k", Type::text()}, {"n", Type::money(2)}}, "values ('a', 1.50), ('b', 2)");
  data.add_reference("other", {{"n", Type::decimal(18, 4)}}, "values (1.5000), (2.0001)");
  CHECK(data.run_one("- subset_of: { dataset: other, columns: n }").rows_failed == 1);
}

TEST_CASE("subset_of: a table's text meets the canonical text of a column") {
  CheckFixture data(kPair, "values ('a', 1), ('b', 2)");
  data.add_reference("t", {{"n", Type::text()}}, "values ('1'), ('02')", true);
  CHECK(data.run_one("- subset_of: { dataset: t, ignore: k }").rows_failed == 1);
}

TEST_CASE("subset_of: a dataset without rows is not applicable") {
  CheckFixture data(kPair, "select 'x', 1 where false");
  data.add_reference("all", kPair, "values ('a', 1)");
  CHECK(data.run_one("- subset_of: all").verdict == CheckVerdict::not_applicable);
}

TEST_CASE("subset_of: columns that the other lacks, or has as another type, are reported") {
  CheckFixture data(kPair, "values ('a', 1)");
  data.add_reference("all", {{"n", Type::text()}}, "values ('a')");
  CHECK(data.problems_of("- subset_of: all") ==
        "t.yaml:1:14: error: column 'n' is integer but 'all.n' is text; they cannot be compared; "
        "cast one of them where it is cleansed, or leave it out\n"
        "t.yaml:1:14: error: dataset 'all' has no column 'k'; its columns are n\n");
}
