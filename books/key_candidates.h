#pragma once

#include <cstdint>
#include <string>

#include "books/matching.h"

namespace tallymill::books {

/// More one-sided breaks than this have no candidates: whoever has a million of them looks for a
/// wrong key, not for a wrong row.
inline constexpr std::int64_t kMostCandidates = 1'000'000;

/// `breaks` (Matching::breaks()) with nearest_candidate, and with failed_predicate and distance
/// also where a break stands on one side: which row of the other side that is alone as well comes
/// nearest, what of the key or the amount failed, and by how much. A duplicate's candidate is its
/// own key.
std::string with_candidates(Engine& engine, const MatchPlan& plan, const std::string& breaks);

}  // namespace tallymill::books
