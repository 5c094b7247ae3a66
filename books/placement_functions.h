#pragma once

#include <string>

#include "books/allocation_method.h"
#include "datasets/engine.h"

namespace tallymill::books {

/// SQL functions that place the units of a pool. Each method needs a few numbers a pool, its cut,
/// found by one aggregate over its receivers; then every part follows from the receiver's weight
/// and the cut alone, so parts stream. Each `..._sql` registers what it names on first use.
///
/// `units` (the magnitude to split), `weight` and `sign` are BIGINT, `total` is DECIMAL(38,0) and
/// at least `weight` and 1. Products stay below 2^126.

/// Aggregate: STRUCT(bucket BIGINT, wanted BIGINT). Remainders are counted in 256 buckets by
/// their top bits. All receivers in buckets above get one of the units left over, and `wanted` of
/// those in `bucket`; null where nothing is left over. Only that bucket is ever sorted.
std::string remainder_cut_sql(Engine& engine, const std::string& units, const std::string& weight,
                              const std::string& total);
/// The remainder as DECIMAL(38,0) of a receiver in that bucket; null for all others.
std::string remainder_in_sql(Engine& engine, const std::string& bucket, const std::string& units,
                             const std::string& weight, const std::string& total);
/// Aggregate: STRUCT(left BIGINT), units left over when every share is cut to whole units.
std::string units_left_sql(Engine& engine, const std::string& units, const std::string& weight,
                           const std::string& total);
/// The whole share, plus one unit where the remainder is above `cut`, or equal to it (or `cut` is
/// null) and `within` holds; times `sign`, as `type`.
std::string quota_part_sql(Engine& engine, const Type& type, const std::string& units,
                           const std::string& weight, const std::string& total,
                           const std::string& cut, const std::string& within,
                           const std::string& sign);

/// Aggregate of a divisor method: STRUCT(weight BIGINT, units BIGINT, wanted BIGINT), a DivisorCut.
std::string divisor_cut_sql(Engine& engine, Method method, const std::string& units,
                            const std::string& weight);
/// Whether a receiver has a claim equal to the last one served.
std::string is_tied_sql(Engine& engine, Method method, const std::string& weight,
                        const std::string& last_weight, const std::string& last_units);
std::string divisor_part_sql(Engine& engine, Method method, const Type& type,
                             const std::string& weight, const std::string& last_weight,
                             const std::string& last_units, const std::string& within,
                             const std::string& sign);

/// Of cumulative: `reached` is the DECIMAL(38,0) sum of weights up to and with the receiver,
/// counted from `start`.
std::string span_part_sql(Engine& engine, const Type& type, const std::string& units,
                          const std::string& weight, const std::string& reached,
                          const std::string& start, const std::string& total,
                          const std::string& sign);

}  // namespace tallymill::books
