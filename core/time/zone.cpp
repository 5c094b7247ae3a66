#include "core/time/zone.h"

#include <cctz/time_zone.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/text.h"

namespace tallymill {

struct Zone::Rules {
  std::string name;
  cctz::time_zone zone;
};

namespace {

using TimePoint = cctz::time_point<cctz::seconds>;

TimePoint point(Instant instant) { return TimePoint(cctz::seconds(instant.seconds)); }
Instant instant_of(TimePoint time) { return {time.time_since_epoch().count()}; }

const cctz::civil_second& civil_epoch() {
  static const cctz::civil_second epoch(1970, 1, 1, 0, 0, 0);
  return epoch;
}
LocalTime local_of(const cctz::civil_second& time) { return {time - civil_epoch()}; }

/// Letters, digits and `_+-` in parts divided by `/`: no way out of the folder of zones.
bool is_zone_name(std::string_view text) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/";
  // Not zones of their own: other spellings of the whole folder, with and without leap seconds,
  // this machine's setting, and cctz's own names.
  constexpr std::array<std::string_view, 3> kNotZones{"posix/", "right/", "Fixed/"};
  constexpr std::array<std::string_view, 3> kNotZonesEither{"localtime", "posixrules", "Factory"};
  return !text.empty() && text.find_first_not_of(kAllowed) == std::string_view::npos &&
         !text.starts_with('/') && !text.ends_with('/') &&
         text.find("//") == std::string_view::npos &&
         std::none_of(kNotZones.begin(), kNotZones.end(),
                      [&](std::string_view prefix) { return text.starts_with(prefix); }) &&
         std::find(kNotZonesEither.begin(), kNotZonesEither.end(), text) == kNotZonesEither.end();
}

std::filesystem::path zone_folder() {
  const char* folder = std::getenv("TZDIR");
  return folder != nullptr && *folder != '\0' ? folder : "/usr/share/zoneinfo";
}

/// The names in tzdata.zi: lines "Z name ..." and "L target name".
std::vector<std::string> zone_names() {
  std::vector<std::string> names;
  std::ifstream file(zone_folder() / "tzdata.zi");
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> words = split(line, ' ');
    if (words.size() > 1 && words[0] == "Z") names.push_back(words[1]);
    if (words.size() > 2 && words[0] == "L") names.push_back(words[2]);
  }
  return names;
}

}  // namespace

Zone::Zone() : rules_(std::make_shared<Rules>("UTC", cctz::utc_time_zone())) {}

std::optional<Zone> Zone::find(std::string_view name) {
  if (name == "UTC") return Zone();
  if (!is_zone_name(name)) return std::nullopt;
  Rules rules{std::string(name), {}};
  if (!cctz::load_time_zone(rules.name, &rules.zone)) return std::nullopt;
  return Zone(std::make_shared<const Rules>(std::move(rules)));
}

std::string Zone::hint(std::string_view name) {
  std::error_code ignored;
  if (!std::filesystem::exists(zone_folder() / "Europe", ignored))
    return "there is no zone data in '" + zone_folder().string() + "'; install tzdata";
  const std::string meant = did_you_mean(name, zone_names());
  return meant.empty() ? "write an IANA name, e.g. Asia/Shanghai" : meant;
}

const std::string& Zone::name() const { return rules_->name; }

LocalTime Zone::local(Instant instant) const {
  return local_of(rules_->zone.lookup(point(instant)).cs);
}

int Zone::offset_seconds(Instant instant) const {
  return rules_->zone.lookup(point(instant)).offset;
}

std::string Zone::abbreviation(Instant instant) const {
  return rules_->zone.lookup(point(instant)).abbr;
}

std::string Zone::text(Instant instant) const {
  const int offset = offset_seconds(instant);
  const int size = std::abs(offset);
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, size % 60 == 0 ? "%c%02d:%02d" : "%c%02d:%02d:%02d",
                offset < 0 ? '-' : '+', size / 3600, size / 60 % 60, size % 60);
  return local(instant).text() + buffer;
}

std::vector<Instant> Zone::instants(LocalTime time) const {
  const auto found = rules_->zone.lookup(civil_epoch() + time.seconds);
  using Lookup = cctz::time_zone::civil_lookup;
  if (found.kind == Lookup::SKIPPED) return {};
  if (found.kind == Lookup::UNIQUE) return {instant_of(found.pre)};
  return {instant_of(found.pre), instant_of(found.post)};
}

std::optional<ClockChange> Zone::next_change(Instant instant) const {
  cctz::time_zone::civil_transition found;
  TimePoint from = point(instant);
  while (rules_->zone.next_transition(from, &found)) {
    from = rules_->zone.lookup(found.to).trans;
    if (found.from != found.to)
      return ClockChange{instant_of(from), local_of(found.from), local_of(found.to)};
  }
  return std::nullopt;
}

}  // namespace tallymill
