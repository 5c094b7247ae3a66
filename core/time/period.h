#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time/date.h"

namespace tallymill {

enum class PeriodKind { day, week, month, quarter, year };
std::string_view to_string(PeriodKind kind);
std::optional<PeriodKind> period_kind_from(std::string_view text);

/// The business time a run is about. Data, never the clock.
/// Literals: 2026, 2026-Q1, 2026-01, 2026-W05 (ISO week), 2026-01-31.
class Period {
 public:
  Period() = default;
  /// The period of `kind` that holds `day`.
  static Period containing(PeriodKind kind, Date day);
  /// Empty if `text` is no period literal; the kind follows from the form.
  static std::optional<Period> parse(std::string_view text);

  PeriodKind kind() const { return kind_; }
  Date first_day() const { return first_; }
  Date last_day() const;
  /// `count` periods later, negative counts earlier. Throws Error(config) outside years 1 to 9999.
  Period next(int count = 1) const;
  bool contains(Date day) const { return first_ <= day && day <= last_day(); }
  std::string text() const;

  friend auto operator<=>(const Period&, const Period&) = default;

 private:
  Period(PeriodKind kind, Date first) : kind_(kind), first_(first) {}
  PeriodKind kind_ = PeriodKind::day;
  Date first_{};
};

/// All periods of `kind` that lie within `outer`, in order (the days of a month, say); none if
/// `kind` is coarser. A week belongs to the month, quarter and year that hold its Thursday, as ISO
/// 8601 assigns weeks to years: so each week lies within exactly one of each.
std::vector<Period> periods_within(PeriodKind kind, const Period& outer);

}  // namespace tallymill
