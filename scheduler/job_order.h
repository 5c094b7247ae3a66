#pragma once

#include <cstdint>
#include <vector>

namespace tallymill {

/// A directed graph over 0..size-1 as adjacency lists: successors[a] holds b if b waits for a.
using Successors = std::vector<std::vector<std::uint32_t>>;

struct Ordering {
  /// Every node after all it waits for, the smallest ready number first; the nodes on cycles, and
  /// those behind them, are missing.
  std::vector<std::uint32_t> order;
  /// Cycles without a common node, each starting with its smallest node, in waiting order: the
  /// second waits for the first, the first for the last. At least one if `order` is incomplete.
  std::vector<std::vector<std::uint32_t>> cycles;
};

/// O((nodes + edges) log nodes).
Ordering order_nodes(const Successors& successors);

}  // namespace tallymill
