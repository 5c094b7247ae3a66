#include "core/time/calendar.h"

#include "core/error.h"
#include "core/text.h"

namespace tallymill {

namespace {

Date stepped(Date day, int step) {
  static const Date kFirst = Date::from_civil(1, 1, 1);
  static const Date kLast = Date::from_civil(9999, 12, 31);
  const Date next{day.days + step};
  if (next < kFirst || next > kLast)
    throw Error(ErrorClass::config, "work days from " + day.text() + " leave the years 1 to 9999");
  return next;
}

}  // namespace

std::string Calendar::years_text() const {
  if (knows_every_year_) return "every year";
  if (years_.empty()) return "none";
  const int count = *years_.rbegin() - *years_.begin() + 1;
  if (years_.size() > 1 && static_cast<std::size_t>(count) == years_.size())
    return std::to_string(*years_.begin()) + " to " + std::to_string(*years_.rbegin());
  std::vector<std::string> texts;
  for (const int year : years_) texts.push_back(std::to_string(year));
  return join(texts, ", ");
}

const Calendar::SpecialDay* Calendar::special(Date day) const {
  const auto found = special_.find(day);
  return found == special_.end() ? nullptr : &found->second;
}

bool Calendar::is_workday(Date day) const {
  if (!has_year(day.year()))
    throw Error(ErrorClass::config, "calendar '" + name_ + "' has no data for " +
                                        std::to_string(day.year()) + " (it has " + years_text() +
                                        "), so it cannot tell whether " + day.text() +
                                        " is worked; add calendars/" + name_ + "." +
                                        std::to_string(day.year()) + ".yaml");
  if (const SpecialDay* found = special(day)) return found->kind == DayKind::workday;
  return !is_weekend(day);
}

Date Calendar::nearest_workday(Date day, int step) const {
  while (!is_workday(day)) day = stepped(day, step);
  return day;
}

Date Calendar::roll_forward(Date day) const { return nearest_workday(day, 1); }
Date Calendar::roll_back(Date day) const { return nearest_workday(day, -1); }

Date Calendar::add_workdays(Date day, int count) const {
  const int step = count < 0 ? -1 : 1;
  for (; count != 0; count -= step) day = nearest_workday(stepped(day, step), step);
  return day;
}

int Calendar::workdays_between(Date from, Date to) const {
  if (to < from) return -workdays_between(to, from);
  int count = 0;
  for (Date day{from.days + 1}; day <= to; ++day.days) count += is_workday(day) ? 1 : 0;
  return count;
}

std::optional<Date> Calendar::nth_workday(Date first, Date last, int n) const {
  const int step = n < 0 ? -1 : 1;
  for (Date day = n < 0 ? last : first; first <= day && day <= last; day.days += step) {
    if (!is_workday(day)) continue;
    n -= step;
    if (n == 0) return day;
  }
  return std::nullopt;
}

}  // namespace tallymill
