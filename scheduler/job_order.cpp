#include "scheduler/job_order.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace tallymill {
namespace {

/// Follows one unordered predecessor of every unordered node: each walk ends in a cycle, and walks
/// that meet end in the same one.
std::vector<std::vector<std::uint32_t>> find_cycles(const Successors& successors,
                                                    const std::vector<std::uint32_t>& open) {
  const std::size_t size = successors.size();
  constexpr std::uint32_t kNone = UINT32_MAX;
  std::vector<std::uint32_t> predecessor(size, kNone);
  for (std::uint32_t node = 0; node < size; ++node) {
    if (open[node] == 0) continue;
    for (std::uint32_t next : successors[node])
      if (predecessor[next] == kNone) predecessor[next] = node;
  }
  std::vector<std::vector<std::uint32_t>> cycles;
  std::vector<std::uint32_t> walk(size, 0);  // the walk that has been here; 0: none
  for (std::uint32_t start = 0; start < size; ++start) {
    if (open[start] == 0) continue;
    std::uint32_t at = start;
    while (walk[at] == 0) {
      walk[at] = start + 1;
      at = predecessor[at];
    }
    if (walk[at] != start + 1) continue;
    std::vector<std::uint32_t> cycle;
    for (std::uint32_t member = at; cycle.empty() || member != at; member = predecessor[member])
      cycle.push_back(member);
    std::reverse(cycle.begin(), cycle.end());
    std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
    cycles.push_back(std::move(cycle));
  }
  return cycles;
}

}  // namespace

Successors::Successors(std::size_t nodes, std::span<const Edge> edges)
    : first_(nodes + 1, 0), all_(edges.size()) {
  for (const Edge& edge : edges) ++first_[edge.from + 1];
  for (std::size_t node = 0; node < nodes; ++node) first_[node + 1] += first_[node];
  std::vector<std::uint32_t> next(first_.begin(), first_.end() - 1);
  for (const Edge& edge : edges) all_[next[edge.from]++] = edge.to;
}

Ordering order_nodes(const Successors& successors) {
  const std::size_t size = successors.size();
  std::vector<std::uint32_t> open(size, 0);  // edges from nodes that are not ordered yet
  for (std::uint32_t next : successors.all()) ++open[next];

  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> ready;
  for (std::uint32_t node = 0; node < size; ++node)
    if (open[node] == 0) ready.push(node);
  Ordering result;
  result.order.reserve(size);
  while (!ready.empty()) {
    const std::uint32_t node = ready.top();
    ready.pop();
    result.order.push_back(node);
    for (std::uint32_t next : successors[node])
      if (--open[next] == 0) ready.push(next);
  }
  if (result.order.size() < size) result.cycles = find_cycles(successors, open);
  return result;
}

}  // namespace tallymill
