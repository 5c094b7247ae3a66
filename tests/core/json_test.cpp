#include "core/json.h"

#include <doctest/doctest.h>

#include "core/error.h"

using namespace tallymill;

TEST_CASE("json: a malformed text is refused with its name and the byte") {
  CHECK_THROWS_AS(parse_json("", "task.json"), Error);
  try {
    parse_json(R"({"a": 1, b})", "task.json");
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.error_class() == ErrorClass::data);
    CHECK(error.message().starts_with("task.json is not JSON: "));
    CHECK(error.message().ends_with(" at byte 9"));
  }
  CHECK_THROWS_WITH_AS(parse_json("{} x", "t"), "error: t is not JSON: extra data at byte 3",
                       Error);
  CHECK_THROWS_AS(parse_json(std::string(100'000, '['), "deep"), Error);
}

TEST_CASE("json: numbers keep all 64 bits") {
  const json::value value = parse_json("[9223372036854775807, -9223372036854775808]", "t");
  CHECK(value.at(0).as_int64() == INT64_MAX);
  CHECK(value.at(1).as_int64() == INT64_MIN);
}

TEST_CASE("json: pretty text keeps the order of keys and ends with a newline") {
  const json::value value = parse_json(
      R"({"b": [1, {"x": null}], "a": {}, "e": [], "t": "a\"b\n名", "f": true, "d": 1.5, "w": 2.0})",
      "t");
  CHECK(pretty_json(value) == R"({
  "b": [
    1,
    {
      "x": null
    }
  ],
  "a": {},
  "e": [],
  "t": "a\"b\n名",
  "f": true,
  "d": 1.5,
  "w": 2.0
}
)");
  CHECK(parse_json(pretty_json(value), "t") == value);
  CHECK(pretty_json(1e300) == "1e+300\n");
}

TEST_CASE("json: typed look-ups name the key that is missing or of the wrong kind") {
  const json::object object{{"t", "x"}, {"i", 5}, {"b", true}, {"n", nullptr}, {"d", 1.0}};
  CHECK(json_text(object, "t") == "x");
  CHECK(json_integer(object, "i") == 5);
  CHECK(json_boolean(object, "b"));
  CHECK(json_text_or(object, "n", "none") == "none");
  CHECK(json_text_or(object, "absent", "none") == "none");
  CHECK_THROWS_WITH_AS(json_at(object, "absent"), "error: key 'absent' is missing", Error);
  CHECK_THROWS_WITH_AS(json_text(object, "i"), "error: key 'i' must be text, got a number", Error);
  CHECK_THROWS_WITH_AS(json_text_or(object, "b", ""), "error: key 'b' must be text, got a boolean",
                       Error);
  CHECK_THROWS_WITH_AS(json_integer(object, "t"),
                       "error: key 't' must be a whole number of 64 bits, got text", Error);
  CHECK_THROWS_AS(json_integer(object, "d"), Error);
  CHECK_THROWS_WITH_AS(json_boolean(object, "n"),
                       "error: key 'n' must be true or false, got nothing", Error);
}
