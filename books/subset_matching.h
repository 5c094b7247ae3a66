#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "books/cascade.h"

namespace tallymill::books {

/// What a subset_sum stage does with rows of a block.
struct SubsetMatches {
  std::vector<CascadeGroup> groups;         ///< by target, largest amounts first
  std::vector<std::uint32_t> left_cut_off;  ///< rows whose search ran out of fuel
  std::vector<std::uint32_t> right_cut_off;
};

/// Matches rows of either side with two to `stage.at_most` rows of the other one that add up to
/// them. What is matched is the best choice of all groups there are (SubsetPart), not the best
/// group of one row after the other.
///
/// Sizes are searched through one after the other, and groups that share no rows are apart. Where
/// the fuel of a search ends, the groups that may have to do with each other are decided by the
/// sizes before, exactly as with a smaller `at_most`; rows whose larger groups stay unknown are cut
/// off. docs/adr/0045 proves what is left out on the way.
SubsetMatches match_subsets(const CascadeBlock& block, const CascadeStage& stage,
                            std::span<const std::uint32_t> left,
                            std::span<const std::uint32_t> right);

}  // namespace tallymill::books
