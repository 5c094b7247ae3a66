#include "books/assignment.h"

#include <algorithm>
#include <deque>

namespace tallymill::books {
namespace {

/// An edge of the residual graph, and back.
struct Arc {
  std::uint32_t to = 0;
  std::uint32_t reverse = 0;  ///< index in arcs of `to`
  Int128 cost = 0;
  bool is_open = false;
};

/// Nodes: left rows, right rows, source, sink. One unit flows through each row.
class Flow {
 public:
  Flow(std::uint32_t left, std::uint32_t right, std::span<const Edge> edges)
      : left_(left), source_(left + right), sink_(left + right + 1), arcs_(left + right + 2) {
    for (std::uint32_t i = 0; i < left; ++i) connect(source_, i, 0);
    for (const Edge& edge : edges) connect(edge.left, left + edge.right, edge.cost);
    for (std::uint32_t i = 0; i < right; ++i) connect(left + i, sink_, 0);
  }

  /// False where `fuel` ran out.
  bool solve(std::int64_t& fuel) {
    while (true) {
      find_paths({source_}, fuel);
      if (fuel < 0) return false;
      if (!distance_[sink_]) return true;
      for (std::uint32_t node = sink_; node != source_;) {
        Arc& back = arcs_[node][entered_[node]];
        arcs_[back.to][back.reverse].is_open = false;
        back.is_open = true;
        node = back.to;
      }
    }
  }

  std::optional<std::vector<Assigned>> pairs(std::int64_t& fuel) {
    if (!find_components(fuel)) return std::nullopt;
    std::vector<Assigned> found;
    for (std::uint32_t left = 0; left < left_; ++left)
      for (const Arc& arc : arcs_[left]) {
        // A used edge is open on its way back only.
        if (arc.to == source_ || arc.is_open) continue;
        found.push_back({left, arc.to - left_, alternatives(left, arc)});
      }
    return found;
  }

 private:
  void connect(std::uint32_t from, std::uint32_t to, Int128 cost) {
    const auto there = static_cast<std::uint32_t>(arcs_[from].size());
    const auto back = static_cast<std::uint32_t>(arcs_[to].size());
    arcs_[from].push_back({to, back, cost, true});
    arcs_[to].push_back({from, there, -cost, false});
  }

  /// Distances from the nearest of `starts` (Bellman-Ford with a queue); entered_ is the arc back.
  void find_paths(std::vector<std::uint32_t> starts, std::int64_t& fuel) {
    distance_.assign(arcs_.size(), std::nullopt);
    entered_.assign(arcs_.size(), 0);
    std::vector<bool> waits(arcs_.size(), false);
    std::deque<std::uint32_t> queue(starts.begin(), starts.end());
    for (const std::uint32_t start : starts) {
      distance_[start] = 0;
      waits[start] = true;
    }
    while (!queue.empty() && fuel >= 0) {
      const std::uint32_t node = queue.front();
      queue.pop_front();
      waits[node] = false;
      for (const Arc& arc : arcs_[node]) {
        --fuel;
        if (!arc.is_open) continue;
        const Int128 reached = *distance_[node] + arc.cost;
        if (distance_[arc.to] && *distance_[arc.to] <= reached) continue;
        distance_[arc.to] = reached;
        entered_[arc.to] = arc.reverse;
        if (!waits[arc.to]) queue.push_back(arc.to);
        waits[arc.to] = true;
      }
    }
  }

  bool is_tight(std::uint32_t from, const Arc& arc) const {
    return arc.is_open && *distance_[from] + arc.cost == *distance_[arc.to];
  }

  /// Strongly connected components of the tight edges (Tarjan, without recursion).
  bool find_components(std::int64_t& fuel) {
    std::vector<std::uint32_t> all(arcs_.size());
    for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
    find_paths(all, fuel);
    if (fuel < 0) return false;
    component_.assign(arcs_.size(), 0);
    order_.assign(arcs_.size(), 0);
    low_.assign(arcs_.size(), 0);
    for (std::uint32_t node = 0; node < arcs_.size(); ++node)
      if (order_[node] == 0) visit(node);
    return true;
  }

  void visit(std::uint32_t root) {
    struct Frame {
      std::uint32_t node;
      std::size_t next;
    };
    std::vector<Frame> frames{{root, 0}};
    enter(root);
    while (!frames.empty()) {
      Frame& frame = frames.back();
      const std::uint32_t node = frame.node;
      if (frame.next < arcs_[node].size()) {
        const Arc& arc = arcs_[node][frame.next++];
        if (!is_tight(node, arc)) continue;
        if (order_[arc.to] == 0) {
          enter(arc.to);
          frames.push_back({arc.to, 0});
        } else if (component_[arc.to] == 0) {
          low_[node] = std::min(low_[node], order_[arc.to]);
        }
        continue;
      }
      if (low_[node] == order_[node]) close(node);
      frames.pop_back();
      if (!frames.empty())
        low_[frames.back().node] = std::min(low_[frames.back().node], low_[node]);
    }
  }

  void enter(std::uint32_t node) {
    order_[node] = low_[node] = ++last_order_;
    stack_.push_back(node);
  }

  void close(std::uint32_t node) {
    ++last_component_;
    while (true) {
      const std::uint32_t top = stack_.back();
      stack_.pop_back();
      component_[top] = last_component_;
      if (top == node) return;
    }
  }

  /// Zero where the pair behind `used` is in every optimum.
  std::int64_t alternatives(std::uint32_t left, const Arc& used) const {
    const Arc& back = arcs_[used.to][used.reverse];
    if (component_[left] != component_[used.to] || !is_tight(used.to, back)) return 0;
    return std::count_if(arcs_[left].begin(), arcs_[left].end(), [&](const Arc& arc) {
      return is_tight(left, arc) && component_[arc.to] == component_[left];
    });
  }

  std::uint32_t left_;
  std::uint32_t source_;
  std::uint32_t sink_;
  std::vector<std::vector<Arc>> arcs_;
  std::vector<std::optional<Int128>> distance_;
  std::vector<std::uint32_t> entered_;
  std::vector<std::uint32_t> component_, order_, low_, stack_;
  std::uint32_t last_order_ = 0;
  std::uint32_t last_component_ = 0;
};

}  // namespace

std::optional<std::vector<Assigned>> assign(std::uint32_t left_rows, std::uint32_t right_rows,
                                            std::span<const Edge> edges, std::int64_t& fuel) {
  Flow flow(left_rows, right_rows, edges);
  if (!flow.solve(fuel)) return std::nullopt;
  return flow.pairs(fuel);
}

}  // namespace tallymill::books
