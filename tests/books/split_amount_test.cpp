#include "books/split_amount.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"
#include "core/money.h"
#include "tests/folders.h"

using namespace tallymill;
using books::Method;
using books::split_amount;

namespace {

using Amounts = std::vector<std::int64_t>;

std::int64_t sum_of(const Amounts& parts) {
  return std::accumulate(parts.begin(), parts.end(), std::int64_t{0});
}

/// Calls `visit` with every list of 1 to 3 weights from 0 to 4 whose sum is not zero.
template <class Visit>
void for_small_weights(Visit visit) {
  for (int a = 0; a <= 4; ++a) {
    if (a > 0) visit(Amounts{a});
    for (int b = 0; b <= 4; ++b) {
      if (a + b > 0) visit(Amounts{a, b});
      for (int c = 0; c <= 4; ++c)
        if (a + b + c > 0) visit(Amounts{a, b, c});
    }
  }
}

}  // namespace

TEST_CASE("split_amount: the parts add up to the total for all small totals and weights") {
  for_small_weights([](const Amounts& weights) {
    for (std::int64_t total = -50; total <= 50; ++total) {
      CAPTURE(total);
      CAPTURE(weights.size());
      CHECK(sum_of(split_amount(total, weights)) == total);
    }
  });
}

TEST_CASE("split_amount: every part is within one unit of its exact share") {
  for_small_weights([](const Amounts& weights) {
    const std::int64_t sum = sum_of(weights);
    for (std::int64_t total = -50; total <= 50; ++total) {
      const Amounts parts = split_amount(total, weights);
      for (std::size_t i = 0; i < parts.size(); ++i) {
        CAPTURE(total);
        CAPTURE(i);
        CHECK(std::abs(parts[i] * sum - total * weights[i]) < sum);
      }
    }
  });
}

TEST_CASE("split_amount: the opposite total gives the opposite parts, so a reversal nets to zero") {
  for_small_weights([](const Amounts& weights) {
    for (std::int64_t total = 1; total <= 50; ++total) {
      Amounts reversed = split_amount(-total, weights);
      for (std::int64_t& part : reversed) part = -part;
      CAPTURE(total);
      CHECK(split_amount(total, weights) == reversed);
    }
  });
}

TEST_CASE("split_amount: a receiver of weight zero gets nothing") {
  for_small_weights([](const Amounts& weights) {
    for (std::int64_t total = -50; total <= 50; ++total) {
      const Amounts parts = split_amount(total, weights);
      for (std::size_t i = 0; i < parts.size(); ++i)
        if (weights[i] == 0) CHECK(parts[i] == 0);
    }
  });
}

TEST_CASE("split_amount: leftover units go to the largest remainders, ties to the smaller index") {
  CHECK(split_amount(100, Amounts{1, 1, 1}) == Amounts{34, 33, 33});
  CHECK(split_amount(101, Amounts{1, 1, 1}) == Amounts{34, 34, 33});
  // Exact shares 1.67, 3.33, 5.00: the unit goes to the first, whose remainder is larger.
  CHECK(split_amount(10, Amounts{1, 2, 3}) == Amounts{2, 3, 5});
  CHECK(split_amount(-10, Amounts{1, 2, 3}) == Amounts{-2, -3, -5});
}

TEST_CASE("split_amount: the largest amounts and weights do not overflow") {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  const Amounts weights{kMax, kMax - 1, 1, kMax};
  CHECK(sum_of(split_amount(kMax, weights)) == kMax);
  CHECK(sum_of(split_amount(kMin, weights)) == kMin);
  CHECK(split_amount(kMin, Amounts{7}) == Amounts{kMin});
}

TEST_CASE("split_amount: a random order of receivers changes only ties") {
  std::mt19937_64 random(20260131);
  for (int round = 0; round < 200; ++round) {
    // Weights that are all different in their remainders cannot tie.
    Amounts weights;
    for (int i = 0; i < 9; ++i) weights.push_back(static_cast<std::int64_t>(random() >> 20));
    const auto total = static_cast<std::int64_t>(random() >> 10) - (std::int64_t{1} << 53);
    std::vector<std::size_t> order(weights.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::shuffle(order.begin(), order.end(), random);
    Amounts shuffled;
    for (const std::size_t i : order) shuffled.push_back(weights[i]);
    const Amounts parts = split_amount(total, weights);
    const Amounts shuffled_parts = split_amount(total, shuffled);
    for (std::size_t i = 0; i < order.size(); ++i) CHECK(shuffled_parts[i] == parts[order[i]]);
  }
}

TEST_CASE("split_amount: a negative weight is an error that names it") {
  CHECK_THROWS_WITH_AS(
      split_amount(5, Amounts{1, -2}),
      "error: weight 2 is negative: -2; shares are not defined for negative weights", Error);
}

TEST_CASE("split_amount: weights that are all zero are an error") {
  CHECK_THROWS_WITH_AS(split_amount(5, Amounts{0, 0}),
                       "error: all 2 weights are zero; there is nothing to split by", Error);
  CHECK_THROWS_WITH_AS(split_amount(5, Amounts{}),
                       "error: all 0 weights are zero; there is nothing to split by", Error);
}

namespace {

constexpr Method kMethods[] = {Method::largest_remainder, Method::cumulative, Method::webster,
                               Method::huntington_hill, Method::remainder_to_first};

/// Ratios of the published vectors may have two fraction digits; only their proportion counts.
Amounts weights_of(const json::array& ratios) {
  Amounts weights;
  for (const json::value& ratio : ratios) {
    constexpr double kHundredths = 100.0;
    weights.push_back(std::llround(ratio.to_number<double>() * kHundredths));
  }
  return weights;
}

Amounts amounts_of(const json::array& values) {
  Amounts amounts;
  for (const json::value& value : values) amounts.push_back(value.to_number<std::int64_t>());
  return amounts;
}

}  // namespace

TEST_CASE("split_amount: the vectors of moneyphp hold, each by the method it is named with") {
  const auto file =
      std::filesystem::path(kSourceFolder) / "tests/data/allocation/moneyphp_allocate.json";
  const json::object vectors = parse_json(read_file(file), file.string()).as_object();
  // moneyphp rounds the shares of -5 down, towards -4 and -2, so its units left over are positive.
  // Largest remainder here is sign-symmetric, (-4, -1); the running sum gives the published row.
  const auto method_of = [](std::int64_t amount) {
    return amount < 0 ? Method::cumulative : Method::largest_remainder;
  };
  for (const json::value& row : json_at(vectors, "allocate").as_array()) {
    const json::object& vector = row.as_object();
    const std::int64_t amount = json_integer(vector, "amount");
    CAPTURE(json::serialize(row));
    CHECK(split_amount(amount, weights_of(json_at(vector, "ratios").as_array()),
                       method_of(amount)) == amounts_of(json_at(vector, "expected").as_array()));
  }
  for (const json::value& row : json_at(vectors, "allocate_to_n").as_array()) {
    const json::object& vector = row.as_object();
    CAPTURE(json::serialize(row));
    CHECK(split_amount(json_integer(vector, "amount"),
                       Amounts(static_cast<std::size_t>(json_integer(vector, "n")), 1)) ==
          amounts_of(json_at(vector, "expected").as_array()));
  }
}

TEST_CASE("split_amount: every method gives all of a total, and the opposite parts of -total") {
  for_small_weights([](const Amounts& weights) {
    for (const Method method : kMethods)
      for (std::int64_t total = 0; total <= 40; ++total) {
        CAPTURE(to_string(method));
        CAPTURE(total);
        Amounts parts = split_amount(total, weights, method);
        CHECK(sum_of(parts) == total);
        for (std::size_t i = 0; i < parts.size(); ++i)
          if (weights[i] == 0) CHECK(parts[i] == 0);
        for (std::int64_t& part : parts) part = -part;
        CHECK(split_amount(-total, weights, method) == parts);
      }
  });
}

TEST_CASE("split_amount: every run of neighbours of cumulative is within a unit of its share") {
  for_small_weights([](const Amounts& weights) {
    const std::int64_t sum = sum_of(weights);
    for (std::int64_t total = 0; total <= 50; ++total) {
      const Amounts parts = split_amount(total, weights, Method::cumulative);
      for (std::size_t first = 0; first < parts.size(); ++first) {
        std::int64_t part = 0;
        std::int64_t weight = 0;
        for (std::size_t last = first; last < parts.size(); ++last) {
          part += parts[last];
          weight += weights[last];
          CHECK(std::abs(part * sum - total * weight) < sum);
        }
      }
    }
  });
}

TEST_CASE("split_amount: with a divisor method nobody loses a unit when the total grows") {
  for_small_weights([](const Amounts& weights) {
    for (const Method method : {Method::webster, Method::huntington_hill}) {
      Amounts before(weights.size());
      for (std::int64_t total = 1; total <= 60; ++total) {
        const Amounts parts = split_amount(total, weights, method);
        for (std::size_t i = 0; i < parts.size(); ++i) CHECK(parts[i] >= before[i]);
        before = parts;
      }
    }
  });
}

TEST_CASE("split_amount: known results of the methods") {
  // Balinski and Young, Fair Representation: six states, 36 seats.
  const Amounts states{27744, 25178, 19951, 14610, 9225, 3292};
  CHECK(split_amount(36, states) == Amounts{10, 9, 7, 5, 4, 1});
  CHECK(split_amount(36, states, Method::webster) == Amounts{10, 9, 8, 5, 3, 1});
  CHECK(split_amount(36, states, Method::huntington_hill) == Amounts{10, 9, 7, 6, 3, 1});
  CHECK(split_amount(5, Amounts{0, 1, 1, 1}, Method::remainder_to_first) == Amounts{0, 2, 2, 1});
  CHECK(split_amount(5, Amounts{3, 7}, Method::remainder_to_first) == Amounts{2, 3});
}
