#pragma once

#include <cstdint>
#include <string>

#include "datasets/type.h"

// What the files of Matching share.

namespace tallymill::books {

/// In the order of statements; what a row is compared by decides, the first that fails.
enum MatchCode : std::int64_t {
  kMatched,
  kWithinTolerance,
  kAmount,
  kQuantity,
  kTiming,
  kStatus,
  kCurrency,
  kDuplicate,
  kLeftOnly,
  kRightOnly,
  kMatchCodes,
};
constexpr const char* kMatchClasses[] = {"matched",   "within_tolerance", "amount",   "quantity",
                                         "timing",    "status",           "currency", "duplicate",
                                         "left_only", "right_only"};

inline std::string code(MatchCode value) { return std::to_string(value); }

/// Compared columns: tm_c1 of a side, tm_l1 and tm_r1 of a pair.
inline std::string compared_name(const char* side, std::size_t i) {
  return std::string("tm_") + side + std::to_string(i + 1);
}

/// Whether amounts of this type are 64 bits wide.
inline bool is_narrow(const Type& type) { return !type.is_decimal() || type.precision <= 18; }

}  // namespace tallymill::books
