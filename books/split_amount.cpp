#include "books/split_amount.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "core/error.h"
#include "core/money.h"

namespace tallymill::books {
namespace {

UInt128 sum_of_weights(std::span<const std::int64_t> weights) {
  UInt128 sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] < 0)
      throw Error(ErrorClass::data, "weight " + std::to_string(i + 1) +
                                        " is negative: " + std::to_string(weights[i]) +
                                        "; shares are not defined for negative weights");
    sum += static_cast<UInt128>(weights[i]);
  }
  if (sum == 0)
    throw Error(ErrorClass::data, "all " + std::to_string(weights.size()) +
                                      " weights are zero; there is nothing to split by");
  return sum;
}

}  // namespace

std::vector<std::int64_t> split_amount(std::int64_t total, std::span<const std::int64_t> weights) {
  const UInt128 sum = sum_of_weights(weights);
  // Negating the unsigned form is also right for the smallest value.
  const bool is_negative = total < 0;
  std::uint64_t left = static_cast<std::uint64_t>(total);
  if (is_negative) left = 0 - left;
  const UInt128 magnitude = left;

  std::vector<std::uint64_t> quotas(weights.size());
  std::vector<UInt128> remainders(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const UInt128 product = magnitude * static_cast<UInt128>(weights[i]);
    quotas[i] = static_cast<std::uint64_t>(product / sum);
    remainders[i] = product % sum;
    left -= quotas[i];
  }
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  for (std::size_t i = 0; i < left; ++i) ++quotas[order[i]];

  std::vector<std::int64_t> parts(weights.size());
  for (std::size_t i = 0; i < parts.size(); ++i)
    parts[i] = static_cast<std::int64_t>(is_negative ? 0 - quotas[i] : quotas[i]);
  return parts;
}

}  // namespace tallymill::books
