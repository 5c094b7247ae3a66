#include "rules/history.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace tallymill {
namespace {

constexpr int kScale = 9;
constexpr Int128 kOne = 1'000'000'000;
/// Values are held in quarters of their units: medians of halves are whole numbers then.
constexpr Int128 kQuarters = 4;
/// 10^19 times 4 times 10^9 times a limit of up to 1000 still fits.
constexpr int kMostDigits = 25;

Int128 exact(const std::string& text) {
  const Parsed<Int128> value = parse_decimal(text, kMostDigits, kScale, true);
  if (!value)
    throw Error(ErrorClass::data, "'" + text + "' cannot be compared with its history: " +
                                      std::string(to_string(value.problem)));
  return value.value * kQuarters;
}

Int128 magnitude(Int128 value) { return value < 0 ? -value : value; }

/// Of sorted whole numbers that are multiples of 2.
Int128 median(const std::vector<Int128>& sorted) {
  const std::size_t middle = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/// The smallest value that at least `part` quarters of the values do not exceed.
Int128 quartile(const std::vector<Int128>& sorted, std::size_t part) {
  return sorted[(sorted.size() * part + 3) / 4 - 1];
}

/// `limit` (in 10^-9) times a distance, away from zero: a band is never narrower than said.
Int128 times(Int128 limit, Int128 distance) { return (limit * distance + kOne - 1) / kOne; }

unsigned number_in_year(const Period& period) {
  const Date first = period.first_day();
  switch (period.kind()) {
    case PeriodKind::month:
    case PeriodKind::quarter:
      return first.month();
    case PeriodKind::week:
      return static_cast<unsigned>(std::stoul(period.text().substr(period.text().find('W') + 1)));
    case PeriodKind::day:
      return first.month() * 100 + first.day();
    case PeriodKind::year:
      break;
  }
  return 0;
}

bool is_last_of_month(const Period& day) {
  return day.next().first_day().month() != day.first_day().month();
}

bool is_alike(const Period& a, const Period& b, HistoryBand::Season season) {
  switch (season) {
    case HistoryBand::Season::week:
      return a.first_day().iso_weekday() == b.first_day().iso_weekday();
    case HistoryBand::Season::month:
      return is_last_of_month(a) || is_last_of_month(b)
                 ? is_last_of_month(a) && is_last_of_month(b)
                 : a.first_day().day() == b.first_day().day();
    case HistoryBand::Season::year:
      return number_in_year(a) == number_in_year(b);
    case HistoryBand::Season::none:
      break;
  }
  return true;
}

/// Quarter units as decimal text of `scale` digits, half to even.
std::string shown(Int128 quarters, int scale) {
  Int128 unit = kQuarters;
  for (int i = scale; i < kScale; ++i) unit *= 10;
  const Int128 whole = magnitude(quarters);
  Int128 rounded = whole / unit;
  const Int128 rest = (whole % unit) * 2;
  if (rest > unit || (rest == unit && rounded % 2 != 0)) ++rounded;
  return format_decimal(quarters < 0 ? -rounded : rounded, scale);
}

struct Bounds {
  Int128 low;
  Int128 high;
};

Bounds bounds_of(const std::vector<Int128>& sorted, const HistoryBand& band) {
  const Int128 middle = median(sorted);
  switch (band.method) {
    case HistoryBand::Method::change: {
      const Int128 away = times(band.limit, magnitude(middle));
      return {middle - away, middle + away};
    }
    case HistoryBand::Method::mad: {
      std::vector<Int128> distances;
      for (const Int128 value : sorted) distances.push_back(magnitude(value - middle) * 2);
      std::sort(distances.begin(), distances.end());
      const Int128 away = (times(band.limit, median(distances)) + 1) / 2;
      return {middle - away, middle + away};
    }
    case HistoryBand::Method::iqr: {
      const Int128 first = quartile(sorted, 1);
      const Int128 third = quartile(sorted, 3);
      const Int128 away = times(band.limit, third - first);
      return {first - away, third + away};
    }
    case HistoryBand::Method::range:
      break;
  }
  const Int128 away = times(band.limit, sorted.back() - sorted.front());
  return {sorted.front() - away, sorted.back() + away};
}

}  // namespace

bool has_season(PeriodKind kind, HistoryBand::Season season) {
  switch (season) {
    case HistoryBand::Season::week:
    case HistoryBand::Season::month:
      return kind == PeriodKind::day;
    case HistoryBand::Season::year:
      return kind != PeriodKind::year;
    case HistoryBand::Season::none:
      break;
  }
  return true;
}

MeasureHistory alike(const MeasureHistory& history, const Period& period, const HistoryBand& band) {
  MeasureHistory past;
  for (auto it = history.rbegin(); it != history.rend(); ++it) {
    const bool is_earlier =
        it->first.kind() == period.kind() && it->first.first_day() < period.first_day();
    if (!is_earlier || !is_alike(it->first, period, band.season)) continue;
    past.insert(*it);
    if (past.size() == static_cast<std::size_t>(band.periods)) break;
  }
  return past;
}

HistoryVerdict judge_by_history(const MeasureHistory& past, const std::string& value,
                                const HistoryBand& band, int scale) {
  HistoryVerdict verdict;
  const std::string periods =
      std::to_string(past.size()) + (past.size() == 1 ? " period" : " periods");
  if (past.size() < static_cast<std::size_t>(std::max(band.least, 1))) {
    verdict.expected = "at least " + std::to_string(std::max(band.least, 1)) +
                       " earlier values, there are " + std::to_string(past.size());
    return verdict;
  }
  std::vector<Int128> sorted;
  for (const auto& [period, text] : past) sorted.push_back(exact(text));
  std::sort(sorted.begin(), sorted.end());
  Bounds bounds = bounds_of(sorted, band);
  const Int128 middle = median(sorted);
  const Int128 tolerance = band.tolerance * kQuarters;
  bounds.low = std::min(bounds.low, middle - tolerance);
  bounds.high = std::max(bounds.high, middle + tolerance);
  const Int128 judged = exact(value);
  verdict.is_judged = true;
  verdict.passes = (band.side == HistoryBand::Side::above || judged >= bounds.low) &&
                   (band.side == HistoryBand::Side::below || judged <= bounds.high);
  const std::string low = shown(bounds.low, scale);
  const std::string high = shown(bounds.high, scale);
  verdict.expected = (band.side == HistoryBand::Side::above   ? "at most " + high
                      : band.side == HistoryBand::Side::below ? "at least " + low
                                                              : "from " + low + " to " + high) +
                     " (median " + shown(middle, scale) + " of " + periods + ")";
  return verdict;
}

}  // namespace tallymill
