#pragma once

#include <string>

#include "books/alone_rows.h"
#include "books/matching.h"
#include "books/system_matching.h"

namespace tallymill::books {

/// `breaks` (Matching::breaks()) with nearest_candidate, and with failed_predicate and distance
/// also where a break stands on one side: which row of the other side that is alone as well comes
/// nearest, what of the key or the amount failed, and by how much. A duplicate's candidate is its
/// own key.
std::string with_candidates(Engine& engine, const MatchPlan& plan, const std::string& breaks);

/// `breaks` (SystemMatching::breaks()) with nearest_candidate: of a key that some systems lack the
/// nearest one that none of those which have it knows, and which systems do; candidate_failed, what
/// of key and amount is another, and candidate_distance, by how much.
std::string with_candidates(Engine& engine, const SystemPlan& plan, const std::string& breaks);

}  // namespace tallymill::books
