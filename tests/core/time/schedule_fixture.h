#pragma once

#include <doctest/doctest.h>

#include "core/time/fire.h"

namespace tallymill {

inline Cron cron_of(std::string_view text) {
  std::vector<TextProblem> problems;
  auto cron = Cron::parse(text, problems);
  REQUIRE_MESSAGE(cron, std::string(text));
  return *cron;
}

inline DayRule days_of(std::string_view text) {
  std::vector<TextProblem> problems;
  const auto rule = DayRule::parse(text, problems);
  REQUIRE_MESSAGE(rule, std::string(text));
  return *rule;
}

inline Schedule schedule_of(std::string_view cron, std::string_view zone = "UTC") {
  Schedule schedule{.cron = cron_of(cron)};
  const auto found = Zone::find(zone);
  REQUIRE_MESSAGE(found, std::string(zone));
  schedule.zone = *found;
  return schedule;
}

}  // namespace tallymill
