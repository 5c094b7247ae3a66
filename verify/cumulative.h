#pragma once

#include <string>
#include <vector>

#include "verify/allocation.h"
#include "verify/proof.h"

namespace tallymill::verify {

/// Number of a part among all parts a pool may have: hashes of its pool, receiver and units add up.
UInt128 part_hash(std::uint32_t pool, UInt128 receiver, Int128 units);

/// Judges the parts of method `cumulative`: each is the rounded-down share of everything up to and
/// with its receiver less that of everything before, in the order of the hierarchy and the key; and
/// every node of the hierarchy is within one unit of its exact share. `published`: by pool, the sum
/// of part_hash() of its parts. Parts are read again only where a pool's sum is another one.
void check_cumulative(Engine& engine, const RecordedJob& job, const AllocationInputs& inputs,
                      const RecordedVersion& parts, const std::vector<UInt128>& published,
                      Proof& proof);

}  // namespace tallymill::verify
