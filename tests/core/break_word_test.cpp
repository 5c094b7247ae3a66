#include "core/break_word.h"

#include <doctest/doctest.h>

using namespace tallymill;

namespace {

Correction word(const std::string& id, std::map<std::string, std::optional<std::string>> cells,
                const std::string& seen) {
  return {.place = {{kBreakId, id}}, .original = seen, .cells = std::move(cells)};
}

}  // namespace

TEST_CASE("break word: of each cell the last word counts, and a resolution has its author") {
  BreakWords words;
  CHECK(words.empty());
  words.add({word("b1", {{kOwner, "li"}, {kResolution, kAccepted}}, "d1")}, "wang", "2026-01");
  words.add({word("b1", {{kNote, "asked"}, {kOwner, std::nullopt}}, "d2")}, "zhao", "2026-02");
  CHECK(words.standing() == std::vector{word("b1",
                                             {{kNote, "asked"},
                                              {kOwner, std::nullopt},
                                              {kResolution, kAccepted},
                                              {kResolvedBy, "wang"},
                                              {kResolvedIn, "2026-01"}},
                                             "d1")});
}

TEST_CASE("break word: a later resolution is about the difference its author saw") {
  BreakWords words;
  words.add({word("b1", {{kResolution, kAccepted}}, "d1")}, "wang", "2026-01");
  words.add({word("b1", {{kResolution, std::nullopt}}, "d2")}, "zhao", "2026-02");
  CHECK(words.standing() ==
        std::vector{word(
            "b1", {{kResolution, std::nullopt}, {kResolvedBy, "zhao"}, {kResolvedIn, "2026-02"}},
            "d2")});
}
