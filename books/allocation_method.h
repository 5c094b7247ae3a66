#pragma once

#include <optional>
#include <string_view>

namespace tallymill::books {

/// How the whole units of a pool are placed. A receiver's exact share is pool * weight / total;
/// each method splits the magnitude of a pool and puts its sign back, so the split of -a is that of
/// a with every part negated. "Key order" is the order of the receivers' key.
enum class Method {
  /// Hamilton: every share cut to whole units; those left over go one each to the largest
  /// remainders, ties to the smaller key.
  largest_remainder,
  /// Receivers in order of the hierarchy's columns, then key; a part is the rounded-down share of
  /// everything up to and with the receiver less that of everything before. Any run of neighbours,
  /// so every node of the hierarchy, is within one unit of its exact share.
  cumulative,
  /// Sainte-Lague: units are given one by one, each to the largest weight / (2 * units had + 1),
  /// ties to the smaller key. No receiver loses a unit when the pool grows.
  webster,
  /// Likewise with weight / sqrt(n * (n + 1)), n the units had; the first unit of a receiver comes
  /// before all others, larger weights first. With units enough every positive weight gets one.
  huntington_hill,
  /// Fowler's allocation: like largest_remainder, but the units left over go one each to the first
  /// receivers in key order that have a positive weight.
  remainder_to_first,
};

std::string_view to_string(Method method);
std::optional<Method> method_from(std::string_view name);

}  // namespace tallymill::books
