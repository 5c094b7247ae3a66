#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tallymill::books {

/// Splits `total` in proportion to `weights` so that the parts add up to `total` exactly.
///
/// Amounts are minor units and may be negative: the magnitude is split and the sign put back, so
/// that split(-a) == -split(a) part by part. Leftover units go to the largest remainders, ties to
/// the smaller index; callers order receivers by key, so row order never changes the split.
/// Method: largest remainder (Hamilton), docs/adr/0004-largest-remainder.md.
///
/// This is the reference that the SQL of Allocation is tested against, not the engine itself.
/// Throws Error(data) if a weight is negative, or all are zero (or there is none).
std::vector<std::int64_t> split_amount(std::int64_t total, std::span<const std::int64_t> weights);

}  // namespace tallymill::books
