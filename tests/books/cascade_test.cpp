#include "books/cascade.h"

#include <doctest/doctest.h>

#include "books/near_miss.h"
#include "books/text_likeness.h"
#include "core/text.h"
#include "tests/lines.h"

using namespace tallymill;
using namespace tallymill::books;
using Kind = CascadeStage::Kind;

namespace {

CascadeRow row(std::int64_t amount, std::int32_t value = 0, std::optional<std::int32_t> day = {},
               std::string text = {}) {
  return {.amount = amount, .day = day, .text = std::move(text), .values = {value}};
}

/// "tolerance 0,1=2 (1 other)": a group a line.
Lines groups(const CascadeBlock& block, const std::vector<CascadeStage>& stages) {
  const auto list = [](const std::vector<std::uint32_t>& rows) {
    Lines texts;
    for (const std::uint32_t each : rows) texts.push_back(std::to_string(each));
    return join(texts, ",");
  };
  Lines lines;
  const CascadeResult result = run_cascade(block, stages);
  for (const CascadeGroup& group : result.groups)
    lines.push_back(stages[group.stage].name + " " + list(group.left) + "=" + list(group.right) +
                    (group.alternatives > 0 ? " (" + std::to_string(group.alternatives) + " other)"
                                            : std::string()));
  return lines;
}

}  // namespace

TEST_CASE("cascade: each stage works on what the ones before left") {
  const CascadeBlock block{{row(100), row(205, 1, 10), row(70, 2), row(30, 2), row(900, 4)},
                           {row(100), row(204, 1, 11), row(100, 2), row(500, 3), row(400, 3)}};
  CHECK(groups(block, {{.kind = Kind::exact, .name = "exact", .by = {0}},
                       {.kind = Kind::tolerance,
                        .name = "near",
                        .by = {0},
                        .tolerance = {.abs = 1},
                        .window = DayWindow{.days = 1}},
                       {.kind = Kind::many_to_one, .name = "grouped", .by = {0}},
                       {.kind = Kind::subset_sum, .name = "subset"}}) ==
        Lines{"exact 0=0", "near 1=1", "grouped 2,3=2", "subset 4=3,4"});
}

TEST_CASE("cascade: a missing value never equals another missing one") {
  CHECK(groups({{row(5, -1)}, {row(5, -1)}}, {{.name = "exact", .by = {0}}}).empty());
}

TEST_CASE("cascade: the assignment is optimal, not the first that fits") {
  // Greedy takes 100 = 101 and leaves 102 alone.
  const CascadeBlock block{{row(100), row(102)}, {row(101), row(99)}};
  const std::vector<CascadeStage> stages{
      {.kind = Kind::tolerance, .name = "near", .tolerance = {.abs = 1}}};
  CHECK(groups(block, stages) == Lines{"near 0=1", "near 1=0"});
}

TEST_CASE("cascade: rows that could change places are told") {
  const CascadeBlock block{{row(100), row(100)}, {row(101), row(99)}};
  CHECK(groups(block, {{.kind = Kind::tolerance, .name = "near", .tolerance = {.abs = 2}}}) ==
        Lines{"near 0=0 (1 other)", "near 1=1 (1 other)"});
  CHECK(groups({{row(9)}, {row(4), row(5), row(6), row(3)}},
               {{.kind = Kind::subset_sum, .name = "subset"}}) == Lines{"subset 0=0,1 (1 other)"});
}

TEST_CASE("cascade: texts that are alike match where amounts agree") {
  CHECK(text_likeness("MARTHA", "MARHTA") == 961'111'111);
  CHECK(text_likeness("广东移动", "广东移动") == 1'000'000'000);
  const CascadeBlock block{{row(5, 0, {}, "Guangdong Mobile Ltd"), row(5, 0, {}, "Unicom")},
                           {row(5, 0, {}, "Unicom Co"), row(5, 0, {}, "Guangdong Mobil Ltd.")}};
  CHECK(groups(block, {{.kind = Kind::fuzzy, .name = "alike", .at_least = 850'000'000}}) ==
        Lines{"alike 0=1", "alike 1=0"});
}

TEST_CASE("cascade: a search without fuel says so and matches nothing") {
  CascadeBlock block{{row(7001)}, {}};
  for (int i = 0; i < 60; ++i) block.right.push_back(row(1000 + i * i));
  const std::vector<CascadeStage> stages{
      {.kind = Kind::subset_sum, .name = "subset", .at_most = 8, .fuel = 300}};
  const CascadeResult result = run_cascade(block, stages);
  CHECK(result.groups.empty());
  CHECK(result.left_cut_off[0]);
}

TEST_CASE("near miss: names the nearest row, what failed and by how much") {
  const std::vector<CascadeRow> rows{row(100, 1, 10), row(50, 2, 10)};
  const std::vector<CascadeRow> others{row(106, 1, 10), row(100, 3, 14), row(50, 2, 40)};
  const std::vector<CascadeStage> stages{{.kind = Kind::tolerance,
                                          .name = "near",
                                          .by = {0},
                                          .tolerance = {.abs = 5},
                                          .window = DayWindow{.days = 3}}};
  const auto found = find_near_misses(rows, {true, true}, others, {false, false, false}, true,
                                      stages, {.values = {"reference"}, .scale = 2});
  REQUIRE(found[0]);
  CHECK(found[0]->candidate == 0);
  CHECK(found[0]->failed_predicate == "amount");
  CHECK(found[0]->distance == "0.06");
  REQUIRE(found[1]);
  CHECK(found[1]->candidate == 2);
  CHECK(found[1]->failed_predicate + ": " + found[1]->distance == "date: 30 days");
}
