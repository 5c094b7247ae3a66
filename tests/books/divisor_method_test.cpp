#include "books/divisor_method.h"

#include <doctest/doctest.h>

#include <limits>
#include <random>
#include <vector>

#include "books/split_amount.h"

using namespace tallymill::books;

namespace {

using Amounts = std::vector<std::int64_t>;

/// Parts as the cut says them, ties to the smaller index.
Amounts parts_by_cut(Method method, std::int64_t total, const Amounts& weights) {
  Amounts room = weights;
  const DivisorCut cut = divisor_cut(method, static_cast<std::uint64_t>(total), room);
  Amounts parts(weights.size());
  std::int64_t served = cut.served;
  for (std::size_t i = 0; cut.served > 0 && i < weights.size(); ++i) {
    const DivisorPart part = divisor_part(method, weights[i], cut.last);
    parts[i] = part.units + (part.is_tied && served > 0 ? 1 : 0);
    if (part.is_tied) --served;
  }
  return parts;
}

}  // namespace

TEST_CASE("divisor_method: the cut says what giving unit by unit gives") {
  std::mt19937_64 random(7);
  for (const Method method : {Method::webster, Method::huntington_hill})
    for (int round = 0; round < 400; ++round) {
      const std::uint64_t range = round % 2 == 0 ? 4 : 100'000;
      Amounts weights(1 + random() % 12);
      for (std::int64_t& weight : weights) weight = static_cast<std::int64_t>(random() % range);
      weights[0] += 1;
      const auto total = static_cast<std::int64_t>(random() % 300);
      CAPTURE(round);
      CAPTURE(total);
      CHECK(parts_by_cut(method, total, weights) == split_amount(total, weights, method));
    }
}

TEST_CASE("divisor_method: the largest weights and totals do not overflow") {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  for (const Method method : {Method::webster, Method::huntington_hill})
    CHECK(parts_by_cut(method, kMost, {kMost, kMost, kMost}) ==
          Amounts{kMost / 3 + 1, kMost / 3, kMost / 3});
}
