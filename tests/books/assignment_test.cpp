#include "books/assignment.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace tallymill;
using namespace tallymill::books;

namespace {

/// Most pairs at the least cost, by trying every matching; and how many matchings reach it.
struct Best {
  std::size_t pairs = 0;
  Int128 cost = 0;
  std::vector<std::vector<std::pair<std::uint32_t, std::uint32_t>>> matchings;
};

void try_all(std::span<const Edge> edges, std::size_t at, std::vector<std::size_t>& chosen,
             Best& best) {
  if (at == edges.size()) {
    Int128 cost = 0;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
    for (const std::size_t each : chosen) {
      cost += edges[each].cost;
      pairs.emplace_back(edges[each].left, edges[each].right);
    }
    std::ranges::sort(pairs);
    if (best.matchings.empty() || pairs.size() > best.pairs ||
        (pairs.size() == best.pairs && cost < best.cost))
      best = {pairs.size(), cost, {pairs}};
    else if (pairs.size() == best.pairs && cost == best.cost)
      best.matchings.push_back(pairs);
    return;
  }
  try_all(edges, at + 1, chosen, best);
  const bool is_free = std::ranges::none_of(chosen, [&](std::size_t each) {
    return edges[each].left == edges[at].left || edges[each].right == edges[at].right;
  });
  if (!is_free) return;
  chosen.push_back(at);
  try_all(edges, at + 1, chosen, best);
  chosen.pop_back();
}

}  // namespace

TEST_CASE("assignment: takes most pairs at the least cost, and certifies what is unique") {
  std::mt19937 random(7);
  for (int round = 0; round < 400; ++round) {
    const std::uint32_t lefts = 1 + random() % 4;
    const std::uint32_t rights = 1 + random() % 4;
    std::vector<Edge> edges;
    for (std::uint32_t l = 0; l < lefts; ++l)
      for (std::uint32_t r = 0; r < rights; ++r)
        if (random() % 3 != 0 && edges.size() < 11)
          edges.push_back({l, r, static_cast<Int128>(random() % 4)});
    Best best;
    std::vector<std::size_t> chosen;
    try_all(edges, 0, chosen, best);
    std::int64_t fuel = 100'000;
    const auto found = assign(lefts, rights, edges, fuel);
    REQUIRE(found);
    CAPTURE(round);
    CHECK(found->size() == best.pairs);
    Int128 cost = 0;
    for (const Assigned& pair : *found) {
      for (const Edge& edge : edges)
        if (edge.left == pair.left && edge.right == pair.right) cost += edge.cost;
      const bool is_in_all = std::ranges::all_of(best.matchings, [&](const auto& matching) {
        return std::ranges::find(matching, std::pair{pair.left, pair.right}) != matching.end();
      });
      CHECK((pair.alternatives == 0) == is_in_all);
    }
    CHECK(cost == best.cost);
  }
}

TEST_CASE("assignment: greedy would take the nearest pair and leave a row without any") {
  const std::vector<Edge> edges{{0, 0, 1}, {0, 1, 5}, {1, 0, 2}};
  std::int64_t fuel = 1000;
  const auto found = assign(2, 2, edges, fuel);
  REQUIRE(found);
  CHECK(found->size() == 2);
  CHECK(found->at(0).right == 1);
  CHECK(found->at(1).right == 0);
  CHECK(found->at(0).alternatives == 0);
}

TEST_CASE("assignment: without fuel there is no answer") {
  const std::vector<Edge> edges{{0, 0, 1}, {0, 1, 5}, {1, 0, 2}};
  std::int64_t fuel = 3;
  CHECK_FALSE(assign(2, 2, edges, fuel));
}
