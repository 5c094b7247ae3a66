#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "books/allocation_method.h"

namespace tallymill::books {

/// Splits `total` in proportion to `weights` so that the parts add up to `total` exactly.
///
/// Amounts are minor units and may be negative: the magnitude is split and the sign put back, so
/// that split(-a) == -split(a) part by part. Weights stand in the order of the receivers' keys (of
/// `cumulative`: of hierarchy, then key), so row order never changes the split. Methods: ADRs 4
/// and 40.
///
/// Word for word the methods as they are defined, for small inputs: the law that the SQL of
/// Allocation is held to, not the engine itself.
/// Throws Error(data) if a weight is negative, or all are zero (or there is none).
std::vector<std::int64_t> split_amount(std::int64_t total, std::span<const std::int64_t> weights,
                                       Method method = Method::largest_remainder);

}  // namespace tallymill::books
