#include "books/packing_room.h"

#include <algorithm>

namespace tallymill::books {

PackingRoom::PackingRoom(const std::vector<Shape>& shapes, std::vector<std::uint32_t> rows)
    : shapes_(shapes),
      rows_(std::move(rows)),
      groups_(shapes.size()),
      wanted_(rows_.size()),
      users_(rows_.size()),
      count_(rows_.size()) {}

void PackingRoom::take(std::uint32_t shape) {
  for (const Use& use : shapes_[shape].uses) rows_[use.kind] -= use.count;
}

void PackingRoom::give_back(std::uint32_t shape) {
  for (const Use& use : shapes_[shape].uses) rows_[use.kind] += use.count;
}

bool PackingRoom::fits(std::uint32_t shape) const {
  return std::ranges::all_of(shapes_[shape].uses,
                             [&](const Use& use) { return rows_[use.kind] >= use.count; });
}

void PackingRoom::limit(Shapes& alive, std::int64_t& fuel) {
  fuel -= static_cast<std::int64_t>(alive.size());
  for (const std::uint32_t shape : alive)
    for (const Use& use : shapes_[shape].uses) wanted_[use.kind] = 0;
  std::erase_if(alive, [&](std::uint32_t shape) {
    std::uint32_t most = UINT32_MAX;
    for (const Use& use : shapes_[shape].uses) most = std::min(most, rows_[use.kind] / use.count);
    groups_[shape] = most;
    for (const Use& use : shapes_[shape].uses) wanted_[use.kind] += std::uint64_t{most} * use.count;
    return most == 0;
  });
}

bool PackingRoom::wants_short_kind(std::uint32_t shape) const {
  return std::ranges::any_of(shapes_[shape].uses,
                             [&](const Use& use) { return is_short(use.kind); });
}

bool PackingRoom::is_limited_by_short_kinds(std::uint32_t shape) const {
  return std::ranges::any_of(shapes_[shape].uses, [&](const Use& use) {
    return is_short(use.kind) && rows_[use.kind] / use.count == groups_[shape];
  });
}

std::vector<PackingRoom::Shapes> PackingRoom::split(const Shapes& alive) {
  index(alive);
  std::vector<bool> seen(shapes_.size());
  std::vector<Shapes> parts;
  for (const std::uint32_t first : alive) {
    if (seen[first]) continue;
    Shapes part{first};
    seen[first] = true;
    for (std::size_t next = 0; next < part.size(); ++next)
      for (const Use& use : shapes_[part[next]].uses) {
        for (const std::uint32_t other : users_[use.kind]) {
          if (seen[other]) continue;
          seen[other] = true;
          part.push_back(other);
        }
        // Nobody needs to come this way again.
        users_[use.kind].clear();
      }
    std::ranges::sort(part);
    parts.push_back(std::move(part));
  }
  return parts;
}

void PackingRoom::index(const Shapes& part) {
  for (const std::uint32_t shape : part)
    for (const Use& use : shapes_[shape].uses) users_[use.kind].clear();
  for (const std::uint32_t shape : part)
    for (const Use& use : shapes_[shape].uses)
      if (is_short(use.kind)) users_[use.kind].push_back(shape);
}

bool PackingRoom::drop_dominated(Shapes& part, std::int64_t& fuel) {
  if (part.size() < 2) return false;
  index(part);
  const std::size_t before = part.size();
  for (const std::uint32_t shape : part)
    if (fuel >= 0 && groups_[shape] > 0 && is_limited_by_short_kinds(shape))
      drop_dominated_by(shape, fuel);
  std::erase_if(part, [&](std::uint32_t shape) { return groups_[shape] == 0; });
  return part.size() < before;
}

void PackingRoom::drop_dominated_by(std::uint32_t shape, std::int64_t& fuel) {
  std::size_t kinds = 0;
  const Use* rarest = nullptr;
  for (const Use& use : shapes_[shape].uses) {
    if (!is_short(use.kind)) continue;
    ++kinds;
    count_[use.kind] = use.count;
    if (rarest == nullptr || users_[use.kind].size() < users_[rarest->kind].size()) rarest = &use;
  }
  // Whatever it stands in for has all of its kinds: look where the fewest are.
  fuel -= static_cast<std::int64_t>(users_[rarest->kind].size());
  for (const std::uint32_t other : users_[rarest->kind]) {
    if (other == shape || groups_[other] == 0 || shapes_[other].score > shapes_[shape].score)
      continue;
    const auto met = std::ranges::count_if(shapes_[other].uses, [&](const Use& use) {
      return count_[use.kind] != 0 && use.count >= count_[use.kind];
    });
    if (static_cast<std::size_t>(met) == kinds) groups_[other] = 0;
  }
  for (const Use& use : shapes_[shape].uses) count_[use.kind] = 0;
}

}  // namespace tallymill::books
