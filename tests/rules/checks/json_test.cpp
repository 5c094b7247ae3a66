#include "../check_fixture.h"
#include "rules/json_text.h"

using namespace tallymill;

namespace {

const std::vector<Column> kOffers{{"terms", Type::text()}, {"n", Type::integer()}};

}  // namespace

TEST_CASE("json: only what the standard allows is JSON") {
  for (const char* text : {"{}", "[1, 2.5e3, null]", "\"x\"", " true ", "{\"a\":{\"b\":[]}}"}) {
    CAPTURE(text);
    CHECK(json_fault(text, {}) == "");
  }
  for (const char* text : {"", "{", "{\"a\":1,}", "[1,]", "NaN", "{'a':1}", "{\"a\":1} x", "01",
                           "// no\n1", "\"\xff\""}) {
    CAPTURE(text);
    CHECK(json_fault(text, {}).starts_with("no JSON: "));
  }
  CHECK(json_fault(std::string(300, '[') + std::string(300, ']'), {}) != "");
}

TEST_CASE("json: a shape asks for a kind and for keys, inner ones behind points") {
  CHECK(json_fault("[]", {"object", {}}) == "array, not object");
  CHECK(json_fault("{}", {"array", {}}) == "object, not array");
  CHECK(json_fault("{\"a\": {\"b\": null}}", {"object", {"a.b"}}) == "");
  CHECK(json_fault("{\"a.b\": 1}", {"object", {"a.b"}}) == "");
  CHECK(json_fault("{\"a\": [1]}", {"", {"a.b"}}) == "without key 'a.b'");
  CHECK(json_fault("3", {"", {"a"}}) == "without key 'a'");
}

TEST_CASE("json: rows that are none fail, nulls are not applicable") {
  CheckFixture data(kOffers,
                    "values ('{\"days\": 30}', 1), ('{\"day\": 30}', 1), ('[]', 1), ('{', 1), "
                    "(null, 1)");
  const SuiteOutcome outcome = data.run(
      "- json: terms\n"
      "- json: { column: terms, kind: object, name: objects }\n"
      "- json: { column: terms, required: days, name: with days }\n");
  CHECK(outcome.checks[0].message == "json(terms): 1 of 4 rows failed; expected JSON");
  CHECK(outcome.checks[1].message == "objects: 2 of 4 rows failed; expected a JSON object");
  CHECK(outcome.checks[2].message ==
        "with days: 3 of 4 rows failed; expected a JSON object with days");
}

TEST_CASE("json: numbers, and keys of arrays, are refused") {
  CheckFixture data(kOffers, "values ('{}', 1)");
  CHECK(data.problems_of("- json: n\n"
                         "- json: { column: terms, kind: array, required: a }\n") ==
        "t.yaml:1:9: error: column 'n' is integer; json takes text\n"
        "t.yaml:2:49: error: an array has no keys; leave out 'kind', or write kind: object\n");
}
