#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/time/date.h"

namespace tallymill {

/// Which days are worked: weekends, holidays, and days off that are worked after all (make-up work
/// days). Data of years; what is not known is an error, never a guess. Immutable once loaded.
class Calendar {
 public:
  enum class DayKind { holiday, workday };
  struct SpecialDay {
    DayKind kind = DayKind::holiday;
    std::string name;
  };

  explicit Calendar(std::string name) : name_(std::move(name)) {}

  // For the reader of calendar files.
  void set_weekend(const std::array<bool, 7>& is_weekend) { is_weekend_ = is_weekend; }
  /// Years without data then have weekends and no holidays.
  void know_every_year() { knows_every_year_ = true; }
  void add_year(int year) { years_.insert(year); }
  void add(Date day, SpecialDay special) { special_[day] = std::move(special); }

  const std::string& name() const { return name_; }
  bool has_year(int year) const { return knows_every_year_ || years_.contains(year); }
  bool knows_every_year() const { return knows_every_year_; }
  const std::set<int>& years() const { return years_; }  ///< with data of their own
  /// "2007 to 2019", "2017, 2019", "none", "every year".
  std::string years_text() const;
  bool is_weekend(Date day) const { return is_weekend_[day.iso_weekday() - 1]; }
  const SpecialDay* special(Date day) const;

  // All below throw Error(config) if they would need a year without data, or leave 1 to 9999.

  bool is_workday(Date day) const;
  /// `day` itself if it is worked, else the nearest work day after, before it.
  Date roll_forward(Date day) const;
  Date roll_back(Date day) const;
  /// The `count`-th work day after `day`, before it if negative. Whether `day` is worked makes no
  /// difference; 0 is `day` itself.
  Date add_workdays(Date day, int count) const;
  /// Work days after `from` up to and including `to`; negative if `to` is earlier.
  int workdays_between(Date from, Date to) const;
  /// The `n`-th work day from `first` to `last`, from the end if negative; empty if there are
  /// fewer.
  std::optional<Date> nth_workday(Date first, Date last, int n) const;

 private:
  Date nearest_workday(Date day, int step) const;

  std::string name_;
  std::array<bool, 7> is_weekend_{false, false, false, false, false, true, true};  ///< from Monday
  bool knows_every_year_ = false;
  std::set<int> years_;
  std::map<Date, SpecialDay> special_;
};

}  // namespace tallymill
