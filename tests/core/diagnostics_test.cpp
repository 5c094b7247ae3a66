#include "core/diagnostics.h"

#include <doctest/doctest.h>

#include "core/error.h"

using namespace tallymill;

namespace {

Diagnostics with_source(std::string text) {
  Diagnostics diagnostics;
  diagnostics.add_source("g.yaml", std::make_shared<const std::string>(std::move(text)));
  return diagnostics;
}

}  // namespace

TEST_CASE("diagnostics: message, hint, source line and caret") {
  Diagnostics diagnostics = with_source(std::string(13, '\n') + "      colum: customer_id\n");
  diagnostics.error({"g.yaml", 14, 7, 5}, "unknown option 'colum' for check 'not_null'",
                    "did you mean 'column'?");
  CHECK(diagnostics.render() ==
        "g.yaml:14:7: error: unknown option 'colum' for check 'not_null'; did you mean "
        "'column'?\n"
        "   14 |       colum: customer_id\n"
        "      |       ^~~~~\n");
}

TEST_CASE("diagnostics: where only the line is known it is quoted without a caret") {
  Diagnostics diagnostics = with_source("a: 1\nb: 2\n");
  diagnostics.error({"g.yaml", 2, 0}, "wrong");
  CHECK(diagnostics.render() ==
        "g.yaml:2: error: wrong\n"
        "    2 | b: 2\n");
}

TEST_CASE("diagnostics: carets line up below wide characters and tabs") {
  Diagnostics diagnostics = with_source("客户: 名称\r\n\tx: y\n");
  diagnostics.error({"g.yaml", 1, 5, 2}, "a");
  diagnostics.error({"g.yaml", 2, 5, 1}, "b");
  CHECK(diagnostics.render() ==
        "g.yaml:1:5: error: a\n"
        "    1 | 客户: 名称\n"
        "      |       ^~~~\n"
        "g.yaml:2:5: error: b\n"
        "    2 | \tx: y\n"
        "      | \t   ^\n");
}

TEST_CASE("diagnostics: a caret may stand behind the line, and a length is cut at its end") {
  Diagnostics diagnostics = with_source("ab");
  diagnostics.error({"g.yaml", 1, 3, 1}, "a");
  diagnostics.error({"g.yaml", 1, 2, 50}, "b");
  CHECK(diagnostics.render() ==
        "g.yaml:1:2: error: b\n    1 | ab\n      |  ^\n"
        "g.yaml:1:3: error: a\n    1 | ab\n      |   ^\n");
}

TEST_CASE("diagnostics: control characters of a file never reach the terminal") {
  Diagnostics diagnostics = with_source("a\x1B[31m: \xFF b");
  diagnostics.error({"g.yaml", 1, 10, 1}, "x");
  CHECK(diagnostics.render() ==
        "g.yaml:1:10: error: x\n    1 | a\uFFFD[31m: \uFFFD b\n      |          ^\n");
}

TEST_CASE("diagnostics: of a very long line the part around the caret is shown") {
  Diagnostics diagnostics =
      with_source("a: " + std::string(1000, 'x') + "Y" + std::string(1000, 'z'));
  diagnostics.error({"g.yaml", 1, 1004, 1}, "x");
  const std::string rendered = diagnostics.render();
  CHECK(rendered.size() < 500);
  const std::size_t quoted = rendered.find('\n') + 1;
  const std::size_t carets = rendered.find('\n', quoted) + 1;
  CHECK(rendered[quoted + rendered.substr(carets).find('^')] == 'Y');
}

TEST_CASE("diagnostics: sorted by file, line and column, equal entries once") {
  Diagnostics diagnostics;
  diagnostics.error({"b.yaml", 1, 1}, "one");
  diagnostics.warning({"a.yaml", 2, 1}, "two");
  diagnostics.error({"a.yaml", 1, 9}, "three");
  diagnostics.error({"a.yaml", 1, 2}, "four");
  diagnostics.error({"a.yaml", 1, 2}, "five");
  diagnostics.error({"a.yaml", 1, 2}, "four");
  CHECK(diagnostics.render() ==
        "a.yaml:1:2: error: five\n"
        "a.yaml:1:2: error: four\n"
        "a.yaml:1:9: error: three\n"
        "a.yaml:2:1: warning: two\n"
        "b.yaml:1:1: error: one\n");
  CHECK(diagnostics.has_errors());
}

TEST_CASE("diagnostics: warnings alone are no errors") {
  Diagnostics diagnostics;
  CHECK(diagnostics.empty());
  CHECK(diagnostics.render() == "");
  diagnostics.warning({}, "something", "look");
  CHECK_FALSE(diagnostics.has_errors());
  CHECK(diagnostics.render() == "warning: something; look\n");
}

TEST_CASE("diagnostics: adding others takes their sources along, adding itself changes nothing") {
  Diagnostics all;
  {
    Diagnostics part = with_source("a: b\n");
    part.error({"g.yaml", 1, 4, 1}, "wrong");
    all.add_all(part);
  }
  all.add_all(all);
  CHECK(all.render() == "g.yaml:1:4: error: wrong\n    1 | a: b\n      |    ^\n");
}

TEST_CASE("diagnostics: JSON and back") {
  Diagnostics diagnostics;
  diagnostics.error({"g.yaml", 14, 7, 5}, "unknown", "hint");
  diagnostics.warning({"h.yaml"}, "odd");
  const json::array items = diagnostics.to_json();
  CHECK(json::serialize(items[0]) ==
        R"({"severity":"error","file":"g.yaml","line":14,"column":7,"length":5,)"
        R"("message":"unknown","hint":"hint"})");
  const Diagnostics back = Diagnostics::from_json(items);
  CHECK(back.to_json() == items);
  CHECK(back.render() == diagnostics.render());
  CHECK(back.has_errors());
}

TEST_CASE("diagnostics: malformed JSON is refused") {
  CHECK_THROWS_WITH_AS(Diagnostics::from_json({1}), "error: a diagnostic must be an object", Error);
  CHECK_THROWS_WITH_AS(Diagnostics::from_json({json::object{{"severity", "fatal"}}}),
                       "error: key 'severity' must be error or warning, got 'fatal'", Error);
  CHECK_THROWS_WITH_AS(Diagnostics::from_json({json::object{{"severity", "error"}}}),
                       "error: key 'file' is missing", Error);
}
