#pragma once

#include <cstdint>
#include <vector>

#include "books/packing.h"

namespace tallymill::books {

/// More groups than rows can make; far from the end of the type.
inline constexpr std::int64_t kNoCap = std::int64_t{1} << 40;

/// The rows that a search for a packing has left at a moment, and which of some shapes still keep
/// each other from rows. Shapes are numbers, in order of falling scores.
class PackingRoom {
 public:
  using Shapes = std::vector<std::uint32_t>;

  PackingRoom(const std::vector<Shape>& shapes, std::vector<std::uint32_t> rows);

  void take(std::uint32_t shape);
  void give_back(std::uint32_t shape);
  bool fits(std::uint32_t shape) const;
  std::uint32_t rows(std::uint32_t kind) const { return rows_[kind]; }
  /// How many groups of a shape fit, as of limit(); 0: dropped.
  std::uint32_t groups(std::uint32_t shape) const { return groups_[shape]; }

  /// Drops shapes that no longer fit, and asks what all others would like: a kind of which there is
  /// less may run short.
  void limit(Shapes& alive, std::int64_t& fuel);
  bool is_short(std::uint32_t kind) const { return wanted_[kind] > rows_[kind]; }
  bool wants_short_kind(std::uint32_t shape) const;
  /// Else a kind that may not run short says how many groups there can be.
  bool is_limited_by_short_kinds(std::uint32_t shape) const;

  /// Shapes that share kinds which may run short, each part in order.
  std::vector<Shapes> split(const Shapes& alive);
  /// Drops shapes for which another one of the part can always stand in: it takes no more of any
  /// kind that may run short and scores no less. False where there are none.
  bool drop_dominated(Shapes& part, std::int64_t& fuel);

  /// Remembers for users() which shapes of a part want which kinds.
  void index(const Shapes& part);
  const Shapes& users(std::uint32_t kind) const { return users_[kind]; }

 private:
  void drop_dominated_by(std::uint32_t shape, std::int64_t& fuel);

  const std::vector<Shape>& shapes_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::uint32_t> groups_;
  std::vector<std::uint64_t> wanted_;  ///< rows, by kind
  std::vector<Shapes> users_;
  std::vector<std::uint32_t> count_;  ///< by kind, of the shape that others are held against
};

}  // namespace tallymill::books
