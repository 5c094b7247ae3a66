#include "books/subset_choice.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <utility>

namespace tallymill::books {
namespace {

using Indices = std::vector<std::uint32_t>;

class Choice {
 public:
  Choice(const std::vector<RowKind>& kinds, const std::vector<const SubsetGroup*>& shapes,
         Packing packing, Packed rest, std::int64_t& fuel)
      : kinds_(kinds),
        shapes_(shapes),
        packing_(std::move(packing)),
        rest_(std::move(rest)),
        fuel_(fuel) {}

  std::vector<ChosenGroup> run() {
    std::map<std::uint32_t, Indices> by_kind;
    for (std::uint32_t shape = 0; shape < shapes_.size(); ++shape)
      by_kind[shapes_[shape]->target].push_back(shape);
    std::vector<std::pair<TargetOrder, std::uint32_t>> targets;
    for (const auto& [kind, shapes] : by_kind)
      for (const std::uint32_t row : kinds_[kind].rows)
        targets.emplace_back(TargetOrder(kinds_[kind].amount, kinds_[kind].is_left, row), kind);
    std::ranges::sort(targets);
    for (const auto& [target, kind] : targets) {
      if (rest_.taken.empty()) break;
      if (!taken_.contains({kind, target.row})) settle(kind, target.row, by_kind[kind]);
    }
    return std::move(chosen_);
  }

 private:
  struct Candidate {
    std::uint32_t size = 0;
    Indices members;
    std::uint32_t shape = 0;
    friend auto operator<=>(const Candidate&, const Candidate&) = default;
  };

  void settle(std::uint32_t kind, std::uint32_t row, const Indices& shapes) {
    std::vector<Candidate> candidates;
    for (const std::uint32_t shape : shapes)
      if (packing_.fits(shape) && !packing_.has_forgotten(shape)) {
        Candidate candidate{.size = shapes_[shape]->size, .members = {}, .shape = shape};
        for (const Use& use : shapes_[shape]->members) {
          const Indices rows = open_rows(use);
          candidate.members.insert(candidate.members.end(), rows.begin(), rows.end());
        }
        std::ranges::sort(candidate.members);
        candidates.push_back(std::move(candidate));
      }
    std::ranges::sort(candidates);
    const auto first = std::ranges::find_if(
        candidates, [&](const Candidate& candidate) { return can_take(candidate.shape); });
    if (first == candidates.end()) return;
    for (const Use& use : shapes_[first->shape]->members)
      for (const std::uint32_t each : open_rows(use)) taken_.emplace(use.kind, each);
    taken_.emplace(kind, row);
    chosen_.push_back({.shape = first->shape, .target = row, .members = std::move(first->members)});
  }

  /// The first ones that are there: rows of a kind can stand for each other.
  Indices open_rows(const Use& use) const {
    Indices rows;
    for (const std::uint32_t row : kinds_[use.kind].rows) {
      if (rows.size() == use.count) break;
      if (!taken_.contains({use.kind, row})) rows.push_back(row);
    }
    return rows;
  }

  /// Takes the shape if the rest can be as good with it.
  bool can_take(std::uint32_t shape) {
    auto at = std::ranges::find(rest_.taken, shape);
    if (at == rest_.taken.end()) {
      if (fuel_ < 0) return false;
      auto with = packing_.reach_with(shape, rest_.score, fuel_, std::span(&rest_, 1));
      if (!with) return false;
      rest_ = std::move(*with);
      at = std::ranges::find(rest_.taken, shape);
    }
    rest_.taken.erase(at);
    rest_.score -= packing_.score(shape);
    packing_.take(shape);
    return true;
  }

  const std::vector<RowKind>& kinds_;
  const std::vector<const SubsetGroup*>& shapes_;
  Packing packing_;
  Packed rest_;  ///< what comes behind the settled groups
  std::int64_t& fuel_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> taken_;  ///< kind and row
  std::vector<ChosenGroup> chosen_;
};

}  // namespace

std::vector<ChosenGroup> settle_choice(const std::vector<RowKind>& kinds,
                                       const std::vector<const SubsetGroup*>& shapes,
                                       Packing packing, Packed rest, std::int64_t& fuel) {
  return Choice(kinds, shapes, std::move(packing), std::move(rest), fuel).run();
}

}  // namespace tallymill::books
