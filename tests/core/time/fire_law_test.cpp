// Fires against a scan of the time axis: at each minute the clock is asked what it shows, and the
// cron whether it fires then. Half of the walks begin near a change of the clocks.

#include <rapidcheck.h>

#include "schedule_fixture.h"

using namespace tallymill;

namespace {

constexpr const char* kZones[] = {"UTC",
                                  "Asia/Shanghai",
                                  "America/New_York",
                                  "Europe/Berlin",
                                  "Australia/Lord_Howe",
                                  "America/Sao_Paulo",
                                  "Africa/Casablanca",
                                  "Asia/Kathmandu",
                                  "Europe/Dublin",
                                  "America/St_Johns",
                                  "Asia/Tehran",
                                  "Antarctica/Troll"};
constexpr const char* kCrons[] = {"* * * * *",         "*/15 * * * *",      "30 2 * * *",
                                  "0 0 * * *",         "0,30 1-3 * * *",    "59 23 * * *",
                                  "15 */2 1,15 * FRI", "0 1 * 3,4,10,11 *", "7 0-3 * * SUN"};

/// Whether the schedule is due at `at`, asked of that instant alone.
bool is_due(const Schedule& schedule, Instant at) {
  const Zone& zone = schedule.zone;
  const LocalTime shown = zone.local(at);
  const LocalTime before = zone.local({at.seconds - 1});
  if (schedule.gap == GapPolicy::shift && shown.seconds > before.seconds + 1)
    for (LocalTime skipped{before.seconds + 1}; skipped < shown; ++skipped.seconds)
      if (schedule.cron.fires_at(skipped)) return true;
  if (!schedule.cron.fires_at(shown)) return false;
  return schedule.overlap == OverlapPolicy::both || zone.instants(shown).front() == at;
}

Instant start_of(const Zone& zone) {
  const Instant any{*rc::gen::inRange<std::int64_t>(0, 2'500'000'000) / 60 * 60};
  const auto change = zone.next_change(any);
  const std::int64_t near = *rc::gen::inRange<std::int64_t>(-240, 240) * 60;
  return change && *rc::gen::arbitrary<bool>() ? Instant{change->at.seconds + near} : any;
}

}  // namespace

TEST_CASE("fire laws: the fires are the instants at which the clocks agree with the cron") {
  CHECK(rc::check("scan", [] {
    const char* zone =
        *rc::gen::elementOf(std::vector<const char*>(std::begin(kZones), std::end(kZones)));
    const char* cron =
        *rc::gen::elementOf(std::vector<const char*>(std::begin(kCrons), std::end(kCrons)));
    Schedule schedule = schedule_of(cron, zone);
    schedule.gap = *rc::gen::element(GapPolicy::shift, GapPolicy::skip);
    schedule.overlap = *rc::gen::element(OverlapPolicy::first, OverlapPolicy::both);
    const Instant start = start_of(schedule.zone);
    RC_LOG() << cron << " in " << zone << " from " << start.text() << '\n';
    Instant from = start;
    for (Instant at{start.seconds + 60}; at.seconds <= start.seconds + 36 * 3600;
         at.seconds += 60) {
      if (!is_due(schedule, at)) continue;
      const auto fire = next_fire(schedule, PeriodKind::day, from);
      RC_ASSERT(fire.has_value());
      RC_ASSERT(fire->at == at);
      from = at;
    }
    const auto fire = next_fire(schedule, PeriodKind::day, from);
    RC_ASSERT(!fire || fire->at.seconds > start.seconds + 36 * 3600);
  }));
}

TEST_CASE("fire laws: one fire a day for each day's period, none lost at a change, none twice") {
  for (const char* zone : kZones)
    for (const char* cron : {"30 2 * * *", "0 0 * * *", "45 1 * * *", "30 23 * * *"}) {
      CAPTURE(zone);
      CAPTURE(cron);
      const Schedule schedule = schedule_of(cron, zone);
      Instant at = *parse_instant("1985-01-01T12:00:00Z");
      auto fire = next_fire(schedule, PeriodKind::day, at);
      for (int day = 0; day < 366 * 60; ++day) {
        const auto next = next_fire(schedule, PeriodKind::day, fire->at);
        REQUIRE_MESSAGE(next->period == fire->period.next(), next->at.text());
        fire = next;
      }
    }
}
