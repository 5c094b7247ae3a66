#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kReach{{"phone", Type::text()}, {"mail", Type::text()}};

}  // namespace

TEST_CASE("any_not_null: a row without any of the values fails") {
  CheckFixture data(kReach, "values ('1', null), (null, 'm'), (null, null), ('1', 'm')");
  const CheckResult result = data.run_one("- any_not_null: [phone, mail]");
  CHECK(result.message ==
        "any_not_null(phone, mail): 1 of 4 rows failed; expected a value in one of them");
}

TEST_CASE("any_not_null: a dataset without rows is not applicable") {
  CheckFixture data(kReach, "select 'x', 'y' where false");
  CHECK(data.run_one("- any_not_null: [phone, mail]").verdict == CheckVerdict::not_applicable);
}

TEST_CASE("any_not_null: an unknown column is reported") {
  CheckFixture data(kReach, "values ('1', null)");
  CHECK(data.problems_of("- any_not_null: [phone, male]") ==
        "t.yaml:1:17: error: the dataset has no column 'male'; its columns are phone, mail\n");
}
