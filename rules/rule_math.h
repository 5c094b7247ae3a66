#pragma once

#include <cstddef>

/// Exact arithmetic behind t.round, t.share and t.random, called from Lua through FFI. Amounts are
/// whole numbers in doubles, at most 2^53. C linkage and no exceptions: JIT-compiled code calls
/// them.
extern "C" {

/// amount * part / whole in 128 bits, rounded; NaN if the result is beyond 2^53. `whole` is not 0.
/// Modes: 0 half_up (away from zero), 1 half_even, 2 down, 3 up, 4 floor, 5 ceiling.
double tallymill_share(double amount, double part, double whole, int mode) noexcept;
/// What is left of amount * part after dividing by `whole`, exact. `whole` is not 0.
double tallymill_share_rest(double amount, double part, double whole) noexcept;
/// `x` as a whole number by the same modes.
double tallymill_round(double x, int mode) noexcept;
/// A number in [0, 1) that depends on the bytes of `key` alone.
double tallymill_random(const char* key, std::size_t length) noexcept;
}
