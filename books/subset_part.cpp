#include "books/subset_part.h"

#include <algorithm>

namespace tallymill::books {
namespace {

/// Scores up to here can be multiplied with parts of a price.
constexpr Int128 kLargestScore = Int128{1} << 88;

}  // namespace

SubsetPart::SubsetPart(const std::vector<RowKind>& kinds, const std::vector<SubsetGroup>& groups,
                       Indices ids)
    : kinds_(kinds), groups_(groups), ids_(std::move(ids)), can_be_(ids_.size()) {
  Int128 drift = 0;
  for (const std::uint32_t id : ids_) {
    used_.push_back(groups_[id].target);
    for (const Use& use : groups_[id].members) used_.push_back(use.kind);
    weights_[groups_[id].size] = 0;
    drift = std::max(drift, groups_[id].drift);
  }
  std::ranges::sort(used_);
  const auto [end, last] = std::ranges::unique(used_);
  used_.erase(end, last);
  Int128 rows = 0;
  for (const std::uint32_t kind : used_) rows += static_cast<Int128>(kinds_[kind].rows.size());
  // One group more of a size outweighs all there can be of larger ones.
  Int128 weight = 1;
  for (auto size = weights_.rbegin(); size != weights_.rend() && weight < kLargestScore; ++size) {
    size->second = weight;
    weight *= rows / (size->first + 1) + 1;
  }
  if (weight >= kLargestScore) weights_.clear();
  drift_unit_ = drift < kLargestScore / rows / weight ? drift * rows + 1 : 0;
}

/// Shapes are the groups in their order, kinds those that are used.
Packing SubsetPart::packing(Int128 drift_unit) const {
  const auto local = [&](std::uint32_t kind) {
    return static_cast<std::uint32_t>(std::ranges::lower_bound(used_, kind) - used_.begin());
  };
  std::vector<Shape> shapes;
  for (const std::uint32_t id : ids_) {
    const SubsetGroup& group = groups_[id];
    Shape shape{.uses = {{local(group.target), 1}},
                .score = weights_.at(group.size) * drift_unit,
                .level = group.size};
    if (drift_unit > 1) shape.score -= group.drift;
    for (const Use& use : group.members) shape.uses.push_back({local(use.kind), use.count});
    shapes.push_back(std::move(shape));
  }
  std::vector<std::uint32_t> rows;
  for (const std::uint32_t kind : used_)
    rows.push_back(static_cast<std::uint32_t>(kinds_[kind].rows.size()));
  return {std::move(shapes), std::move(rows)};
}

bool SubsetPart::count(const Counts& smaller, std::int64_t fuel) {
  if (weights_.empty()) return false;
  packing_.emplace(packing(1));
  Int128 least = 0;
  for (const auto& [size, weight] : weights_) {
    if (size == weights_.rbegin()->first) continue;
    const auto most = smaller.find(size);
    const std::int64_t groups = most == smaller.end() ? 0 : most->second;
    packing_->cap(size, groups);
    least += weight * groups;
  }
  auto found = packing_->best_down(least, fuel);
  if (!found) return false;
  for (const std::uint32_t shape : found->taken) ++counts_[group(shape).size];
  most_ = found->score;
  packing_->forget_below(most_, fuel);
  note(std::move(*found));
  return true;
}

SubsetPart::Indices SubsetPart::groups() const {
  Indices ids;
  for (std::uint32_t shape = 0; shape < ids_.size(); ++shape)
    if (!packing_->has_forgotten(shape)) ids.push_back(ids_[shape]);
  return ids;
}

/// The last ones that are known.
std::span<const Packed> SubsetPart::hints() const {
  constexpr std::size_t kHints = 3;
  return std::span(known_).last(std::min(known_.size(), kHints));
}

void SubsetPart::note(Packed packed) {
  for (const std::uint32_t shape : packed.taken) can_be_[shape] = true;
  known_.push_back(std::move(packed));
}

SubsetPart::Indices SubsetPart::used_up(std::int64_t fuel) {
  std::vector<std::uint32_t>& rows = packing_->rows();
  std::vector<bool> may_be_left(used_.size());
  const auto learn = [&](const Packed& packed) {
    std::vector<std::uint32_t> taken(used_.size());
    for (const std::uint32_t shape : packed.taken)
      for (const Use& use : packing_->uses(shape)) taken[use.kind] += use.count;
    for (std::size_t kind = 0; kind < used_.size(); ++kind)
      if (taken[kind] < rows[kind]) may_be_left[kind] = true;
  };
  learn(known_.front());
  Indices found;
  for (std::uint32_t kind = 0; kind < used_.size() && fuel >= 0; ++kind) {
    if (may_be_left[kind]) continue;
    --rows[kind];
    auto without = packing_->reach(most_, fuel, hints());
    ++rows[kind];
    if (without) {
      learn(*without);
      note(std::move(*without));
    } else if (fuel >= 0) {
      found.push_back(used_[kind]);
    }
  }
  return found;
}

std::optional<std::vector<ChosenGroup>> SubsetPart::choose(std::int64_t fuel) {
  auto chosen = least_drift(fuel);
  if (!chosen) return std::nullopt;
  std::int64_t left = fuel;
  for (ChosenGroup& each : *chosen) {
    const auto is_certain = must_be(each.shape, left);
    if (!is_certain) return std::nullopt;
    each.alternatives = *is_certain ? 0 : 1;
  }
  count_alternatives(*chosen, fuel);
  return chosen;
}

std::optional<std::vector<ChosenGroup>> SubsetPart::least_drift(std::int64_t fuel) const {
  if (drift_unit_ == 0) return std::nullopt;
  std::vector<const SubsetGroup*> shapes;
  for (std::uint32_t shape = 0; shape < ids_.size(); ++shape) shapes.push_back(&group(shape));
  // Where all sums are exact any choice with the counts will do.
  if (drift_unit_ == 1) return settle_choice(kinds_, shapes, *packing_, known_.front(), fuel);
  Packing drifting = packing(drift_unit_);
  for (const auto& [size, weight] : weights_) {
    const auto counted = counts_.find(size);
    drifting.cap(size, counted == counts_.end() ? 0 : counted->second);
  }
  auto best = drifting.best((most_ - 1) * drift_unit_ + 1, fuel);
  if (!best) return std::nullopt;
  drifting.forget_below(best->score, fuel);
  return settle_choice(kinds_, shapes, std::move(drifting), std::move(*best), fuel);
}

/// Whether every choice with these counts has each group of this shape that one has.
std::optional<bool> SubsetPart::must_be(std::uint32_t shape, std::int64_t& fuel) {
  // Rows that are alike can change places.
  if (kinds_[group(shape).target].rows.size() > 1 || ways(shape) > 1) return false;
  const bool is_left_out = std::ranges::any_of(known_, [&](const Packed& packed) {
    return std::ranges::find(packed.taken, shape) == packed.taken.end();
  });
  if (is_left_out) return false;
  auto without = packing_->reach_without(shape, most_, fuel, hints());
  if (fuel < 0) return std::nullopt;
  if (!without) return true;
  note(std::move(*without));
  return false;
}

void SubsetPart::count_alternatives(std::vector<ChosenGroup>& chosen, std::int64_t fuel) {
  std::map<std::uint32_t, std::int64_t> ways_of;  ///< of a target's kind
  for (ChosenGroup& each : chosen) {
    if (each.alternatives == 0) continue;
    const std::uint32_t kind = group(each.shape).target;
    const auto [at, is_new] = ways_of.emplace(kind, 0);
    if (is_new) {
      std::int64_t& all = at->second;
      for (std::uint32_t shape = 0; shape < ids_.size() && all <= kMostSolutions; ++shape)
        if (group(shape).target == kind && can_be(shape, fuel)) all += ways(shape);
      if (all <= kMostSolutions && can_be_no_target(kind, fuel)) ++all;
    }
    each.alternatives = std::clamp(at->second - 1, std::int64_t{1}, kMostSolutions);
  }
}

/// Whether a choice with these counts has a group of this shape; false where fuel ended before.
bool SubsetPart::can_be(std::uint32_t shape, std::int64_t& fuel) {
  if (fuel < 0 || can_be_[shape] || packing_->has_forgotten(shape)) return can_be_[shape];
  auto with = packing_->reach_with(shape, most_, fuel, hints());
  if (with) note(std::move(*with));
  return can_be_[shape];
}

/// Whether in a choice with these counts a row of the kind is no target; false where fuel ended
/// before.
bool SubsetPart::can_be_no_target(std::uint32_t kind, std::int64_t& fuel) const {
  const std::size_t rows = kinds_[kind].rows.size();
  for (const Packed& packed : known_) {
    const auto targets = std::ranges::count_if(
        packed.taken, [&](std::uint32_t shape) { return group(shape).target == kind; });
    if (static_cast<std::size_t>(targets) < rows) return true;
  }
  if (fuel < 0) return false;
  // There is a further kind, of targets of this kind, and of it one less than of rows.
  Packing fewer =
      packing_->with_kind([&](std::uint32_t shape) { return group(shape).target == kind; },
                          static_cast<std::uint32_t>(rows - 1));
  return fewer.reach(most_, fuel).has_value();
}

/// Groups of one target with this shape, counted up to one more than kMostSolutions.
std::int64_t SubsetPart::ways(std::uint32_t shape) const {
  constexpr std::int64_t kMost = kMostSolutions + 1;
  std::int64_t ways = 1;
  for (const Use& use : group(shape).members) {
    const auto rows = static_cast<std::int64_t>(kinds_[use.kind].rows.size());
    const std::int64_t picked = std::min<std::int64_t>(use.count, rows - use.count);
    std::int64_t of_kind = 1;
    for (std::int64_t i = 1; i <= picked && of_kind < kMost; ++i)
      of_kind = of_kind * (rows - picked + i) / i;
    ways = std::min(ways * std::min(of_kind, kMost), kMost);
  }
  return ways;
}

}  // namespace tallymill::books
