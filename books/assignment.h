#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/money.h"

namespace tallymill::books {

/// Left row `left` may be matched with right row `right`, at a cost of at least 0.
struct Edge {
  std::uint32_t left = 0;
  std::uint32_t right = 0;
  Int128 cost = 0;
};

struct Assigned {
  std::uint32_t left = 0;
  std::uint32_t right = 0;
  std::int64_t alternatives = 0;  ///< other partners of `left` in matchings that are as good
};

/// Pairs as many rows as can be, and of all such matchings takes one of least total cost: shortest
/// augmenting paths, so the result is an optimum and not what came first. A pair with alternatives
/// is in one optimum and not in every one: it lies on a cycle of the residual graph that costs
/// nothing, which is found by the strongly connected components of its tight edges.
///
/// `fuel` bounds the edges looked at and is used up; nothing is returned where it does not suffice.
/// Equal edges in equal order give equal pairs; by left row.
std::optional<std::vector<Assigned>> assign(std::uint32_t left_rows, std::uint32_t right_rows,
                                            std::span<const Edge> edges, std::int64_t& fuel);

}  // namespace tallymill::books
