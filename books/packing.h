#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "core/money.h"

namespace tallymill::books {

/// So many rows of a kind.
struct Use {
  std::uint32_t kind = 0;
  std::uint32_t count = 0;
};

/// What a group may look like: how many rows of which kinds it takes, and what it is worth.
struct Shape {
  std::vector<Use> uses;  ///< each kind once, counts of at least 1
  Int128 score = 0;       ///< more than 0; all that fit together are less than 2^100
  std::uint32_t level = 0;
};

/// A choice of groups.
struct Packed {
  Int128 score = 0;
  std::vector<std::uint32_t> taken = {};  ///< shapes, one entry a group
};

/// Takes groups of given shapes so that their scores add up to the most, and no kind gives more
/// rows than it has. Where every kind has one row this is weighted set packing; rows that are alike
/// stay one kind, so that nobody tries what comes of exchanging them.
///
/// Exact: branch, bound and reduce (PackingSearch). Searches have fuel, about a step for each shape
/// that is looked at; where it is negative afterwards nothing is known.
class Packing {
 public:
  Packing(std::vector<Shape> shapes, std::vector<std::uint32_t> rows_of_kinds);

  /// The best choice, if it scores at least `need`.
  std::optional<Packed> best(Int128 need, std::int64_t& fuel);
  /// The same, from the highest score that may be down to `least`, for scores that are few.
  std::optional<Packed> best_down(Int128 least, std::int64_t& fuel);
  /// Some choice that scores at least `need`. `hints` are choices that might nearly do.
  std::optional<Packed> reach(Int128 need, std::int64_t& fuel, std::span<const Packed> hints = {});
  /// One that has `shape`.
  std::optional<Packed> reach_with(std::uint32_t shape, Int128 need, std::int64_t& fuel,
                                   std::span<const Packed> hints);
  /// One that has not.
  std::optional<Packed> reach_without(std::uint32_t shape, Int128 need, std::int64_t& fuel,
                                      std::span<const Packed> hints);

  /// The same with a further kind, of which the shapes that `wants` names take one row each.
  Packing with_kind(const std::function<bool(std::uint32_t)>& wants, std::uint32_t rows) const;

  /// For sure no choice that is looked for has more groups of this level. Helps to bound.
  void cap(std::uint32_t level, std::int64_t groups);
  /// Forgets shapes that are seen to be in no choice that scores at least `need`. From then on no
  /// less may be looked for.
  void forget_below(Int128 need, std::int64_t& fuel);
  bool has_forgotten(std::uint32_t shape) const { return is_forgotten_[place_[shape]]; }

  bool fits(std::uint32_t shape) const;
  /// Takes the rows of a group for good.
  void take(std::uint32_t shape);
  const std::vector<Use>& uses(std::uint32_t shape) const { return sorted_[place_[shape]].uses; }
  Int128 score(std::uint32_t shape) const { return sorted_[place_[shape]].score; }
  /// Rows each kind has; may be made fewer between searches.
  std::vector<std::uint32_t>& rows() { return rows_; }

 private:
  std::vector<std::uint32_t> remembered() const;
  void give_back(std::uint32_t shape);
  std::vector<std::uint32_t> filling(std::int64_t& fuel);
  std::optional<Packed> mend(const Packed& hint, Int128 need, std::int64_t& fuel);
  std::optional<Packed> search(Int128 need, bool is_any, std::int64_t& fuel);

  std::vector<Shape> sorted_;  ///< by falling score
  std::vector<std::uint32_t> rows_;
  std::vector<std::int64_t> caps_;    ///< by level
  std::vector<Int128> prices_;        ///< of kinds, where searches begin
  std::vector<bool> is_forgotten_;    ///< as sorted
  std::vector<std::uint32_t> order_;  ///< where sorted ones stood
  std::vector<std::uint32_t> place_;  ///< where they are sorted
};

}  // namespace tallymill::books
