#include "books/subset_sum.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

using namespace tallymill;
using namespace tallymill::books;

TEST_CASE("subset sum: finds every way once, whatever rows are alike") {
  std::mt19937 random(3);
  SubsetSum search;
  for (int round = 0; round < 300; ++round) {
    std::map<Int128, std::uint32_t> rows;
    for (std::size_t i = 0; i < 3 + random() % 6; ++i)
      ++rows[static_cast<Int128>(random() % 20) - 6];
    std::vector<AlikeRows> alike;
    for (const auto& [amount, count] : rows)
      alike.push_back({amount, count, static_cast<std::uint32_t>(alike.size())});
    const Int128 target = static_cast<Int128>(random() % 30) - 5;
    const Int128 allowed = static_cast<Int128>(random() % 2);
    for (std::size_t size = 2; size <= 4; ++size) {
      std::vector<std::vector<std::uint32_t>> expected;
      std::vector<std::uint32_t> counts(alike.size());
      const auto count_on = [&](const auto& self, std::size_t at, std::size_t left, Int128 sum) {
        if (at == alike.size()) {
          if (left == 0 && sum <= target + allowed && sum >= target - allowed)
            expected.push_back(counts);
          return;
        }
        for (counts[at] = 0; counts[at] <= std::min<std::size_t>(left, alike[at].rows);
             ++counts[at])
          self(self, at + 1, left - counts[at], sum + alike[at].amount * counts[at]);
        counts[at] = 0;
      };
      count_on(count_on, 0, size, 0);
      std::vector<std::vector<std::uint32_t>> found;
      std::int64_t fuel = 1'000'000;
      CHECK(search.each(alike, target, allowed, size, fuel,
                        [&](std::span<const Use> uses, Int128 sum) {
                          Int128 total = 0;
                          std::vector<std::uint32_t> picked(alike.size());
                          for (const Use& use : uses) {
                            picked[use.kind] += use.count;
                            total += alike[use.kind].amount * use.count;
                          }
                          CHECK(total == sum);
                          found.push_back(picked);
                        }));
      std::ranges::sort(expected);
      std::ranges::sort(found);
      CAPTURE(round);
      CAPTURE(size);
      CHECK(found == expected);
    }
  }
}

TEST_CASE("subset sum: says when it was cut off") {
  std::vector<AlikeRows> alike;
  for (std::uint32_t i = 0; i < 60; ++i) alike.push_back({1000 + i * i, 1, i});
  std::int64_t fuel = 500;
  CHECK_FALSE(SubsetSum().each(alike, 20'001, 0, 8, fuel, [](std::span<const Use>, Int128) {}));
  CHECK(fuel < 0);
}
