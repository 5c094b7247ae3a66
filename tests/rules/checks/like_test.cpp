#include "../check_fixture.h"

using namespace tallymill;

namespace {

const std::vector<Column> kItems{{"code", Type::text()}, {"n", Type::integer()}};
const char* const kRows = "values ('AB-1', 1), ('ab-2', 1), ('AB_3', 1), ('100%', 1), (null, 1)";

std::vector<std::string> failing(const std::string& options) {
  CheckFixture data(kItems, kRows);
  return data.findings(data.run("- like: { column: code, " + options + " }"), "code");
}

}  // namespace

TEST_CASE("like: the pattern describes the whole text, one of a list is enough") {
  CHECK(failing("pattern: 'AB%'") == std::vector<std::string>{"100%", "ab-2"});
  CHECK(failing("pattern: ['AB-_', '1%']") == std::vector<std::string>{"AB_3", "ab-2"});
  CHECK(failing("pattern: B") == std::vector<std::string>{"100%", "AB-1", "AB_3", "ab-2"});
}

TEST_CASE("like: a backslash takes a wildcard for itself") {
  CHECK(failing("pattern: ['%\\_%', '%\\%']") == std::vector<std::string>{"AB-1", "ab-2"});
}

TEST_CASE("like: letters of either case may be alike, and patterns forbidden") {
  CHECK(failing("pattern: 'ab%', ignore_case: true") == std::vector<std::string>{"100%"});
  CHECK(failing("pattern: 'AB%', forbidden: true") == std::vector<std::string>{"AB-1", "AB_3"});
}

TEST_CASE("like: a null is not applicable, and the sentence says the pattern") {
  CheckFixture data(kItems, kRows);
  CHECK(data.run_one("- like: { column: code, pattern: 'A%' }").message ==
        "like(code): 2 of 4 rows failed; expected text like A%");
}

TEST_CASE("like: numbers and half an escape are refused") {
  CheckFixture data(kItems, kRows);
  CHECK(data.problems_of("- like: { column: n, pattern: '1%' }\n"
                         "- like: { column: code, pattern: 'a\\' }\n") ==
        "t.yaml:1:19: error: column 'n' is integer; like takes text; use in_range for numbers and "
        "dates\n"
        "t.yaml:2:34: error: 'a\\' ends with a backslash that escapes nothing; write two for a "
        "backslash itself\n");
}
