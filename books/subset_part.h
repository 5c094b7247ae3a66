#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "books/packing.h"
#include "books/subset_choice.h"

namespace tallymill::books {

inline constexpr std::int64_t kMostSolutions = 100;

/// Groups that have to do with each other, because they want the same rows. The best choice has as
/// many groups of two rows that add up as can be, of those as many of three, and so on; of equals
/// the least drift; of equals the first groups (settle_choice).
class SubsetPart {
 public:
  using Indices = std::vector<std::uint32_t>;
  using Counts = std::map<std::uint32_t, std::int64_t>;  ///< of groups, by size

  /// `ids`: which of `groups` they are.
  SubsetPart(const std::vector<RowKind>& kinds, const std::vector<SubsetGroup>& groups,
             Indices ids);

  /// Finds how many groups of each size there can be, given the most of all sizes but the largest.
  /// False where `fuel` does not suffice; then nothing else may be asked.
  bool count(const Counts& smaller, std::int64_t fuel);
  const Counts& counts() const { return counts_; }

  /// Groups that are in a choice with these counts, and perhaps some that are in none.
  Indices groups() const;
  /// Kinds of which every choice with these counts takes all rows. Where `fuel` ends some are left
  /// out.
  Indices used_up(std::int64_t fuel);

  /// The best choice. None where `fuel` does not suffice to find it, or to see which of its groups
  /// are in every choice with these counts: those have no alternatives. Of the others they are the
  /// groups that the target could be in else, and one more if it could be in none, counted up to
  /// kMostSolutions and as far as `fuel` goes, at least one.
  std::optional<std::vector<ChosenGroup>> choose(std::int64_t fuel);

  const SubsetGroup& group(std::uint32_t shape) const { return groups_[ids_[shape]]; }

 private:
  Packing packing(Int128 drift_unit) const;
  std::optional<std::vector<ChosenGroup>> least_drift(std::int64_t fuel) const;
  std::span<const Packed> hints() const;
  void note(Packed packed);
  std::optional<bool> must_be(std::uint32_t shape, std::int64_t& fuel);
  bool can_be(std::uint32_t shape, std::int64_t& fuel);
  bool can_be_no_target(std::uint32_t kind, std::int64_t& fuel) const;
  std::int64_t ways(std::uint32_t shape) const;
  void count_alternatives(std::vector<ChosenGroup>& chosen, std::int64_t fuel);

  const std::vector<RowKind>& kinds_;
  const std::vector<SubsetGroup>& groups_;
  Indices ids_;                              ///< shapes of packings, in order
  Indices used_;                             ///< kinds of packings, in order
  std::map<std::uint32_t, Int128> weights_;  ///< of a group, by size; empty: too large
  Int128 drift_unit_ = 1;                    ///< more than all drift of a choice; 0: too large
  std::optional<Packing> packing_;           ///< scores are weights
  Counts counts_;
  Int128 most_ = 0;            ///< what they score
  std::vector<Packed> known_;  ///< choices with these counts
  std::vector<bool> can_be_;   ///< shapes that are in one of them
};

}  // namespace tallymill::books
