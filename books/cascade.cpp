#include "books/cascade.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "books/assignment.h"
#include "books/subset_matching.h"
#include "books/text_likeness.h"

namespace tallymill::books {
namespace {

using Indices = std::vector<std::uint32_t>;
using Kind = CascadeStage::Kind;

Int128 magnitude(Int128 value) { return value < 0 ? -value : value; }

/// Rows of both sides that agree in what a stage wants to be equal.
struct Bucket {
  Indices left;
  Indices right;
};

/// The larger of what any band allows: it only ends a scan of sorted amounts.
bool may_still_be_near(const Tolerance& tolerance, Int128 a, Int128 b) {
  const Int128 gap = magnitude(a - b);
  if (gap <= allowed_difference(a, b, tolerance.abs, tolerance.rel)) return true;
  return std::ranges::any_of(tolerance.bands, [&](const Tolerance::Band& band) {
    return gap <= allowed_difference(a, b, band.abs, band.rel);
  });
}

class Cascade {
 public:
  Cascade(const CascadeBlock& block, std::span<const CascadeStage> stages)
      : block_(block),
        stages_(stages),
        left_open_(block.left.size(), true),
        right_open_(block.right.size(), true) {
    result_.left_cut_off.resize(block.left.size());
    result_.right_cut_off.resize(block.right.size());
  }

  CascadeResult run() {
    for (stage_ = 0; stage_ < stages_.size(); ++stage_)
      for (const Bucket& bucket : buckets()) {
        const Kind kind = now().kind;
        if (now().is_pairing())
          pair(bucket);
        else if (kind == Kind::subset_sum)
          match_sums(bucket);
        else
          add_up(bucket);
      }
    for (std::size_t i = 0; i < left_open_.size(); ++i)
      if (!left_open_[i]) result_.left_cut_off[i] = false;
    for (std::size_t i = 0; i < right_open_.size(); ++i)
      if (!right_open_[i]) result_.right_cut_off[i] = false;
    return std::move(result_);
  }

 private:
  const CascadeStage& now() const { return stages_[stage_]; }
  const CascadeRow& left(std::uint32_t row) const { return block_.left[row]; }
  const CascadeRow& right(std::uint32_t row) const { return block_.right[row]; }

  std::vector<Bucket> buckets() const {
    std::map<std::vector<std::int32_t>, Bucket> found;
    const auto put = [&](const std::vector<CascadeRow>& rows, const std::vector<bool>& open,
                         Indices Bucket::*side) {
      for (std::uint32_t row = 0; row < rows.size(); ++row) {
        if (!open[row] || !rows[row].has_amount) continue;
        std::vector<std::int32_t> key;
        for (const std::size_t column : now().by) key.push_back(rows[row].values[column]);
        if (std::ranges::find(key, -1) == key.end()) (found[key].*side).push_back(row);
      }
    };
    put(block_.left, left_open_, &Bucket::left);
    put(block_.right, right_open_, &Bucket::right);
    std::vector<Bucket> buckets;
    for (auto& [key, bucket] : found)
      if (!bucket.left.empty() && !bucket.right.empty()) buckets.push_back(std::move(bucket));
    return buckets;
  }

  void take(CascadeGroup group) {
    group.stage = stage_;
    for (const std::uint32_t row : group.left) left_open_[row] = false;
    for (const std::uint32_t row : group.right) right_open_[row] = false;
    result_.groups.push_back(std::move(group));
  }

  // -- one row with one row --

  /// Amounts first, then days, then texts: a day never outweighs a unit.
  static Int128 cost_of(const CascadeStage& stage, const PairTest& test) {
    constexpr std::int64_t kDays = 1 << 20;
    constexpr std::int64_t kLikeness = 1'000'000'000;
    const std::int64_t unlike = stage.kind == Kind::fuzzy ? kLikeness - test.likeness : 0;
    const std::int64_t days = std::min(test.days, kDays - 1);
    if (stage.kind == Kind::fuzzy)
      return (Int128{unlike} << 60) + (std::min<Int128>(test.gap, Int128{1} << 39) << 20) + days;
    return test.gap * kDays + days;
  }

  std::vector<Edge> edges_of(const Bucket& bucket) {
    Indices sorted(bucket.right.size());
    std::iota(sorted.begin(), sorted.end(), 0U);
    const auto amount = [&](std::uint32_t at) { return right(bucket.right[at]).amount; };
    std::ranges::sort(sorted, [&](std::uint32_t a, std::uint32_t b) {
      return amount(a) != amount(b) ? amount(a) < amount(b) : a < b;
    });
    std::vector<Edge> edges;
    for (std::uint32_t at = 0; at < bucket.left.size(); ++at) {
      const CascadeRow& row = left(bucket.left[at]);
      const auto middle = std::ranges::lower_bound(sorted, row.amount, {}, amount);
      const auto look = [&](std::uint32_t other) {
        if (!may_still_be_near(now().tolerance, row.amount, amount(other))) return false;
        const PairTest test = test_pair(now(), row, right(bucket.right[other]));
        if (test.holds()) edges.push_back({at, other, cost_of(now(), test)});
        return true;
      };
      const std::size_t before = edges.size();
      for (auto up = middle; up != sorted.end() && look(*up); ++up) {
      }
      for (auto down = middle; down != sorted.begin() && look(*std::prev(down)); --down) {
      }
      std::sort(edges.begin() + static_cast<std::ptrdiff_t>(before), edges.end(),
                [](const Edge& a, const Edge& b) { return a.right < b.right; });
    }
    return edges;
  }

  void pair(const Bucket& bucket) {
    const std::vector<Edge> edges = edges_of(bucket);
    for (const std::vector<Edge>& component : components(bucket, edges)) {
      Indices lefts;
      Indices rights;
      std::vector<Edge> local;
      std::map<std::uint32_t, std::uint32_t> at_left;
      std::map<std::uint32_t, std::uint32_t> at_right;
      for (const Edge& edge : component) {
        at_left.emplace(edge.left, 0);
        at_right.emplace(edge.right, 0);
      }
      for (auto& [row, at] : at_left) {
        at = static_cast<std::uint32_t>(lefts.size());
        lefts.push_back(bucket.left[row]);
      }
      for (auto& [row, at] : at_right) {
        at = static_cast<std::uint32_t>(rights.size());
        rights.push_back(bucket.right[row]);
      }
      for (const Edge& edge : component)
        local.push_back({at_left[edge.left], at_right[edge.right], edge.cost});
      std::int64_t fuel = now().fuel;
      const auto pairs = assign(static_cast<std::uint32_t>(lefts.size()),
                                static_cast<std::uint32_t>(rights.size()), local, fuel);
      if (!pairs) {
        for (const std::uint32_t row : lefts) result_.left_cut_off[row] = true;
        for (const std::uint32_t row : rights) result_.right_cut_off[row] = true;
        continue;
      }
      for (const Assigned& each : *pairs) {
        const std::uint32_t l = lefts[each.left];
        const std::uint32_t r = rights[each.right];
        take({.left = {l},
              .right = {r},
              .allowed = now().tolerance.allowed(left(l).amount, right(r).amount),
              .alternatives = each.alternatives});
      }
    }
  }

  /// Rows that share no possible partner have nothing to do with each other.
  static std::vector<std::vector<Edge>> components(const Bucket& bucket,
                                                   const std::vector<Edge>& edges) {
    const std::size_t lefts = bucket.left.size();
    Indices parent(lefts + bucket.right.size());
    std::iota(parent.begin(), parent.end(), 0U);
    const auto root = [&](std::size_t node) {
      while (parent[node] != node) node = parent[node] = parent[parent[node]];
      return node;
    };
    for (const Edge& edge : edges) {
      const std::size_t a = root(edge.left);
      const std::size_t b = root(lefts + edge.right);
      parent[std::max(a, b)] = static_cast<std::uint32_t>(std::min(a, b));
    }
    std::map<std::size_t, std::vector<Edge>> found;
    for (const Edge& edge : edges) found[root(edge.left)].push_back(edge);
    std::vector<std::vector<Edge>> components;
    for (auto& [first, component] : found) components.push_back(std::move(component));
    return components;
  }

  // -- groups --

  void add_up(const Bucket& bucket) {
    const bool one_left = bucket.left.size() == 1;
    const bool one_right = bucket.right.size() == 1;
    const bool fits = now().kind == Kind::one_to_many   ? one_left && !one_right
                      : now().kind == Kind::many_to_one ? !one_left && one_right
                                                        : !one_left && !one_right;
    if (!fits || !days_are_near(bucket)) return;
    const auto sum = [](const Indices& rows, const std::vector<CascadeRow>& of) {
      Int128 total = 0;
      for (const std::uint32_t row : rows) total += of[row].amount;
      return total;
    };
    const Int128 a = sum(bucket.left, block_.left);
    const Int128 b = sum(bucket.right, block_.right);
    const Int128 allowed = now().tolerance.allowed(a, b);
    if (magnitude(a - b) <= allowed)
      take({.left = bucket.left, .right = bucket.right, .allowed = allowed});
  }

  /// The earliest and the latest day of a group are as far apart as any two.
  bool days_are_near(const Bucket& bucket) const {
    if (!now().window) return true;
    std::vector<std::int32_t> days;
    for (const std::uint32_t row : bucket.left)
      if (left(row).day) days.push_back(*left(row).day);
    for (const std::uint32_t row : bucket.right)
      if (right(row).day) days.push_back(*right(row).day);
    if (days.size() < bucket.left.size() + bucket.right.size()) return false;
    const auto [first, last] = std::ranges::minmax(days);
    return now().window->between(first, last) <= now().window->days;
  }

  void match_sums(const Bucket& bucket) {
    SubsetMatches found = match_subsets(block_, now(), bucket.left, bucket.right);
    for (const std::uint32_t row : found.left_cut_off) result_.left_cut_off[row] = true;
    for (const std::uint32_t row : found.right_cut_off) result_.right_cut_off[row] = true;
    for (CascadeGroup& group : found.groups) take(std::move(group));
  }

  const CascadeBlock& block_;
  std::span<const CascadeStage> stages_;
  std::size_t stage_ = 0;
  std::vector<bool> left_open_;
  std::vector<bool> right_open_;
  CascadeResult result_;
};

}  // namespace

bool CascadeStage::is_pairing() const {
  return kind == Kind::exact || kind == Kind::tolerance || kind == Kind::fuzzy;
}

PairTest test_pair(const CascadeStage& stage, const CascadeRow& left, const CascadeRow& right) {
  PairTest test;
  for (const std::size_t column : stage.by)
    if (left.values[column] != right.values[column] || left.values[column] < 0)
      test.other_values.push_back(column);
  test.gap = magnitude(left.amount - right.amount);
  test.amount_fails = !left.has_amount || !right.has_amount ||
                      test.gap > stage.tolerance.allowed(left.amount, right.amount);
  if (left.day && right.day && stage.window)
    test.days = stage.window->between(*left.day, *right.day);
  test.day_fails = stage.window && (!left.day || !right.day || test.days > stage.window->days);
  if (stage.kind == CascadeStage::Kind::fuzzy) {
    test.likeness = text_likeness(left.text, right.text);
    test.text_fails = test.likeness < stage.at_least;
  }
  return test;
}

CascadeResult run_cascade(const CascadeBlock& block, std::span<const CascadeStage> stages) {
  return Cascade(block, stages).run();
}

}  // namespace tallymill::books
