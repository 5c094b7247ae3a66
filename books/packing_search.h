#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "books/packing_room.h"

namespace tallymill::books {

/// One search for a packing: branch, bound and reduce.
///
/// At each step shapes that want only kinds of which there is enough are taken, a shape is dropped
/// for one that takes no more and scores no less, and what then shares no kind is solved apart.
/// Prices of kinds bound what a part can score: all its rows at their prices, and what shapes score
/// beyond the prices of their rows. That holds for any prices, so it is reckoned in integers,
/// though the prices come from a linear program in doubles (PackingPrices). Shapes that lose more
/// by them than may be lost are dropped; then the groups of one kind are tried one by one.
class PackingSearch {
 public:
  struct Start {
    std::vector<std::uint32_t> rows;
    std::vector<std::int64_t> caps;
    std::vector<Int128> prices;
  };
  PackingSearch(const std::vector<Shape>& shapes, Start start, std::int64_t& fuel);

  using Shapes = PackingRoom::Shapes;

  /// The best choice of `alive`, or with `is_any` any that will do, if it scores at least `need`.
  /// Appends to `taken` on success.
  std::optional<Int128> best(Shapes alive, Int128 need, Shapes& taken, bool is_any);

  /// No choice scores more.
  Int128 bound(Shapes alive);
  /// Shapes that are in no choice which scores at least `need`, as far as prices tell.
  Shapes hopeless(Shapes alive, Int128 need);

  const std::vector<Int128>& prices() const { return price_; }

 private:
  std::optional<Int128> best_of_parts(std::vector<Shapes> parts, Int128 need, Shapes& taken,
                                      bool is_any);
  std::optional<Int128> best_of_part(Shapes part, Int128 bound, Int128 need, Shapes& taken,
                                     bool is_any);
  std::optional<Int128> branch(Shapes part, Int128 bound, Int128 need, Shapes& taken, bool is_any);
  std::optional<Int128> round_shares(const Shapes& part, Int128 need, Shapes& taken);
  Shapes to_branch(const Shapes& part);

  Shapes without_free(Shapes alive, Int128& gained);
  void find_prices(const Shapes& part, bool is_capped);
  Int128 bound_by_prices(const Shapes& part, bool is_capped);
  Int128 bound_of_part(const Shapes& part, bool is_capped);
  bool has_cap(std::size_t level) const { return caps_[level] < kNoCap / 2; }

  const std::vector<Shape>& shapes_;
  PackingRoom room_;
  std::vector<std::int64_t> caps_;  ///< by level: groups that there may still be
  std::int64_t& fuel_;
  std::vector<Int128> price_;      ///< of a row, by kind, in parts of a score
  std::vector<Int128> cap_price_;  ///< of a group, by level
  std::vector<Int128> gain_;       ///< by shape: its score beyond the price of its rows
  std::vector<double> share_;      ///< by shape: groups, if groups could be cut up
  std::vector<std::uint32_t> mark_;
};

}  // namespace tallymill::books
