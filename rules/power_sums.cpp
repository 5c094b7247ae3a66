#include "rules/power_sums.h"

#include "core/text.h"
#include "rules/check.h"

namespace tallymill {
namespace {

// A square is taken as h * 2^63 + l; sums of products are kept as sums of their upper parts and of
// their lower 32 bits, which leaves room for 2^32 rows.
constexpr unsigned kSquareBits = 63;
constexpr unsigned kSumBits = 32;
const char* const kSquareUnit = "9223372036854775808::HUGEINT";
const char* const kSumUnit = "4294967296::HUGEINT";

std::string sum_of(const std::string& value) {
  return "coalesce(sum(" + value + ")" + std::string(kFilter) + ", 0)";
}

std::string product(const std::string& a, const std::string& b) {
  return "(" + a + " * " + b + ")";
}

void add_halves(const std::string& value, std::vector<std::string>& numbers) {
  numbers.push_back(sum_of(value + " // " + kSumUnit));
  numbers.push_back(sum_of(value + " % " + kSumUnit));
}

/// `number` * 2^bits. A checked number below zero refuses to be shifted.
WideInt raised(const WideInt& number, unsigned bits) { return number * (WideInt(1) << bits); }

}  // namespace

std::vector<std::string> power_sums_sql(const std::string& value, int powers) {
  const std::string wide = value + "::HUGEINT";
  const std::string square = product(wide, wide);
  const std::string upper = "(" + square + " // " + kSquareUnit + ")";
  const std::string lower = "(" + square + " % " + kSquareUnit + ")";
  std::vector<std::string> numbers{"count(" + value + ")" + std::string(kFilter), sum_of(wide)};
  if (powers >= 2) add_halves(square, numbers);
  if (powers >= 3) {
    add_halves(product(wide, upper), numbers);
    add_halves(product(wide, lower), numbers);
  }
  if (powers >= 4) {
    add_halves(product(upper, upper), numbers);
    add_halves(product(upper, lower), numbers);
    add_halves(product(lower, lower), numbers);
  }
  return numbers;
}

std::vector<std::string> product_sum_sql(const std::string& a, const std::string& b) {
  std::vector<std::string> numbers;
  add_halves(product(a + "::HUGEINT", b + "::HUGEINT"), numbers);
  return numbers;
}

std::string numbers_sql(const std::vector<std::string>& numbers) {
  return "concat_ws(' ', " + join(numbers, ", ") + ")";
}

std::vector<WideInt> read_numbers(std::string_view text) {
  std::vector<WideInt> numbers;
  for (const std::string& number : split(text, ' ')) numbers.emplace_back(number);
  return numbers;
}

WideInt read_product_sum(const std::vector<WideInt>& numbers, std::size_t& at) {
  WideInt sum = raised(numbers.at(at), kSumBits) + numbers.at(at + 1);
  at += 2;
  return sum;
}

PowerSums read_power_sums(const std::vector<WideInt>& numbers, int powers, std::size_t& at) {
  const auto next = [&] { return read_product_sum(numbers, at); };
  PowerSums sums;
  sums[0] = numbers.at(at++);
  sums[1] = numbers.at(at++);
  if (powers >= 2) sums[2] = next();
  if (powers >= 3) {
    const WideInt upper = raised(next(), kSquareBits);
    sums[3] = upper + next();
  }
  if (powers >= 4) {
    const WideInt upper = raised(next(), 2 * kSquareBits);
    const WideInt mixed = raised(next(), kSquareBits + 1);
    sums[4] = upper + mixed + next();
  }
  return sums;
}

}  // namespace tallymill
