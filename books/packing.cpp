#include "books/packing.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "books/packing_search.h"

namespace tallymill::books {

Packing::Packing(std::vector<Shape> shapes, std::vector<std::uint32_t> rows_of_kinds)
    : rows_(std::move(rows_of_kinds)),
      prices_(rows_.size()),
      is_forgotten_(shapes.size()),
      order_(shapes.size()),
      place_(shapes.size()) {
  std::iota(order_.begin(), order_.end(), 0U);
  std::ranges::stable_sort(order_, std::greater<>(),
                           [&](std::uint32_t shape) { return shapes[shape].score; });
  for (const std::uint32_t shape : order_) {
    place_[shape] = static_cast<std::uint32_t>(sorted_.size());
    if (shapes[shape].level >= caps_.size()) caps_.resize(shapes[shape].level + 1, kNoCap);
    sorted_.push_back(std::move(shapes[shape]));
  }
}

std::vector<std::uint32_t> Packing::remembered() const {
  std::vector<std::uint32_t> shapes;
  for (std::uint32_t shape = 0; shape < sorted_.size(); ++shape)
    if (!is_forgotten_[shape]) shapes.push_back(shape);
  return shapes;
}

void Packing::cap(std::uint32_t level, std::int64_t groups) {
  if (level < caps_.size()) caps_[level] = groups;
}

void Packing::forget_below(Int128 need, std::int64_t& fuel) {
  PackingSearch search(sorted_, {rows_, caps_, prices_}, fuel);
  for (const std::uint32_t shape : search.hopeless(remembered(), need)) is_forgotten_[shape] = true;
  prices_ = search.prices();
}

std::optional<Packed> Packing::search(Int128 need, bool is_any, std::int64_t& fuel) {
  Packed packed;
  PackingSearch search(sorted_, {rows_, caps_, prices_}, fuel);
  const auto score = search.best(remembered(), need, packed.taken, is_any);
  if (!score || fuel < 0) return std::nullopt;
  packed.score = *score;
  for (std::uint32_t& shape : packed.taken) shape = order_[shape];
  return packed;
}

std::optional<Packed> Packing::best(Int128 need, std::int64_t& fuel) {
  return search(need, false, fuel);
}

std::optional<Packed> Packing::best_down(Int128 least, std::int64_t& fuel) {
  Int128 need = PackingSearch(sorted_, {rows_, caps_, prices_}, fuel).bound(remembered());
  for (; need >= least && fuel >= 0; --need)
    if (auto found = reach(need, fuel)) return found;
  return std::nullopt;
}

std::optional<Packed> Packing::reach(Int128 need, std::int64_t& fuel,
                                     std::span<const Packed> hints) {
  for (const Packed& hint : hints)
    if (auto mended = mend(hint, need, fuel)) return mended;
  return fuel < 0 ? std::nullopt : search(need, true, fuel);
}

/// What of the hint still fits, filled up with what fits beside it. Where that does not come to
/// `need`, one group after the other gives way to others that score more.
std::optional<Packed> Packing::mend(const Packed& hint, Int128 need, std::int64_t& fuel) {
  Packed kept;
  const auto keep = [&](std::uint32_t shape) {
    if (has_forgotten(shape) || !fits(shape)) return;
    take(shape);
    kept.taken.push_back(shape);
    kept.score += score(shape);
  };
  std::ranges::for_each(hint.taken, keep);
  std::ranges::for_each(filling(fuel), keep);
  for (std::size_t i = 0; i < kept.taken.size() && kept.score < need && fuel >= 0; ++i) {
    const std::uint32_t out = kept.taken[i];
    give_back(out);
    is_forgotten_[place_[out]] = true;
    const std::vector<std::uint32_t> others = filling(fuel);
    is_forgotten_[place_[out]] = false;
    Int128 more = 0;
    for (const std::uint32_t shape : others) more += score(shape);
    if (more <= score(out)) {
      take(out);
      continue;
    }
    kept.taken.erase(kept.taken.begin() + static_cast<std::ptrdiff_t>(i--));
    kept.score -= score(out);
    std::ranges::for_each(others, keep);
  }
  std::ranges::for_each(kept.taken, [&](std::uint32_t shape) { give_back(shape); });
  return kept.score < need ? std::nullopt : std::optional(std::move(kept));
}

/// Shapes that fit one beside the other, largest scores first. Takes no rows.
std::vector<std::uint32_t> Packing::filling(std::int64_t& fuel) {
  std::vector<std::uint32_t> shapes;
  fuel -= static_cast<std::int64_t>(sorted_.size()) / 4;
  for (const std::uint32_t shape : order_)
    while (!has_forgotten(shape) && fits(shape)) {
      take(shape);
      shapes.push_back(shape);
    }
  for (const std::uint32_t shape : shapes) give_back(shape);
  return shapes;
}

std::optional<Packed> Packing::reach_with(std::uint32_t shape, Int128 need, std::int64_t& fuel,
                                          std::span<const Packed> hints) {
  if (!fits(shape)) return std::nullopt;
  take(shape);
  auto packed = reach(need - score(shape), fuel, hints);
  give_back(shape);
  if (!packed) return std::nullopt;
  packed->score += score(shape);
  packed->taken.push_back(shape);
  return packed;
}

std::optional<Packed> Packing::reach_without(std::uint32_t shape, Int128 need, std::int64_t& fuel,
                                             std::span<const Packed> hints) {
  const bool was_forgotten = has_forgotten(shape);
  is_forgotten_[place_[shape]] = true;
  auto packed = reach(need, fuel, hints);
  is_forgotten_[place_[shape]] = was_forgotten;
  return packed;
}

Packing Packing::with_kind(const std::function<bool(std::uint32_t)>& wants,
                           std::uint32_t rows) const {
  Packing more = *this;
  const auto kind = static_cast<std::uint32_t>(rows_.size());
  more.rows_.push_back(rows);
  more.prices_.push_back(0);
  for (std::uint32_t shape = 0; shape < place_.size(); ++shape)
    if (wants(shape)) more.sorted_[place_[shape]].uses.push_back({kind, 1});
  return more;
}

bool Packing::fits(std::uint32_t shape) const {
  return std::ranges::all_of(uses(shape),
                             [&](const Use& use) { return rows_[use.kind] >= use.count; });
}

void Packing::take(std::uint32_t shape) {
  for (const Use& use : uses(shape)) rows_[use.kind] -= use.count;
}

void Packing::give_back(std::uint32_t shape) {
  for (const Use& use : uses(shape)) rows_[use.kind] += use.count;
}

}  // namespace tallymill::books
