#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tallymill {

/// A directed graph over 0..size-1: successors[a] holds b if b waits for a.
class Successors {
 public:
  struct Edge {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
  };
  /// Successors of one node come in the order of `edges`.
  Successors(std::size_t nodes, std::span<const Edge> edges);

  std::size_t size() const { return first_.size() - 1; }
  std::span<const std::uint32_t> operator[](std::size_t node) const {
    return std::span(all_).subspan(first_[node], first_[node + 1] - first_[node]);
  }
  std::span<const std::uint32_t> all() const { return all_; }

 private:
  std::vector<std::uint32_t> first_;  ///< of each node within all_, and one behind the last
  std::vector<std::uint32_t> all_;
};

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
