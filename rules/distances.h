#pragma once

#include <cstdint>
#include <span>

namespace tallymill {

/// How far apart two distributions are, by the rows of the same bins in the same order. What is
/// counted is rows, never money, so these are doubles, of sums in the order of the bins: the same
/// counts give the same number each time.
using BinCounts = std::span<const std::int64_t>;

/// Population stability index: sum of (p - q) ln(p / q). In this and in kl_divergence() an empty
/// bin counts as half a row: without that one new value would be infinitely far.
double psi(BinCounts here, BinCounts there);
/// Kullback-Leibler divergence of `here` from `there`, in nats: sum of p ln(p / q).
double kl_divergence(BinCounts here, BinCounts there);
/// Jensen-Shannon divergence in nats, from 0 (alike) to ln 2 (nothing in common).
double js_divergence(BinCounts here, BinCounts there);
/// p-value of the chi-square test of homogeneity: both are samples of one distribution.
double homogeneity_p(BinCounts here, BinCounts there);
/// p-value of the chi-square test that `here` is a sample of `shares`, which add up to 1.
double goodness_p(BinCounts here, std::span<const double> shares);

}  // namespace tallymill
