#pragma once

#include <array>
#include <boost/multiprecision/cpp_int.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace tallymill {

/// A whole number that holds whatever sums of fourth powers of 64-bit values are multiplied with in
/// a comparison (830 bits); more would throw.
using WideInt = boost::multiprecision::checked_int1024_t;

/// The sums of v^0 (their number), v^1, ... v^4 over some values.
using PowerSums = std::array<WideInt, 5>;

/// SQL texts of whole numbers over aggregates, each followed by kFilter, that together say the sums
/// of the powers of `value` up to `powers` (1 to 4). `value` is a BIGINT, so that nothing can
/// overflow: products stay below 2^127, and what is added up is their halves.
std::vector<std::string> power_sums_sql(const std::string& value, int powers);
/// The same for the sum of products of two BIGINTs.
std::vector<std::string> product_sum_sql(const std::string& a, const std::string& b);

/// One SQL text of whole numbers; null never stands in it.
std::string numbers_sql(const std::vector<std::string>& numbers);
/// What numbers_sql() gave.
std::vector<WideInt> read_numbers(std::string_view text);

/// Of the numbers that power_sums_sql() and product_sum_sql() gave, from `at` on, which moves
/// behind them.
PowerSums read_power_sums(const std::vector<WideInt>& numbers, int powers, std::size_t& at);
WideInt read_product_sum(const std::vector<WideInt>& numbers, std::size_t& at);

}  // namespace tallymill
