#include "rules/distances.h"

#include <cmath>

namespace tallymill {
namespace {

/// Upper tail of the chi-square distribution by the regularised incomplete gamma function: its
/// series below, its continued fraction (Lentz) above a + 1.
double chi_square_tail(double statistic, double freedom) {
  const double a = freedom / 2;
  const double x = statistic / 2;
  if (x <= 0 || a <= 0) return 1;
  const double scale = std::exp(-x + a * std::log(x) - std::lgamma(a));
  if (x < a + 1) {
    double term = 1 / a;
    double sum = term;
    for (int i = 1; i < 1'000 && term > sum * 1e-16; ++i) sum += term *= x / (a + i);
    return 1 - sum * scale;
  }
  double b = x + 1 - a;
  double c = 1e300;
  double d = 1 / b;
  double fraction = d;
  for (int i = 1; i < 1'000; ++i) {
    const double numerator = -i * (i - a);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    fraction *= c * d;
    if (std::abs(c * d - 1) < 1e-16) break;
  }
  return scale * fraction;
}

double rows_of(BinCounts counts) {
  std::int64_t rows = 0;
  for (const std::int64_t count : counts) rows += count;
  return static_cast<double>(rows);
}

/// Adds up `term` of the shares of each bin that is not empty on both sides.
template <class Term>
double sum_of_shares(BinCounts here, BinCounts there, const Term& term) {
  double n = 0;
  double m = 0;
  const auto rows = [](std::int64_t count) {
    return count == 0 ? 0.5 : static_cast<double>(count);
  };
  for (std::size_t i = 0; i < here.size(); ++i) {
    if (here[i] == 0 && there[i] == 0) continue;
    n += rows(here[i]);
    m += rows(there[i]);
  }
  double sum = 0;
  for (std::size_t i = 0; i < here.size(); ++i)
    if (here[i] != 0 || there[i] != 0) sum += term(rows(here[i]) / n, rows(there[i]) / m);
  return sum;
}

}  // namespace

double psi(BinCounts here, BinCounts there) {
  return sum_of_shares(here, there, [](double p, double q) { return (p - q) * std::log(p / q); });
}

double kl_divergence(BinCounts here, BinCounts there) {
  return sum_of_shares(here, there, [](double p, double q) { return p * std::log(p / q); });
}

double js_divergence(BinCounts here, BinCounts there) {
  const double n = rows_of(here);
  const double m = rows_of(there);
  const auto part = [](double p, double middle) {
    return p > 0 ? p * std::log(p / middle) / 2 : 0.0;
  };
  double sum = 0;
  for (std::size_t i = 0; i < here.size(); ++i) {
    const double p = static_cast<double>(here[i]) / n;
    const double q = static_cast<double>(there[i]) / m;
    sum += part(p, (p + q) / 2) + part(q, (p + q) / 2);
  }
  return sum;
}

double homogeneity_p(BinCounts here, BinCounts there) {
  const double n = rows_of(here);
  const double m = rows_of(there);
  double statistic = 0;
  int used = 0;
  for (std::size_t i = 0; i < here.size(); ++i) {
    const auto both = static_cast<double>(here[i] + there[i]);
    if (both <= 0) continue;
    ++used;
    const double expected_here = both * n / (n + m);
    const double expected_there = both * m / (n + m);
    const double off = static_cast<double>(here[i]) - expected_here;
    statistic += off * off / expected_here + off * off / expected_there;
  }
  return used < 2 ? 1 : chi_square_tail(statistic, used - 1);
}

double goodness_p(BinCounts here, std::span<const double> shares) {
  const double n = rows_of(here);
  double statistic = 0;
  for (std::size_t i = 0; i < here.size(); ++i) {
    const double expected = n * shares[i];
    const double off = static_cast<double>(here[i]) - expected;
    statistic += off * off / expected;
  }
  return chi_square_tail(statistic, static_cast<double>(here.size()) - 1);
}

}  // namespace tallymill
