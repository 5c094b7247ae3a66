#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "books/packing.h"
#include "core/money.h"

namespace tallymill::books {

/// Rows of one side that are alike in all that subset sums look at.
struct RowKind {
  bool is_left = false;
  Int128 amount = 0;
  std::optional<std::int32_t> day = {};  ///< where the stage asks for days
  std::vector<std::uint32_t> rows = {};  ///< ascending
};

/// A row of one kind and rows of the other side that add up to it.
struct SubsetGroup {
  std::uint32_t target = 0;  ///< kind
  std::uint32_t size = 0;    ///< rows that add up
  Int128 drift = 0;          ///< how far their sum is off
  std::vector<Use> members = {};
};

/// A group with its rows.
struct ChosenGroup {
  std::uint32_t shape = 0;
  std::uint32_t target = 0;
  std::vector<std::uint32_t> members = {};  ///< ascending
  std::int64_t alternatives = 0;
};

/// Of choices that score the same takes the one that has the first groups: by target (largest
/// amounts first, left before right, then rows), size and members.
///
/// `shapes` are the groups of `packing` in its order, `rest` is a choice that scores the most.
/// Where `fuel` ends what is left of that is taken as it is.
std::vector<ChosenGroup> settle_choice(const std::vector<RowKind>& kinds,
                                       const std::vector<const SubsetGroup*>& shapes,
                                       Packing packing, Packed rest, std::int64_t& fuel);

/// How targets come one after the other: less is earlier.
struct TargetOrder {
  Int128 amount = 0;  ///< its size, negative
  bool is_right = false;
  std::uint32_t row = 0;

  TargetOrder(Int128 of, bool is_left, std::uint32_t at)
      : amount(of < 0 ? of : -of), is_right(!is_left), row(at) {}
  friend auto operator<=>(const TargetOrder&, const TargetOrder&) = default;
};

}  // namespace tallymill::books
