#include "books/reciprocal.h"

#include <doctest/doctest.h>

#include <map>
#include <random>

#include "core/error.h"
#include "core/text.h"
#include "tests/lines.h"

using namespace tallymill;
using namespace tallymill::books;

namespace {

Lines parts_of(const std::vector<ServicePool>& pools, const std::vector<Service>& services) {
  Lines lines;
  for (const ServicePart& part : split_reciprocally(pools, services).parts)
    lines.push_back(part.centre + "|" + part.receiver + "|" + std::to_string(part.amount));
  return lines;
}

}  // namespace

TEST_CASE("reciprocal: two centres that serve each other, as textbooks solve them") {
  // S1 = 100000 + 20 % of S2, S2 = 50000 + 10 % of S1: S1 = 112244.90, S2 = 61224.49.
  const std::vector<Service> services{{"S1", "S2", 10}, {"S1", "P1", 60}, {"S1", "P2", 30},
                                      {"S2", "S1", 20}, {"S2", "P1", 30}, {"S2", "P2", 50}};
  const Lines parts = parts_of({{"S1", 10'000'000}, {"S2", 5'000'000}}, services);
  CHECK(parts == Lines{"S1|P1|6428571", "S1|P2|3571429", "S2|P1|2142857", "S2|P2|2857143"});
}

TEST_CASE("reciprocal: costs run down chains, and a centre that serves nobody keeps its own") {
  CHECK(parts_of({{"A", 100}, {"Z", 7}},
                 {{"A", "B", 1}, {"B", "C", 1}, {"C", "P", 1}, {"C", "Q", 1}}) ==
        Lines{"A|P|50", "A|Q|50", "Z|Z|7"});
}

TEST_CASE("reciprocal: services of a centre to itself change nothing") {
  CHECK(parts_of({{"A", 9}}, {{"A", "A", 50}, {"A", "P", 1}, {"A", "Q", 2}}) ==
        Lines{"A|P|3", "A|Q|6"});
}

TEST_CASE("reciprocal: a loop that nothing leaves is named, with all whose cost ends in it") {
  const ReciprocalSplit split = split_reciprocally(
      {{"A", 5}, {"B", 5}, {"C", 5}, {"D", 5}, {"E", 1}},
      {{"A", "B", 1}, {"B", "A", 1}, {"C", "A", 1}, {"C", "P", 9}, {"D", "P", 1}, {"E", "E", 1}});
  REQUIRE(split.closed.size() == 4);
  CHECK(split.closed[0].loop == "A -> B -> A");
  CHECK(split.closed[1].centre == "B");
  CHECK(split.closed[2].centre == "C");
  CHECK(split.closed[2].loop == "A -> B -> A");
  CHECK(split.closed[3].loop == "E -> E");
  REQUIRE(split.parts.size() == 1);
  CHECK(split.parts[0].centre == "D");
}

TEST_CASE("reciprocal: negative units are refused by name") {
  CHECK_THROWS_WITH_AS(split_reciprocally({{"A", 1}}, {{"A", "P", -3}}),
                       "error: the service of A to P has negative units: -3", Error);
}

TEST_CASE("reciprocal: every cost is allocated to the unit, and the opposite cost oppositely") {
  std::mt19937_64 random(11);
  for (int round = 0; round < 60; ++round) {
    const std::size_t centres = 2 + random() % 7;
    std::vector<ServicePool> pools;
    std::vector<Service> services;
    for (std::size_t i = 0; i < centres; ++i) {
      const std::string centre = "S" + std::to_string(i);
      pools.push_back({centre, static_cast<std::int64_t>(random() % 1'000'000)});
      services.push_back({centre, "P" + std::to_string(random() % 3),
                          static_cast<std::int64_t>(1 + random() % 9)});
      for (std::size_t j = 0; j < centres; ++j)
        services.push_back(
            {centre, "S" + std::to_string(j), static_cast<std::int64_t>(random() % 50)});
    }
    const ReciprocalSplit split = split_reciprocally(pools, services);
    std::map<std::string, std::int64_t> sums;
    for (const ServicePart& part : split.parts) sums[part.centre] += part.amount;
    for (ServicePool& pool : pools) {
      CHECK(sums[pool.centre] == pool.amount);
      pool.amount = -pool.amount;
    }
    const ReciprocalSplit opposite = split_reciprocally(pools, services);
    REQUIRE(opposite.parts.size() == split.parts.size());
    for (std::size_t i = 0; i < split.parts.size(); ++i)
      CHECK(opposite.parts[i].amount == -split.parts[i].amount);
  }
}
