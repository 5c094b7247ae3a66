#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time/date.h"

namespace tallymill {

inline constexpr std::int64_t kSecondsPerDay = 86'400;

/// A moment on the one time axis: seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
struct Instant {
  std::int64_t seconds = 0;

  std::string text() const;  ///< 2026-01-31T08:05:00Z

  friend auto operator<=>(const Instant&, const Instant&) = default;
};

/// What a clock on a wall shows, wherever it hangs: seconds since 1970-01-01T00:00:00 on it. Only a
/// Zone tells which instants show it: one, none (the clock was put forward) or two (put back).
struct LocalTime {
  std::int64_t seconds = 0;

  static LocalTime at(Date day, std::int64_t second_of_day = 0) {
    return {day.days * kSecondsPerDay + second_of_day};
  }
  Date day() const;
  int second_of_day() const;  ///< 0 .. 86399
  std::string text() const;   ///< 2026-01-31T08:05:00

  friend auto operator<=>(const LocalTime&, const LocalTime&) = default;
};

/// YYYY-MM-DD, or YYYY-MM-DD[T ]HH:MM[:SS]; empty if it is neither or names no such day or time.
std::optional<LocalTime> parse_local_time(std::string_view text);
/// The same with a Z or an offset such as +08:00 behind it.
std::optional<Instant> parse_instant(std::string_view text);

}  // namespace tallymill
