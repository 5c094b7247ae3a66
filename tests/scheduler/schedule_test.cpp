#include <doctest/doctest.h>

#include "core/time/fire.h"
#include "fake_catalog.h"
#include "scheduler/pinned_files.h"
#include "scheduler/workspace.h"

using namespace tallymill;

namespace {

struct Loaded {
  std::shared_ptr<ScratchFolder> folder = std::make_shared<ScratchFolder>();
  Diagnostics diagnostics = {};
  Workspace workspace = {};

  const Schedule* schedule() const { return workspace.graphs.at("g")->schedule.get(); }
};

constexpr const char* kCalendar = "calendar: cn\nyears: { 2026: { holidays: [2026-01-01] } }\n";

/// A workspace whose graph `g` has this schedule, the `calendar:` of kCalendar beside it.
Loaded load(const std::string& schedule, const std::map<std::string, std::string>& files = {}) {
  Loaded loaded;
  write(*loaded.folder, "tallymill.yaml", "workspace: demo\n");
  write(*loaded.folder, "calendars/cn.yaml", kCalendar);
  write(*loaded.folder, "graphs/g.yaml",
        "graph: g\nperiod: month\nschedule: " + schedule + "\njobs: { a: { type: make } }\n");
  for (const auto& [file, text] : files) write(*loaded.folder, file, text);
  loaded.workspace = Workspace::load(loaded.folder->path(), FakeCatalog(), loaded.diagnostics);
  return loaded;
}

/// Without the quoted lines.
std::string problems(const Loaded& loaded) {
  std::string lines;
  for (const Diagnostic& item : loaded.diagnostics.sorted())
    lines += item.where.text() + ": " + item.message + (item.hint.empty() ? "" : "; " + item.hint) +
             "\n";
  return lines;
}

}  // namespace

TEST_CASE("schedule: what the graph says is read, the rest has defaults") {
  const Loaded plain = load("{ cron: \"0 6 * * *\" }");
  REQUIRE(plain.schedule());
  CHECK(plain.schedule()->cron.text() == "0 6 * * *");
  CHECK(plain.schedule()->zone.name() == "UTC");
  CHECK(plain.schedule()->calendar == nullptr);
  CHECK(plain.schedule()->gap == GapPolicy::shift);
  CHECK(plain.schedule()->overlap == OverlapPolicy::first);
  CHECK(plain.schedule()->catch_up == CatchUp::all);
  CHECK(plain.schedule()->while_active == WhileActive::queue);

  const Loaded full = load(
      "{ cron: \"0 6 * * *\", days: nth_workday(3), timezone: Asia/Shanghai, calendar: cn, dst: "
      "{gap: skip, overlap: both}, catch_up: latest, overlap: skip, period_offset: -1 }");
  CHECK(problems(full).empty());
  REQUIRE(full.schedule());
  CHECK(full.schedule()->zone.name() == "Asia/Shanghai");
  CHECK(full.schedule()->calendar->name() == "cn");
  CHECK(full.schedule()->gap == GapPolicy::skip);
  CHECK(full.schedule()->overlap == OverlapPolicy::both);
  CHECK(full.schedule()->catch_up == CatchUp::latest);
  CHECK(full.schedule()->while_active == WhileActive::skip);
  const auto fire =
      next_fire(*full.schedule(), PeriodKind::month, *parse_instant("2026-02-01T00:00Z"));
  REQUIRE(fire);
  CHECK(fire->at.text() == "2026-02-03T22:00:00Z");
  CHECK(fire->period.text() == "2025-12");
}

TEST_CASE("schedule: a graph without one has none") {
  Loaded loaded;
  write(*loaded.folder, "tallymill.yaml", "workspace: demo\n");
  write(*loaded.folder, "graphs/g.yaml", "graph: g\nperiod: day\njobs: { a: { type: make } }\n");
  loaded.workspace = Workspace::load(loaded.folder->path(), FakeCatalog(), loaded.diagnostics);
  CHECK(loaded.schedule() == nullptr);
}

TEST_CASE("schedule: zone and calendar may be the workspace's") {
  const Loaded loaded =
      load("{ cron: \"0 6 * * *\", days: workdays }",
           {{"tallymill.yaml", "workspace: demo\ntimezone: Asia/Shanghai\ncalendar: cn\n"}});
  CHECK(problems(loaded).empty());
  CHECK(loaded.schedule()->zone.name() == "Asia/Shanghai");
  CHECK(loaded.schedule()->calendar->name() == "cn");
}

TEST_CASE("schedule: every wrong part is reported at its own place") {
  CHECK(
      problems(load("{ cron: \"0 25 * * fri,8\", days: \"3 days\", timezone: Asia/Shangai, "
                    "overlap: kill, calendar: us, period_offset: 4000, dst: {gap: jump} }")) ==
      "graphs/g.yaml:3:22: hour must be from 0 to 23, got '25'\n"
      "graphs/g.yaml:3:33: weekday must be from 0 to 7, or SUN to SAT, got '8'\n"
      "graphs/g.yaml:3:44: unknown rule for days '3 days'; the rules are every_day, workdays, "
      "days_off, month_end, nth_workday, last_workday, roll_forward, roll_back\n"
      "graphs/g.yaml:3:63: 'Asia/Shangai' is no time zone; did you mean 'Asia/Shanghai'?\n"
      "graphs/g.yaml:3:86: option 'overlap' must be one of queue, skip, cancel_oldest, got 'kill'\n"
      "graphs/g.yaml:3:102: there is no calendar 'us'; the calendars are cn\n"
      "graphs/g.yaml:3:121: option 'period_offset' must be from -1000 to 1000, got 4000\n"
      "graphs/g.yaml:3:138: option 'gap' must be one of shift, skip, got 'jump'\n");
}

TEST_CASE("schedule: work days need a calendar, and one that exists") {
  CHECK(problems(load("{ cron: \"0 6 * * *\", days: nth_workday(3) }")) ==
        "graphs/g.yaml:3:38: days 'nth_workday(3)' need a calendar; add 'calendar: name' here or "
        "in tallymill.yaml\n");
  CHECK(
      problems(load("{ cron: \"0 6 * * *\", days: workdays }",
                    {{"tallymill.yaml", "workspace: demo\ncalendar: cm\ntimezone: Nowhere\n"}})) ==
      "tallymill.yaml:2:11: there is no calendar 'cm'; the calendars are cn\n"
      "tallymill.yaml:3:11: 'Nowhere' is no time zone; write an IANA name, e.g. Asia/Shanghai\n");
}

TEST_CASE("calendars: every file of the folder is read, and told where it is wrong") {
  const Loaded loaded = load(
      "{ cron: \"0 6 * * *\", calendar: cn }",
      {{"calendars/cn.2028.yaml", "calendar: cn\nyears: { 2028: { holidays: [2028-13-01] } }\n"},
       {"calendars/a b.yaml", "calendar: x\n"}});
  CHECK(loaded.workspace.calendars.at("cn").files ==
        std::vector<std::string>{"calendars/cn.2028.yaml", "calendars/cn.yaml"});
  CHECK(
      problems(loaded) ==
      "calendars/a b.yaml: this file is not read; a calendar's file is called <name>.yaml or "
      "<name>.<year>.yaml\n"
      "calendars/cn.2028.yaml:2:8: calendar 'cn' has no data for 2027 (it has 2026, 2028); asking "
      "for a work day of that year will be an error\n"
      "calendars/cn.2028.yaml:2:29: a day must be a date or two with '..' between them, got "
      "'2028-13-01'; write 2019-01-01 or 2019-02-04..2019-02-10\n");
}

TEST_CASE("calendars: one graph does not stumble over a calendar it does not ask") {
  const Loaded loaded = load("{ cron: \"0 6 * * *\", calendar: cn }",
                             {{"calendars/us.yaml", "calendar: us\nyears: 3\n"}});
  CHECK(loaded.diagnostics.has_errors());
  Diagnostics diagnostics;
  Workspace::load(loaded.folder->path(), FakeCatalog(), diagnostics, "g");
  CHECK_MESSAGE(diagnostics.empty(), diagnostics.render());
}

TEST_CASE("calendars: a run pins those of its graph's schedule") {
  const Loaded loaded = load("{ cron: \"0 6 * * *\", calendar: cn }",
                             {{"calendars/us.yaml", "calendar: us\n"},
                              {"calendars/cn.2027.yaml", "calendar: cn\nyears: { 2027: {} }\n"}});
  REQUIRE(loaded.diagnostics.empty());
  const StateFolder state(loaded.workspace.state);
  std::filesystem::create_directories(loaded.workspace.state / "blobs");
  const PinnedFiles files = pin_files(loaded.workspace, *loaded.workspace.graphs.at("g"), state);
  std::vector<std::string> paths;
  for (const auto& entry : files) paths.push_back(entry.first);
  CHECK(paths ==
        std::vector<std::string>{"calendars/cn.2027.yaml", "calendars/cn.yaml", "graphs/g.yaml"});
}
