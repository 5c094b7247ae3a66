#include "core/time/zone.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/shared_library.h"
#include "core/text.h"
#include "core/time/zone_module.h"

namespace tallymill {

struct Zone::Rules {
  std::string name;
  ZoneModule::Handle zone = nullptr;  ///< null: UTC, which needs no data

  ZoneModule::Moment moment(Instant instant) const;
};

namespace {

constexpr const char* kLibrary = "libtallymill-zones.so";

const ZoneModule& zones() {
  static const ZoneModule& module = *reinterpret_cast<decltype(&tallymill_zone_module)>(function_of(
      open_shared_library(kLibrary, TALLYMILL_ZONES_LIBRARY), kLibrary, "tallymill_zone_module"))();
  return module;
}

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

ZoneModule::Moment Zone::Rules::moment(Instant instant) const {
  if (zone == nullptr) return {instant.seconds, 0, "UTC"};
  return zones().moment(zone, instant.seconds);
}

Zone::Zone() : rules_(std::make_shared<Rules>("UTC")) {}

std::optional<Zone> Zone::find(std::string_view name) {
  if (name == "UTC") return Zone();
  if (!is_zone_name(name)) return std::nullopt;
  Rules rules{std::string(name)};
  rules.zone = zones().find(rules.name.c_str());
  if (rules.zone == nullptr) return std::nullopt;
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

LocalTime Zone::local(Instant instant) const { return {rules_->moment(instant).local}; }

int Zone::offset_seconds(Instant instant) const { return rules_->moment(instant).offset; }

std::string Zone::abbreviation(Instant instant) const {
  return rules_->moment(instant).abbreviation;
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
  if (rules_->zone == nullptr) return {{time.seconds}};
  std::array<std::int64_t, 2> found{};
  const int count = zones().instants(rules_->zone, time.seconds, found.data());
  std::vector<Instant> instants;
  for (int i = 0; i < count; ++i) instants.push_back({found[static_cast<std::size_t>(i)]});
  return instants;
}

std::optional<ClockChange> Zone::next_change(Instant instant) const {
  ZoneModule::Change found;
  if (rules_->zone == nullptr || !zones().next_change(rules_->zone, instant.seconds, &found))
    return std::nullopt;
  return ClockChange{{found.at}, {found.from}, {found.to}};
}

}  // namespace tallymill
