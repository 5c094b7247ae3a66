#include "core/time/local_time.h"

namespace tallymill {

namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::size_t kUpToMinutes = 16;  // 2026-01-31T08:05

/// Seconds are optional, fractions have no place.
std::optional<std::int64_t> seconds_of(std::string_view text, std::string_view zone) {
  std::string complete(text);
  if (text.size() == kUpToMinutes) complete += ":00";
  if (complete.find('.') != std::string::npos) return std::nullopt;
  const auto micros = parse_timestamp(complete.append(zone));
  if (!micros) return std::nullopt;
  return micros.value / kMicrosPerSecond;
}

/// Where a zone begins: at a Z, or a sign behind the time of day.
std::size_t zone_offset(std::string_view text) {
  const std::size_t at = text.find_last_of("Z+-");
  return at == std::string_view::npos || at < kUpToMinutes ? std::string_view::npos : at;
}

}  // namespace

std::string Instant::text() const { return format_timestamp(seconds * kMicrosPerSecond); }

Date LocalTime::day() const {
  return {static_cast<std::int32_t>((seconds - second_of_day()) / kSecondsPerDay)};
}

int LocalTime::second_of_day() const {
  const std::int64_t rest = seconds % kSecondsPerDay;
  return static_cast<int>(rest < 0 ? rest + kSecondsPerDay : rest);
}

std::string LocalTime::text() const {
  std::string text = Instant{seconds}.text();
  text.pop_back();  // the Z: no zone is known here
  return text;
}

std::optional<LocalTime> parse_local_time(std::string_view text) {
  if (const auto day = parse_date(text)) return LocalTime::at(day.value);
  if (zone_offset(text) != std::string_view::npos) return std::nullopt;
  const auto seconds = seconds_of(text, "");
  return seconds ? std::optional(LocalTime{*seconds}) : std::nullopt;
}

std::optional<Instant> parse_instant(std::string_view text) {
  const std::size_t at = zone_offset(text);
  if (at == std::string_view::npos) return std::nullopt;
  const auto seconds = seconds_of(text.substr(0, at), text.substr(at));
  return seconds ? std::optional(Instant{*seconds}) : std::nullopt;
}

}  // namespace tallymill
