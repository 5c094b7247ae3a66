#include "books/split_amount.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "books/divisor_method.h"
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

using Units = std::vector<std::uint64_t>;

/// Shares cut to whole units, and what was cut off in units of 1 / sum.
struct Quotas {
  Units units;
  std::vector<UInt128> remainders;
  std::uint64_t left = 0;
};

Quotas quotas_of(std::uint64_t amount, std::span<const std::int64_t> weights, UInt128 sum) {
  Quotas quotas{.units = Units(weights.size()), .remainders = {}, .left = amount};
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const UInt128 product = static_cast<UInt128>(amount) * static_cast<UInt128>(weights[i]);
    quotas.units[i] = static_cast<std::uint64_t>(product / sum);
    quotas.remainders.push_back(product % sum);
    quotas.left -= quotas.units[i];
  }
  return quotas;
}

Units by_largest_remainder(std::uint64_t amount, std::span<const std::int64_t> weights,
                           UInt128 sum) {
  Quotas quotas = quotas_of(amount, weights, sum);
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return quotas.remainders[a] > quotas.remainders[b];
  });
  for (std::size_t i = 0; i < quotas.left; ++i) ++quotas.units[order[i]];
  return quotas.units;
}

Units by_remainder_to_first(std::uint64_t amount, std::span<const std::int64_t> weights,
                            UInt128 sum) {
  Quotas quotas = quotas_of(amount, weights, sum);
  for (std::size_t i = 0; quotas.left > 0; ++i) {
    if (weights[i] == 0) continue;
    ++quotas.units[i];
    --quotas.left;
  }
  return quotas.units;
}

Units by_cumulation(std::uint64_t amount, std::span<const std::int64_t> weights, UInt128 sum) {
  Units units;
  UInt128 before = 0;
  std::uint64_t given = 0;
  for (const std::int64_t weight : weights) {
    before += static_cast<UInt128>(weight);
    const auto reached = static_cast<std::uint64_t>(amount * before / sum);
    units.push_back(reached - given);
    given = reached;
  }
  return units;
}

Units by_divisors(Method method, std::uint64_t amount, std::span<const std::int64_t> weights) {
  std::vector<std::int64_t> units(weights.size());
  for (; amount > 0; --amount) {
    std::size_t next = weights.size();
    for (std::size_t i = 0; i < weights.size(); ++i)
      if (weights[i] > 0 && (next == weights.size() || is_before(method, {weights[i], units[i]},
                                                                 {weights[next], units[next]})))
        next = i;
    ++units[next];
  }
  return {units.begin(), units.end()};
}

Units split_magnitude(std::uint64_t amount, std::span<const std::int64_t> weights, Method method) {
  const UInt128 sum = sum_of_weights(weights);
  switch (method) {
    case Method::largest_remainder:
      return by_largest_remainder(amount, weights, sum);
    case Method::remainder_to_first:
      return by_remainder_to_first(amount, weights, sum);
    case Method::cumulative:
      return by_cumulation(amount, weights, sum);
    case Method::webster:
    case Method::huntington_hill:
      return by_divisors(method, amount, weights);
  }
  return {};
}

constexpr std::pair<Method, std::string_view> kMethods[] = {
    {Method::largest_remainder, "largest_remainder"},
    {Method::cumulative, "cumulative"},
    {Method::webster, "webster"},
    {Method::huntington_hill, "huntington_hill"},
    {Method::remainder_to_first, "remainder_to_first"}};

}  // namespace

std::string_view to_string(Method method) {
  for (const auto& [known, name] : kMethods)
    if (known == method) return name;
  return {};
}

std::optional<Method> method_from(std::string_view name) {
  for (const auto& [method, known] : kMethods)
    if (known == name) return method;
  return std::nullopt;
}

std::vector<std::int64_t> split_amount(std::int64_t total, std::span<const std::int64_t> weights,
                                       Method method) {
  // Negating the unsigned form is also right for the smallest value.
  const bool is_negative = total < 0;
  const auto bits = static_cast<std::uint64_t>(total);
  std::vector<std::int64_t> parts;
  for (const std::uint64_t units : split_magnitude(is_negative ? 0 - bits : bits, weights, method))
    parts.push_back(static_cast<std::int64_t>(is_negative ? 0 - units : units));
  return parts;
}

}  // namespace tallymill::books
