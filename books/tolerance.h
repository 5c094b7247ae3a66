#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/money.h"
#include "core/time/calendar.h"
#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill::books {

/// The difference two amounts may have: the stricter of `abs` units and the share `rel` (10^-9) of
/// the larger magnitude, rounded down, which loses nothing because differences are whole units.
Int128 allowed_difference(Int128 left, Int128 right, std::optional<Int128> abs,
                          std::optional<std::int64_t> rel);

/// How far two amounts may be apart; nothing given means not at all.
struct Tolerance {
  std::optional<Int128> abs = {};  ///< units of the amount's scale
  /// Share of the larger side, units of 10^-9 from 0 to 1; where both are given, the stricter
  /// counts.
  std::optional<std::int64_t> rel = {};
  struct Band {
    Int128 up_to = 0;
    std::optional<Int128> abs = {};
    std::optional<std::int64_t> rel = {};
  };
  /// By size, ascending: the first whose `up_to` the larger side does not exceed takes the place of
  /// what stands above.
  std::vector<Band> bands = {};

  bool is_exact() const { return !abs && !rel && bands.empty(); }
  Int128 allowed(Int128 left, Int128 right) const;
  std::string text() const;  ///< names it in full, as part of a function's name
};

/// How far two days may be apart: calendar days, or work days where there is a calendar.
struct DayWindow {
  std::int64_t days = 0;
  std::shared_ptr<const Calendar> calendar = {};

  /// From the earlier to the later.
  std::int64_t between(std::int32_t left, std::int32_t right) const;
};

/// A pair of columns that rows of one key are compared by, beside the amount.
struct ComparedColumn {
  std::string name;  ///< as results call it
  Type type;         ///< of both sides; decimals at the wider scale
  Tolerance tolerance = {};
  std::optional<DayWindow> window = {};  ///< of dates and timestamps
  bool is_sensitive = false;             ///< results neither show values nor how far apart they are

  enum class Kind { number, day, other };
  Kind kind() const;
};

/// SQL over two expressions of `type`; functions are registered on first use.
std::string allowed_sql(Engine& engine, const Tolerance& tolerance, int scale,
                        const std::string& left, const std::string& right);
/// True where the values differ by no more than they may; null or false otherwise.
std::string within_sql(Engine& engine, const ComparedColumn& column, const std::string& left,
                       const std::string& right);
/// By how much, for people: "0.05", "3 days", "2 work days", "differs", "missing".
std::string distance_sql(Engine& engine, const ComparedColumn& column, const std::string& left,
                         const std::string& right);

}  // namespace tallymill::books
