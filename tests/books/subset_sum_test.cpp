#include "books/subset_sum.h"

#include <doctest/doctest.h>

#include <random>

using namespace tallymill;
using namespace tallymill::books;

TEST_CASE("subset sum: finds the fewest rows that add up, and counts the ways") {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::vector<Int128> amounts;
    for (std::size_t i = 0; i < 3 + random() % 6; ++i)
      amounts.push_back(static_cast<Int128>(random() % 40) - 12);
    const Int128 target = static_cast<Int128>(random() % 60) - 10;
    const Int128 allowed = static_cast<Int128>(random() % 2);
    std::size_t fewest = 0;
    std::int64_t ways = 0;
    for (std::size_t subset = 1; subset < (std::size_t{1} << amounts.size()); ++subset) {
      Int128 sum = -target;
      std::size_t size = 0;
      for (std::size_t i = 0; i < amounts.size(); ++i)
        if ((subset >> i & 1U) != 0) {
          sum += amounts[i];
          ++size;
        }
      if (size < 2 || size > 4 || sum > allowed || sum < -allowed) continue;
      if (fewest == 0 || size < fewest) ways = 0;
      if (fewest == 0 || size <= fewest) {
        fewest = size;
        ++ways;
      }
    }
    std::int64_t fuel = 1'000'000;
    const SubsetSum found = find_subset(amounts, target, allowed, 4, fuel);
    CAPTURE(round);
    CHECK(found.chosen.size() == fewest);
    CHECK(found.solutions == ways);
    CHECK_FALSE(found.was_cut_off);
  }
}

TEST_CASE("subset sum: says when it was cut off") {
  std::vector<Int128> amounts;
  for (int i = 0; i < 60; ++i) amounts.push_back(1000 + i * i);
  std::int64_t fuel = 500;
  const SubsetSum found = find_subset(amounts, 7'001, 0, 8, fuel);
  CHECK(found.was_cut_off);
}
