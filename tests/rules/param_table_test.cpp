#include "rules/param_table.h"

#include "tests/rules/rule_harness.h"

using namespace tallymill;

namespace {

const std::string kOrgs =
    "org_code,parent\n"
    "G,\n"
    "B01,G\n"
    "B02,G\n"
    "K0101,B01\n";

const std::string kHead =
    "# values: { threshold: money }\n"
    "# orgs: { table: org, key: org_code, parent: parent }\n"
    "org,from,to,threshold\n";

const FileTexts kFiles{{"tables/org.csv", kOrgs}};

std::shared_ptr<const ParamTable> read(const std::string& rows, Diagnostics& diagnostics,
                                       const std::string& head = kHead) {
  return ParamTable::read("params/high_value.csv", head + rows, kFiles, 2, diagnostics);
}

/// Everything reported about a table, with the lines quoted.
std::string problems(const std::string& rows, const std::string& head = kHead) {
  Diagnostics diagnostics;
  const bool is_sound = read(rows, diagnostics, head) != nullptr;
  CHECK(is_sound == diagnostics.empty());
  return diagnostics.render();
}

std::string value(const ParamTable& table, const std::string& org, const std::string& period) {
  const ParamRow* row = table.find(org, Period::parse(period).value());
  return row == nullptr ? "none" : typed_text(table.columns()[0].type, row->values[0]);
}

}  // namespace

TEST_CASE("parameter table: an org has its own value, else its parent's, else that of any org") {
  Diagnostics diagnostics;
  const auto table = read(
      "*,2025-01,,3000.00\n"
      "B01,2025-07,2025-12,2500.00\n"
      "B01,2026-01,,2800.00\n",
      diagnostics);
  REQUIRE_MESSAGE(table, diagnostics.render());
  CHECK(value(*table, "B01", "2025-06") == "3000.00");
  CHECK(value(*table, "B01", "2025-07") == "2500.00");
  CHECK(value(*table, "B01", "2025-12-31") == "2500.00");
  CHECK(value(*table, "B01", "2026-01") == "2800.00");
  CHECK(value(*table, "K0101", "2026-01") == "2800.00");
  CHECK(value(*table, "B02", "2026-01") == "3000.00");
  CHECK(value(*table, "Z99", "2026-01") == "3000.00");
}

TEST_CASE("parameter table: no value holds for a period it changes within, or before it begins") {
  Diagnostics diagnostics;
  const auto table = read("*,2025-01-01,2025-01-15,1.00\n*,2025-01-16,,2.00\n", diagnostics);
  REQUIRE_MESSAGE(table, diagnostics.render());
  CHECK(value(*table, "B01", "2025-01") == "none");
  CHECK(value(*table, "B01", "2025-02") == "2.00");
  CHECK(table->missing("B01", Period::parse("2025-01").value()) ==
        "no one value for org 'B01' in 2025-01: that of line 4 holds 2025-01-01 to 2025-01-15");
  table->check_period(Period::parse("2024-12").value(), diagnostics);
  CHECK(diagnostics.render() ==
        "params/high_value.csv:1:1: error: it has no one value for org 'B01' in 2024-12; give that "
        "org, a parent or org \"*\" a value that holds through all of 2024-12\n"
        "    1 | # values: { threshold: money }\n"
        "      | ^\n");
}

TEST_CASE("parameter table: two values for one org and time are reported with both lines") {
  CHECK(problems("*,2025-01,,3000.00\n"
                 "B01,2025-01,2025-12,2500.00\n"
                 "B01,2025-06,,2800.00\n") ==
        "params/high_value.csv:6:1: error: org 'B01' has two values from 2025-06-01 to 2025-12-31: "
        "line 5 holds 2025-01 to 2025-12, this one from 2025-06; end the one before the other "
        "begins\n"
        "    6 | B01,2025-06,,2800.00\n"
        "      | ^~~\n");
  CHECK(problems("*,,,1.00\n*,,,1.00\n") ==
        "params/high_value.csv:5:1: error: org '*' has two values ever: line 4 holds always, this "
        "one always; end the one before the other begins\n"
        "    5 | *,,,1.00\n"
        "      | ^\n");
}

TEST_CASE("parameter table: an org left without a value for some time is reported") {
  CHECK(problems("B01,2025-01,2025-03,1.00\n"
                 "B01,2025-05,,2.00\n"
                 "G,2025-01,2025-03,3.00\n"
                 "B02,2025-04,,4.00\n") ==
        "params/high_value.csv:2:9: error: org 'K0101' has no value from 2025-04-01 to 2025-04-30;"
        " give them, a parent or org \"*\" one\n"
        "    2 | # orgs: { table: org, key: org_code, parent: parent }\n"
        "      |         ^\n"
        "params/high_value.csv:4:1: error: org 'B01' has no value from 2025-04-01 to 2025-04-30; "
        "close the gap, or give a parent or org \"*\" a value\n"
        "    4 | B01,2025-01,2025-03,1.00\n"
        "      | ^~~\n"
        "params/high_value.csv:6:1: error: org 'G' has no value from 2025-04-01; close the gap, or "
        "give a parent or org \"*\" a value\n"
        "    6 | G,2025-01,2025-03,3.00\n"
        "      | ^\n");
}

TEST_CASE("parameter table: without a table of orgs only a hole between an org's rows is one") {
  const std::string head = "# values: { threshold: money }\norg,from,to,threshold\n";
  CHECK(problems("B01,2025-01,2025-03,1.00\nB02,2025-06,,2.00\n", head).empty());
  CHECK(problems("B01,2025-01,2025-03,1.00\nB01,2025-06,,2.00\n", head) ==
        "params/high_value.csv:3:1: error: org 'B01' has no value from 2025-04-01 to 2025-05-31; "
        "close the gap, or give a parent or org \"*\" a value\n"
        "    3 | B01,2025-01,2025-03,1.00\n"
        "      | ^~~\n");
}

TEST_CASE("parameter table: values, orgs and times are read strictly, all problems at once") {
  CHECK(problems("*,2025-13,,3000.00\n"
                 "B1,2025-01,,3000.001\n"
                 "B02,2025-05,2025-01,\n") ==
        "params/high_value.csv:4:3: error: '2025-13' is no period; write 2026, 2026-Q1, 2026-01, "
        "2026-W05 or 2026-01-31\n"
        "    4 | *,2025-13,,3000.00\n"
        "      |   ^~~~~~~\n"
        "params/high_value.csv:5:1: error: there is no org 'B1'; did you mean 'B01'?\n"
        "    5 | B1,2025-01,,3000.001\n"
        "      | ^~\n"
        "params/high_value.csv:5:13: error: threshold is money, got '3000.001' "
        "(surplus_fraction_digits); write a number with at most 2 fraction digits, such as 1.23\n"
        "    5 | B1,2025-01,,3000.001\n"
        "      |             ^~~~~~~~\n"
        "params/high_value.csv:6:1: error: org 'B02' has no threshold\n"
        "    6 | B02,2025-05,2025-01,\n"
        "      | ^~~\n"
        "params/high_value.csv:6:13: error: the value ends with 2025-01, before it begins with "
        "2025-05\n"
        "    6 | B02,2025-05,2025-01,\n"
        "      |             ^~~~~~~\n");
}

TEST_CASE("parameter table: the head and the header are checked") {
  CHECK(problems("*,,,1\n", "# value: { threshold: money }\norg,from,to,threshold\n") ==
        "params/high_value.csv:1:3: error: parameter table 'high_value' lacks the option 'values'; "
        "'values' is: The columns that hold values, with their types\n"
        "    1 | # value: { threshold: money }\n"
        "      |   ^\n"
        "params/high_value.csv:1:3: error: unknown option 'value' for parameter table "
        "'high_value'; did you mean 'values'?\n"
        "    1 | # value: { threshold: money }\n"
        "      |   ^~~~~\n");
  CHECK(problems("*,,,1\n", "# values: { threshold: mony }\norg,from,to,treshold\n") ==
        "params/high_value.csv:1:24: error: 'mony' is no type of a value; text, integer, money, "
        "decimal(p,s) of up to 18 digits, ratio, date, timestamp and boolean are\n"
        "    1 | # values: { threshold: mony }\n"
        "      |                        ^~~~\n"
        "params/high_value.csv:2:13: error: unknown column 'treshold'; its columns are org, from, "
        "to\n"
        "    2 | org,from,to,treshold\n"
        "      |             ^~~~~~~~\n");
}

TEST_CASE("parameter table: YAML says the same as CSV") {
  const std::string yaml =
      "values: { threshold: money, label: text }\n"
      "rows:\n"
      "  - { org: \"*\", threshold: 3000.00, label: usual }\n"
      "  - { org: B01, from: 2026-01, threshold: 2800.00, label: low }\n";
  Diagnostics diagnostics;
  const auto table = ParamTable::read("params/high_value.yaml", yaml, {}, 2, diagnostics);
  REQUIRE_MESSAGE(table, diagnostics.render());
  CHECK(value(*table, "B01", "2025-12") == "3000.00");
  CHECK(value(*table, "B01", "2026-01") == "2800.00");
  CHECK(table->find("B01", Period::parse("2026-01").value())->values[1].text == "low");
}
