#include "core/options.h"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace tallymill;
using namespace std::chrono_literals;

namespace {

const std::vector<OptionSpec> kSpecs{
    {"column", OptionKind::column, "Column to look at.", true},
    {"max_ratio", OptionKind::ratio, "Share of null cells to tolerate.", false, "0"},
    {"rows", OptionKind::integer, "Rows to read."},
    {"limit", OptionKind::decimal, "Largest amount."},
    {"strict", OptionKind::boolean, "Refuse more."},
    {"timeout", OptionKind::duration, "Time to wait."},
    {"by", OptionKind::columns, "Columns to group by."},
    {"where", OptionKind::expression, "Rows to keep."},
    {"dataset", OptionKind::name, "Dataset to read."},
    {"on_fail", OptionKind::choice, "What happens.", false, "warn", {"block", "fail", "warn"}},
    {"values", OptionKind::list, "Values.", false, "", {}, {{"", OptionKind::text, ""}}},
    {"columns",
     OptionKind::map,
     "Columns.",
     false,
     "",
     {},
     {{"", OptionKind::object, "", false, "", {}, {{"type", OptionKind::name, "Type.", true}}}}},
    {"from",
     OptionKind::either,
     "Source.",
     false,
     "",
     {},
     {{"", OptionKind::name, ""},
      {"",
       OptionKind::object,
       "",
       false,
       "",
       {},
       {{"connector", OptionKind::name, "Connector.", true}, {"table", OptionKind::text, "T."}}},
      {"",
       OptionKind::object,
       "",
       false,
       "",
       {},
       {{"dataset", OptionKind::name, "Dataset.", true},
        {"period", OptionKind::text, "Another period."}}}}},
    {"checks",
     OptionKind::list,
     "Checks.",
     false,
     "",
     {},
     {{"", OptionKind::unit, "", false, "", {}, {}, "check"}}},
    {"free", OptionKind::any, "Anything."},
};

std::shared_ptr<const YamlDocument> load(std::string text) {
  Diagnostics diagnostics;
  auto document = YamlDocument::parse("t.yaml", std::move(text), diagnostics);
  REQUIRE(diagnostics.empty());
  return document;
}

/// The headlines of what validation reports, one per line.
std::string problems_of(const std::string& text, const std::vector<OptionSpec>& specs = kSpecs) {
  const auto document = load(text);
  Diagnostics diagnostics;  // has no source text, so renders headlines only
  validate_options(document->root(), specs, "check 'not_null'", diagnostics, {"needs"});
  return diagnostics.render();
}

std::string problem_with(const std::string& line) { return problems_of("column: c\n" + line); }

}  // namespace

TEST_CASE("options: what the specs allow passes") {
  CHECK(problems_of("column: c\n"
                    "max_ratio: 0.05\n"
                    "rows: 12\n"
                    "limit: -12345678901234567890.123\n"
                    "strict: true\n"
                    "timeout: 10m\n"
                    "by: [a, b]\n"
                    "where: amount > 0\n"
                    "dataset: user_cost.parked\n"
                    "on_fail: block\n"
                    "values: [1, two, '3']\n"
                    "columns: {a: {type: money}}\n"
                    "from: {dataset: d, period: last}\n"
                    "checks: [not_null: {column: a}, unique: b]\n"
                    "free: [{a: 1}]\n"
                    "needs: x\n") == "");
}

TEST_CASE("options: a misspelt option is reported where it was written, with the nearest name") {
  CHECK(problems_of("column: c\nmax-ratio: 0\n") ==
        "t.yaml:2:1: error: unknown option 'max-ratio' for check 'not_null'; did you mean "
        "'max_ratio'?\n");
  CHECK(problems_of("colum: c\n") ==
        "t.yaml:1:1: error: check 'not_null' lacks the option 'column'; 'column' is: Column to "
        "look at\n"
        "t.yaml:1:1: error: unknown option 'colum' for check 'not_null'; did you mean 'column'?\n");
  CHECK(problem_with("need: x\n").find("did you mean 'needs'?") != std::string::npos);
}

TEST_CASE("options: an option nothing resembles is answered with the list of options") {
  CHECK(problems_of("zzzzzzzz: 1\n", {{"column", OptionKind::column, ""}}) ==
        "t.yaml:1:1: error: unknown option 'zzzzzzzz' for check 'not_null'; its options are "
        "column, needs\n");
}

TEST_CASE("options: a wrong value names what was expected and what was found") {
  CHECK(problem_with("max_ratio: 5%\n") ==
        "t.yaml:2:12: error: option 'max_ratio' must be a number from 0 to 1, got '5%'; write 5% "
        "as 0.05\n");
  CHECK(problem_with("max_ratio: 1.01\n") ==
        "t.yaml:2:12: error: option 'max_ratio' must be a number from 0 to 1, got '1.01'\n");
  CHECK(problem_with("rows: '5'\n") ==
        "t.yaml:2:7: error: option 'rows' must be a whole number, got the quoted text '5'; remove "
        "the quotes\n");
  CHECK(problem_with("rows: [5]\n") ==
        "t.yaml:2:7: error: option 'rows' must be a whole number, got a list\n");
  CHECK(problem_with("limit: 1e3\n") ==
        "t.yaml:2:8: error: option 'limit' must be a plain decimal number, got '1e3'\n");
  CHECK(problem_with("strict: yes\n") ==
        "t.yaml:2:9: error: option 'strict' must be true or false, got 'yes'\n");
  CHECK(problem_with("timeout: 5 minutes\n") ==
        "t.yaml:2:10: error: option 'timeout' must be a duration such as 30s, 10m or 2h, got '5 "
        "minutes'\n");
  CHECK(problem_with("dataset: user-cost\n") ==
        "t.yaml:2:10: error: option 'dataset' must be a name of letters, digits and '_', got "
        "'user-cost'; write '_' for '-'\n");
  CHECK(problem_with("on_fail: blok\n") ==
        "t.yaml:2:10: error: option 'on_fail' must be one of block, fail, warn, got 'blok'; did "
        "you mean 'block'?\n");
  CHECK(problem_with("where:\n") ==
        "t.yaml:2:1: error: option 'where' must be an SQL expression, got nothing\n");
  CHECK(problem_with("where: ''\n") ==
        "t.yaml:2:8: error: option 'where' must be an SQL expression, got the quoted text ''\n");
}

TEST_CASE("options: '${' inside SQL is refused") {
  CHECK(problem_with("where: period = '${period}'\n") ==
        "t.yaml:2:8: error: option 'where' is SQL, where '${' is not replaced; use a bound "
        "parameter such as :period or :param_x\n");
}

TEST_CASE("options: column lists hold different names") {
  CHECK(problem_with("by: []\n") ==
        "t.yaml:2:5: error: option 'by' must name at least one column\n");
  CHECK(problem_with("by: [a, [b], a]\n") ==
        "t.yaml:2:9: error: element 2 of option 'by' must be a column name, got a list\n"
        "t.yaml:2:14: error: column 'a' stands twice in option 'by'\n");
}

TEST_CASE("options: lists, maps and objects are looked into") {
  CHECK(problem_with("values: [a, {b: 1}]\n") ==
        "t.yaml:2:13: error: element 2 of option 'values' must be text, got a mapping\n");
  CHECK(problem_with("columns: {amount: {tpe: money}}\n") ==
        "t.yaml:2:19: error: 'amount' of 'columns' of check 'not_null' lacks the option 'type'; "
        "'type' is: Type\n"
        "t.yaml:2:20: error: unknown option 'tpe' for 'amount' of 'columns' of check 'not_null'; "
        "did you mean 'type'?\n");
  CHECK(problem_with("columns: {amount: money}\n") ==
        "t.yaml:2:19: error: 'amount' of option 'columns' must be a mapping, got 'money'\n");
}

TEST_CASE("options: of alternatives the one that was meant is judged") {
  CHECK(problem_with("from: [a]\n") ==
        "t.yaml:2:7: error: option 'from' must be a name of letters, digits and '_' or a mapping "
        "or a mapping, got a list\n");
  CHECK(problem_with("from: {dataset: d, perod: x}\n") ==
        "t.yaml:2:20: error: unknown option 'perod' for 'from' of check 'not_null'; did you mean "
        "'period'?\n");
  CHECK(problem_with("from: {table: t}\n").find("lacks the option 'connector'") !=
        std::string::npos);
  CHECK(problem_with("from: two words\n") ==
        "t.yaml:2:7: error: option 'from' must be a name of letters, digits and '_', got 'two "
        "words'\n");
}

TEST_CASE("options: a unit is a mapping with one key") {
  CHECK(problem_with("checks:\n  - not_null: a\n    unique: b\n") ==
        "t.yaml:3:5: error: element 1 of option 'checks' must be a mapping with one key, the name "
        "of a check, got 2 keys; start each check with '- ' and indent its options below it\n");
  CHECK(problem_with("checks: [not_null]\n") ==
        "t.yaml:2:10: error: element 1 of option 'checks' must be a mapping with one key, the "
        "name of a check, got 'not_null'\n");
}

TEST_CASE("options: nothing stands for a mapping without options, a list does not") {
  CHECK(problems_of("", {{"rows", OptionKind::integer, ""}}) == "");
  CHECK(problems_of("[a]") ==
        "t.yaml:1:1: error: check 'not_null' must be a mapping of options, got a list\n");
}

TEST_CASE("options: typed reading with fallbacks") {
  const auto document = load(
      "column: c\nrows: 12\nstrict: true\ntimeout: 90s\nby: [a, b]\nfrom: {table: t}\n"
      "values: [1, 2]\n");
  const Options options(document->root());
  CHECK(options.has("column"));
  CHECK_FALSE(options.has("where"));
  CHECK(options.text("column") == "c");
  CHECK(options.text("where", "true") == "true");
  CHECK(options.integer("rows") == 12);
  CHECK(options.integer("absent", 7) == 7);
  CHECK(options.boolean("strict"));
  CHECK(options.boolean("absent", true));
  CHECK(options.duration("timeout") == 90s);
  CHECK(options.duration("absent", 5s) == 5s);
  CHECK(options.columns("by") == std::vector<std::string>{"a", "b"});
  CHECK(options.columns("column") == std::vector<std::string>{"c"});
  CHECK(options.columns("absent").empty());
  CHECK(options.object("from").text("table") == "t");
  CHECK_FALSE(options.object("absent").has("table"));
  CHECK(options.list("values").size() == 2);
  CHECK(options.position("rows").text() == "t.yaml:2:7");
  CHECK(options.position("absent").text() == "t.yaml:1:1");
}

TEST_CASE("options: reading a value as the wrong kind is a bug of ours") {
  const auto document = load("column: [c]\nrows: many\n");
  const Options options(document->root());
  CHECK_THROWS_AS(options.text("column"), std::logic_error);
  CHECK_THROWS_AS(options.integer("rows"), std::logic_error);
  CHECK_THROWS_AS(options.boolean("rows"), std::logic_error);
  CHECK_THROWS_AS(options.duration("rows"), std::logic_error);
  CHECK_THROWS_AS(options.object("rows"), std::logic_error);
  CHECK_THROWS_AS(options.list("rows"), std::logic_error);
}

TEST_CASE("options: the JSON Schema says what validation enforces") {
  const std::vector<OptionSpec> specs{
      {"column", OptionKind::column, "Column to look at.", true},
      {"max_ratio", OptionKind::ratio, "Share to tolerate.", false, "0"},
      {"on_fail", OptionKind::choice, "", false, "", {"block", "fail"}},
      {"checks",
       OptionKind::list,
       "",
       false,
       "",
       {},
       {{"", OptionKind::unit, "", false, "", {}, {}, "check"}}},
  };
  CHECK(pretty_json(options_schema(specs, {"needs"})) == R"({
  "type": "object",
  "properties": {
    "column": {
      "type": "string",
      "minLength": 1,
      "description": "Column to look at."
    },
    "max_ratio": {
      "type": [
        "number",
        "string"
      ],
      "pattern": "^\\+?[01](\\.[0-9]{1,9})?$",
      "minimum": 0,
      "maximum": 1,
      "description": "Share to tolerate. Default: 0."
    },
    "on_fail": {
      "enum": [
        "block",
        "fail"
      ]
    },
    "checks": {
      "type": "array",
      "items": {
        "$ref": "#/$defs/check"
      }
    },
    "needs": true
  },
  "required": [
    "column"
  ],
  "additionalProperties": false
}
)");
}
