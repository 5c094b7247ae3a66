#include "core/text_problem.h"

#include <doctest/doctest.h>

using namespace tallymill;

namespace {

/// Where 2 bytes at `offset` of the value under `key` stand, as column+length.
std::string place(const std::string& yaml, std::size_t offset) {
  Diagnostics diagnostics;
  const auto document = YamlDocument::parse("f.yaml", yaml, diagnostics);
  REQUIRE(document);
  const SourcePosition where = place_within(document->root().find("key"), offset, 2);
  return std::to_string(where.column) + "+" + std::to_string(where.length);
}

}  // namespace

TEST_CASE("text problem: a part of a scalar has its own place, with and without quotes") {
  CHECK(place("key: abcdef", 2) == "8+2");
  CHECK(place("key: \"abcdef\"", 2) == "9+2");
  CHECK(place("key: 'abcdef'", 4) == "11+2");
  CHECK(place("key: abc", 3) == "9+1");
}

TEST_CASE("text problem: places count characters, not bytes") {
  CHECK(place("key: 月初xy", 6) == "8+2");
}

TEST_CASE("text problem: where the file spells a text otherwise, the whole scalar is the place") {
  CHECK(place("key: \"a\\tbcdef\"", 2) == "6+10");
  CHECK(place("key: >\n  abc\n  def\n", 4) == "6+1");
}

TEST_CASE("text problem: all problems of a text are reported") {
  Diagnostics diagnostics;
  const auto document = YamlDocument::parse("f.yaml", "key: a b\n", diagnostics);
  report({{0, 1, "no a", ""}, {2, 1, "no b", "write c"}}, document->root().find("key"),
         diagnostics);
  CHECK(diagnostics.render() ==
        "f.yaml:1:6: error: no a\n    1 | key: a b\n      |      ^\n"
        "f.yaml:1:8: error: no b; write c\n    1 | key: a b\n      |        ^\n");
}
