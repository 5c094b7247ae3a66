#include "books/packing_search.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "books/packing_prices.h"

namespace tallymill::books {
namespace {

/// Prices are counted in these parts of a score.
constexpr std::int64_t kParts = 1 << 16;

}  // namespace

PackingSearch::PackingSearch(const std::vector<Shape>& shapes, Start start, std::int64_t& fuel)
    : shapes_(shapes),
      room_(shapes, std::move(start.rows)),
      caps_(std::move(start.caps)),
      fuel_(fuel),
      price_(std::move(start.prices)),
      cap_price_(caps_.size()),
      gain_(shapes.size()),
      share_(shapes.size()),
      mark_(price_.size()) {}

std::optional<Int128> PackingSearch::best(Shapes alive, Int128 need, Shapes& taken, bool is_any) {
  Int128 gained = 0;
  Shapes found;
  std::vector<Shapes> parts;
  while (true) {
    room_.limit(alive, fuel_);
    if (fuel_ < 0) return std::nullopt;
    // What is taken here has enough of everything, whatever the others take.
    std::erase_if(alive, [&](std::uint32_t shape) {
      if (room_.wants_short_kind(shape)) return false;
      gained += shapes_[shape].score * room_.groups(shape);
      found.insert(found.end(), room_.groups(shape), shape);
      return true;
    });
    parts = room_.split(alive);
    bool has_dropped = false;
    for (Shapes& part : parts) has_dropped |= room_.drop_dominated(part, fuel_);
    if (fuel_ < 0) return std::nullopt;
    if (!has_dropped) break;
    alive.clear();
    for (const Shapes& part : parts) alive.insert(alive.end(), part.begin(), part.end());
    std::ranges::sort(alive);
  }
  for (const std::uint32_t shape : found) --caps_[shapes_[shape].level];
  const Shapes free = found;
  const auto more = best_of_parts(std::move(parts), need - gained, found, is_any);
  for (const std::uint32_t shape : free) ++caps_[shapes_[shape].level];
  if (!more) return std::nullopt;
  taken.insert(taken.end(), found.begin(), found.end());
  return gained + *more;
}

/// Of parts that share no kind which may run short.
std::optional<Int128> PackingSearch::best_of_parts(std::vector<Shapes> parts, Int128 need,
                                                   Shapes& taken, bool is_any) {
  if (std::ranges::any_of(caps_, [](std::int64_t groups) { return groups < 0; }))
    return std::nullopt;
  // How much of a cap each of several parts takes is not known.
  const bool is_capped = parts.size() == 1;
  Int128 open = 0;
  // The prices of before are often enough to see that there is no way.
  for (const Shapes& part : parts) open += bound_by_prices(part, is_capped);
  if (open < need) return std::nullopt;
  open = 0;
  std::vector<Int128> bounds;
  for (const Shapes& part : parts) {
    bounds.push_back(bound_of_part(part, is_capped));
    open += bounds.back();
  }
  std::vector<std::uint32_t> order(parts.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, {}, [&](std::uint32_t part) { return parts[part].size(); });
  Int128 gained = 0;
  for (const std::uint32_t part : order) {
    if (fuel_ < 0 || open < need) return std::nullopt;
    // The others rely on it to be the best, on the last one nobody does.
    const auto score =
        best_of_part(std::move(parts[part]), bounds[part], need - (open - bounds[part]), taken,
                     is_any && part == order.back());
    if (!score) return std::nullopt;
    open += *score - bounds[part];
    gained += *score;
  }
  return gained;
}

std::optional<Int128> PackingSearch::best_of_part(Shapes part, Int128 bound, Int128 need,
                                                  Shapes& taken, bool is_any) {
  if (part.size() == 1) {
    taken.insert(taken.end(), room_.groups(part[0]), part[0]);
    return bound;
  }
  if (const auto score = round_shares(part, is_any ? need : bound, taken)) return score;
  // With a shape that loses more than there is to lose no choice is good enough.
  const Int128 spare = (bound + 1 - need) * kParts;
  std::erase_if(part, [&](std::uint32_t shape) { return gain_[shape] + spare <= 0; });
  if (!part.empty()) return branch(std::move(part), bound, need, taken, is_any);
  return need <= 0 ? std::optional<Int128>(0) : std::nullopt;
}

/// Tries the groups of one kind, each without those before, and then none of them.
std::optional<Int128> PackingSearch::branch(Shapes part, Int128 bound, Int128 need, Shapes& taken,
                                            bool is_any) {
  std::optional<Int128> most;
  Shapes chosen;
  const auto keep = [&](std::optional<Int128> score, Shapes shapes) {
    if (!score || fuel_ < 0) return;
    most = score;
    need = *score + 1;
    chosen = std::move(shapes);
  };
  for (const std::uint32_t shape : to_branch(part)) {
    const Int128 score = shapes_[shape].score;
    Shapes with{shape};
    room_.take(shape);
    --caps_[shapes_[shape].level];
    auto rest = best(part, need - score, with, is_any);
    ++caps_[shapes_[shape].level];
    room_.give_back(shape);
    if (rest) *rest += score;
    keep(rest, std::move(with));
    if (fuel_ < 0 || (most && (is_any || *most == bound))) break;
    std::erase(part, shape);
  }
  if (fuel_ >= 0 && !(most && (is_any || *most == bound))) {
    Shapes without;
    const auto rest = best(std::move(part), need, without, is_any);
    keep(rest, std::move(without));
  }
  if (fuel_ < 0 || !most) return std::nullopt;
  taken.insert(taken.end(), chosen.begin(), chosen.end());
  return most;
}

/// The shapes of the kind that has the fewest, if one can of which a share is no whole number:
/// largest shares first.
PackingSearch::Shapes PackingSearch::to_branch(const Shapes& part) {
  room_.index(part);
  const Use* fewest = nullptr;
  bool is_cut = false;
  for (const std::uint32_t shape : part) {
    const bool cut = std::abs(share_[shape] - std::round(share_[shape])) > 0.01;
    if (is_cut && !cut) continue;
    for (const Use& use : shapes_[shape].uses) {
      const std::size_t users = room_.users(use.kind).size();
      if (users == 0) continue;
      if (fewest != nullptr && cut == is_cut && users >= room_.users(fewest->kind).size()) continue;
      fewest = &use;
      is_cut = cut;
    }
  }
  Shapes shapes = room_.users(fewest->kind);
  std::ranges::stable_sort(shapes, std::greater<>(),
                           [&](std::uint32_t shape) { return share_[shape]; });
  return shapes;
}

/// Takes shapes in order of their shares, if that comes to `need`.
std::optional<Int128> PackingSearch::round_shares(const Shapes& part, Int128 need, Shapes& taken) {
  fuel_ -= static_cast<std::int64_t>(part.size());
  Shapes order = part;
  std::ranges::stable_sort(order, std::greater<>(),
                           [&](std::uint32_t shape) { return share_[shape]; });
  Shapes found;
  Int128 score = 0;
  for (const std::uint32_t shape : order)
    while (room_.fits(shape)) {
      room_.take(shape);
      found.push_back(shape);
      score += shapes_[shape].score;
    }
  for (const std::uint32_t shape : found) room_.give_back(shape);
  if (score < need || fuel_ < 0) return std::nullopt;
  taken.insert(taken.end(), found.begin(), found.end());
  return score;
}

/// Leaves out shapes that have enough of everything; they gain what they score.
PackingSearch::Shapes PackingSearch::without_free(Shapes alive, Int128& gained) {
  room_.limit(alive, fuel_);
  std::erase_if(alive, [&](std::uint32_t shape) {
    if (room_.wants_short_kind(shape)) return false;
    gained += shapes_[shape].score * room_.groups(shape);
    std::int64_t& cap = caps_[shapes_[shape].level];
    cap = std::max<std::int64_t>(0, cap - room_.groups(shape));
    return true;
  });
  return alive;
}

Int128 PackingSearch::bound(Shapes alive) {
  Int128 gained = 0;
  const Shapes part = without_free(std::move(alive), gained);
  return part.empty() || fuel_ < 0 ? gained : gained + bound_of_part(part, true);
}

PackingSearch::Shapes PackingSearch::hopeless(Shapes alive, Int128 need) {
  Int128 gained = 0;
  const Shapes part = without_free(std::move(alive), gained);
  Shapes found;
  if (part.size() < 2 || fuel_ < 0) return found;
  const Int128 spare = (gained + bound_of_part(part, true) + 1 - need) * kParts;
  for (const std::uint32_t shape : part)
    if (fuel_ >= 0 && gain_[shape] + spare <= 0) found.push_back(shape);
  return found;
}

Int128 PackingSearch::bound_of_part(const Shapes& part, bool is_capped) {
  if (part.size() > 1) find_prices(part, is_capped);
  return fuel_ < 0 ? 0 : bound_by_prices(part, is_capped);
}

/// The prices by which the bound is least, as far as doubles tell; and shares.
void PackingSearch::find_prices(const Shapes& part, bool is_capped) {
  std::vector<double> rows;
  std::vector<std::uint32_t> kinds;
  for (const std::uint32_t shape : part)
    for (const Use& use : shapes_[shape].uses) {
      if (!room_.is_short(use.kind) || mark_[use.kind] != 0) continue;
      rows.push_back(room_.rows(use.kind));
      kinds.push_back(use.kind);
      mark_[use.kind] = static_cast<std::uint32_t>(kinds.size());
    }
  const auto first_cap = static_cast<std::uint32_t>(rows.size());
  if (is_capped)
    for (const std::int64_t groups : caps_) rows.push_back(static_cast<double>(groups));
  // A kind that only this shape wants may say how many groups there can be.
  auto next_limit = static_cast<std::uint32_t>(rows.size());
  for (const std::uint32_t shape : part)
    if (!room_.is_limited_by_short_kinds(shape)) rows.push_back(room_.groups(shape));
  PackingPrices prices(rows);
  const auto unit = static_cast<double>(shapes_[part[0]].score);
  std::vector<PackingPrices::Entry> entries;
  for (const std::uint32_t shape : part) {
    entries.clear();
    for (const Use& use : shapes_[shape].uses)
      if (room_.is_short(use.kind))
        entries.push_back({mark_[use.kind] - 1, static_cast<double>(use.count)});
    const std::uint32_t level = shapes_[shape].level;
    if (is_capped && has_cap(level)) entries.push_back({first_cap + level, 1});
    if (!room_.is_limited_by_short_kinds(shape)) entries.push_back({next_limit++, 1});
    prices.add_shape(static_cast<double>(shapes_[shape].score) / unit, entries);
  }
  for (const std::uint32_t kind : kinds) mark_[kind] = 0;
  prices.solve(fuel_);
  if (fuel_ < 0) return;
  const auto price_of = [&](std::size_t row) {
    return static_cast<Int128>(std::round(prices.price(row) * unit * kParts));
  };
  for (std::size_t i = 0; i < kinds.size(); ++i) price_[kinds[i]] = price_of(i);
  for (std::size_t level = 0; is_capped && level < caps_.size(); ++level)
    cap_price_[level] = has_cap(level) ? price_of(first_cap + level) : 0;
  for (std::size_t i = 0; i < part.size(); ++i) share_[part[i]] = prices.groups(i);
}

/// No choice from `part` scores more, whatever the prices are. Leaves gains.
Int128 PackingSearch::bound_by_prices(const Shapes& part, bool is_capped) {
  fuel_ -= static_cast<std::int64_t>(part.size());
  if (part.size() == 1) return shapes_[part[0]].score * room_.groups(part[0]);
  Int128 total = 0;
  for (std::size_t level = 0; is_capped && level < caps_.size(); ++level)
    if (has_cap(level)) total += cap_price_[level] * caps_[level];
  for (const std::uint32_t shape : part) {
    gain_[shape] = shapes_[shape].score * kParts;
    if (is_capped && has_cap(shapes_[shape].level))
      gain_[shape] -= cap_price_[shapes_[shape].level];
    for (const Use& use : shapes_[shape].uses) {
      if (!room_.is_short(use.kind)) continue;
      gain_[shape] -= price_[use.kind] * use.count;
      if (mark_[use.kind] == 0) total += price_[use.kind] * room_.rows(use.kind);
      mark_[use.kind] = 1;
    }
    total += std::max<Int128>(gain_[shape], 0) * room_.groups(shape);
  }
  for (const std::uint32_t shape : part)
    for (const Use& use : shapes_[shape].uses) mark_[use.kind] = 0;
  return total / kParts;
}

}  // namespace tallymill::books
