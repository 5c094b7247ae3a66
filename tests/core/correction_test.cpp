#include "core/correction.h"

#include <doctest/doctest.h>

#include "core/error.h"

using namespace tallymill;

namespace {

Correction at_line(const std::string& line, std::map<std::string, std::optional<std::string>> cells,
                   const std::string& original = "d1") {
  return {{{"_source", "a.csv"}, {"_line", line}}, original, std::move(cells)};
}

}  // namespace

TEST_CASE("correction: the same corrections are the same text, and it reads back") {
  const Correction two = at_line("2", {{"amount", "12.30"}, {"city", std::nullopt}});
  const Correction three = at_line("3", {{"city", "北京"}});
  const std::string text = corrections_text({three, two});
  CHECK(text == corrections_text({two, three}));
  CHECK(text ==
        R"({"format":1,"corrections":[{"at":{"_line":"2","_source":"a.csv"},"original":"d1",)"
        R"("cells":{"amount":"12.30","city":null}},{"at":{"_line":"3","_source":"a.csv"},)"
        R"("original":"d1","cells":{"city":"北京"}}]})");
  CHECK(corrections_from(text, "t") == std::vector{two, three});
}

TEST_CASE("correction: the later word about a row counts, and may take the earlier one back") {
  const std::vector<Correction> merged =
      merged_corrections({at_line("2", {{"amount", "1.00"}}), at_line("3", {{"amount", "2.00"}}),
                          at_line("4", {{"amount", "3.00"}})},
                         {at_line("3", {{"city", "x"}}, "d2"), at_line("4", {})});
  CHECK(merged ==
        std::vector{at_line("2", {{"amount", "1.00"}}), at_line("3", {{"city", "x"}}, "d2")});
}

TEST_CASE("correction: what is no such text is refused with its origin") {
  CHECK_THROWS_AS(corrections_from("[]", "the store"), Error);
  CHECK_THROWS_AS(corrections_from("{\"format\":1,\"corrections\":[{\"at\":3}]}", "t"), Error);
  CHECK_THROWS_WITH_AS(corrections_from("{\"format\":2,\"corrections\":[]}", "the store"),
                       "error: the store has format 2, this tallymill reads 1", Error);
}
