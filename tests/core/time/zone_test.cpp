#include "core/time/zone.h"

#include <doctest/doctest.h>

#include "tests/folders.h"
#include "tests/outside_data.h"

using namespace tallymill;

namespace {

Zone zone(std::string_view name) {
  const auto found = Zone::find(name);
  REQUIRE_MESSAGE(found, std::string(name));
  return *found;
}

Instant instant(std::string_view text) {
  const auto found = parse_instant(text);
  REQUIRE_MESSAGE(found, std::string(text));
  return *found;
}

std::string shown(std::string_view name, std::string_view local) {
  std::string result;
  for (const Instant found : zone(name).instants(*parse_local_time(local)))
    result += (result.empty() ? "" : " ") + found.text();
  return result.empty() ? "never" : result;
}

std::string change_after(std::string_view name, std::string_view from) {
  const auto change = zone(name).next_change(instant(from));
  if (!change) return "none";
  return change->at.text() + " " + change->from.text() + " -> " + change->to.text() +
         (change->is_gap()       ? " gap"
          : change->is_overlap() ? " overlap"
                                 : "");
}

/// Rows of zone, UTC instant, local time of day, abbreviation, offset in seconds.
int check_rows(const std::filesystem::path& file) {
  const auto rows = tsv_rows(file);
  for (const auto& row : rows) {
    CAPTURE(row[0]);
    CAPTURE(row[1]);
    const Zone here = zone(row[0]);
    const Instant at = instant(row[1]);
    CHECK(here.local(at).text().substr(11) == row[2]);
    CHECK(here.abbreviation(at) == row[3]);
    CHECK(std::to_string(here.offset_seconds(at)) == row[4]);
    CHECK(here.local(at).seconds == at.seconds + here.offset_seconds(at));
  }
  return static_cast<int>(rows.size());
}

}  // namespace

TEST_CASE("zone: UTC is always known and never changes") {
  CHECK(Zone().name() == "UTC");
  CHECK(zone("UTC").text(instant("2026-07-01T00:00:00Z")) == "2026-07-01T00:00:00+00:00");
  CHECK(change_after("UTC", "1900-01-01T00:00:00Z") == "none");
}

TEST_CASE("zone: New York and Berlin put their clocks forward in spring and back in autumn") {
  CHECK(change_after("America/New_York", "2026-01-01T00:00:00Z") ==
        "2026-03-08T07:00:00Z 2026-03-08T02:00:00 -> 2026-03-08T03:00:00 gap");
  CHECK(shown("America/New_York", "2026-03-08T02:30:00") == "never");
  CHECK(shown("America/New_York", "2026-11-01T01:30:00") ==
        "2026-11-01T05:30:00Z 2026-11-01T06:30:00Z");
  CHECK(shown("Europe/Berlin", "2026-03-29T02:00:00") == "never");
  CHECK(shown("Europe/Berlin", "2026-03-29T03:00:00") == "2026-03-29T01:00:00Z");
  CHECK(shown("Europe/Berlin", "2026-10-25T02:59:59") ==
        "2026-10-25T00:59:59Z 2026-10-25T01:59:59Z");
  CHECK(shown("Europe/Berlin", "2026-10-25T03:00:00") == "2026-10-25T02:00:00Z");
}

TEST_CASE("zone: Lord Howe changes by half an hour") {
  CHECK(change_after("Australia/Lord_Howe", "2026-05-01T00:00:00Z") ==
        "2026-10-03T15:30:00Z 2026-10-04T02:00:00 -> 2026-10-04T02:30:00 gap");
  CHECK(shown("Australia/Lord_Howe", "2026-10-04T02:15:00") == "never");
  CHECK(shown("Australia/Lord_Howe", "2026-04-05T01:45:00") ==
        "2026-04-04T14:45:00Z 2026-04-04T15:15:00Z");
}

TEST_CASE("zone: Shanghai kept summer time from 1986 to 1991, and none since") {
  CHECK(change_after("Asia/Shanghai", "1986-01-01T00:00:00Z") ==
        "1986-05-03T18:00:00Z 1986-05-04T02:00:00 -> 1986-05-04T03:00:00 gap");
  CHECK(change_after("Asia/Shanghai", "1991-05-01T00:00:00Z") ==
        "1991-09-14T17:00:00Z 1991-09-15T02:00:00 -> 1991-09-15T01:00:00 overlap");
  CHECK(change_after("Asia/Shanghai", "1991-09-15T00:00:00Z") == "none");
  CHECK(zone("Asia/Shanghai").text(instant("2026-02-03T22:00:00Z")) == "2026-02-04T06:00:00+08:00");
}

TEST_CASE("zone: before standard time offsets have seconds; whole days were skipped") {
  CHECK(zone("Asia/Shanghai").text(instant("1900-12-31T15:54:16Z")) ==
        "1900-12-31T23:59:59+08:05:43");
  CHECK(shown("Pacific/Apia", "2011-12-30T12:00:00") == "never");
}

TEST_CASE("zone: rules reach beyond the tables") {
  CHECK(change_after("Europe/Berlin", "2100-01-01T00:00:00Z") ==
        "2100-03-28T01:00:00Z 2100-03-28T02:00:00 -> 2100-03-28T03:00:00 gap");
  CHECK(change_after("Europe/Berlin", "2399-12-31T00:00:00Z").substr(0, 10) == "2400-03-26");
}

TEST_CASE("zone: names are IANA's, nothing else that lies in the folder") {
  for (const char* name :
       {"", "Asia Shanghai", "asia/shanghai", "/etc/localtime", "../zoneinfo/UTC", "Asia/",
        "Asia//Shanghai", "Asia", "right/UTC", "posix/Asia/Shanghai", "localtime",
        "Fixed/UTC+08:00:00", "tzdata.zi", "UTC+8", "Factory"})
    CHECK_MESSAGE(!Zone::find(name), std::string(name));
  CHECK(Zone::find("Etc/GMT-8"));
  CHECK(Zone::hint("Asia/Shanghi") == "did you mean 'Asia/Shanghai'?");
  CHECK(Zone::hint("asia/shanghai") == "did you mean 'Asia/Shanghai'?");
  CHECK(Zone::hint("Beijing") == "write an IANA name, e.g. Asia/Shanghai");
}

TEST_CASE("zone: rows of moment-timezone kept here hold") {
  CHECK(check_rows(std::filesystem::path(kSourceFolder) / "tests/data/tz/transitions.tsv") == 50);
}

TEST_CASE("zone: every outside row holds") {
  if (const auto file = outside_data("suites/tz/moment_timezone_transitions.tsv"))
    CHECK(check_rows(*file) == 4710);
}
