// Answers of other cron readers: all of tests/data/cron, and the same from $TALLYMILL_DATA.

#include <doctest/doctest.h>

#include "core/time/cron.h"
#include "tests/folders.h"
#include "tests/outside_data.h"

using namespace tallymill;

namespace fs = std::filesystem;

namespace {

std::optional<Cron> parse(const std::string& text) {
  std::vector<TextProblem> problems;
  auto cron = Cron::parse(text, problems);
  CHECK(cron.has_value() == problems.empty());
  return cron;
}

/// The first `count` fires from the year 2012 on.
std::vector<LocalTime> fires_of(const Cron& cron, int count) {
  std::vector<LocalTime> result;
  auto time = parse_local_time("2012-01-01");
  for (int i = 0; i < count && time; ++i)
    if ((time = cron.next(*time))) result.push_back(*time);
  return result;
}

int check_next(const fs::path& file) {
  const auto rows = tsv_rows(file);
  for (const auto& row : rows) {
    CAPTURE(row[0]);
    CAPTURE(row[1]);
    const auto cron = parse(row[0]);
    REQUIRE(cron);
    CHECK(cron->next(*parse_local_time(row[1]))->text() == row[2]);
  }
  return static_cast<int>(rows.size());
}

int check_equivalent(const fs::path& file) {
  const auto rows = tsv_rows(file);
  for (const auto& row : rows) {
    CAPTURE(row[0]);
    CAPTURE(row[1]);
    CHECK(fires_of(*parse(row[0]), 2000) == fires_of(*parse(row[1]), 2000));
  }
  return static_cast<int>(rows.size());
}

int check_invalid(const fs::path& file) {
  const auto rows = tsv_rows(file);
  for (const auto& row : rows) {
    CAPTURE(row[0]);
    CHECK_FALSE(parse(row[0]));
  }
  return static_cast<int>(rows.size());
}

int check_activation(const fs::path& file) {
  const auto rows = tsv_rows(file);
  for (const auto& row : rows) {
    CAPTURE(row[0]);
    CAPTURE(row[1]);
    const auto cron = parse(row[1]);
    REQUIRE(cron);
    const LocalTime time{parse_instant(row[0])->seconds};  // all rows are of UTC
    CHECK(cron->fires_at(time) == (row[2] == "true"));
    CHECK((cron->next({time.seconds - 1}) == time) == (row[2] == "true"));
  }
  return static_cast<int>(rows.size());
}

int check_folder(const fs::path& folder) {
  return check_next(folder / "ccronexpr_next_utc.tsv") +
         check_equivalent(folder / "ccronexpr_equivalent.tsv") +
         check_invalid(folder / "ccronexpr_invalid.tsv") +
         check_activation(folder / "robfig_activation.tsv");
}

}  // namespace

TEST_CASE("cron suites: every row kept here holds") {
  CHECK(check_folder(fs::path(kSourceFolder) / "tests/data/cron") == 116);
}

TEST_CASE("cron suites: every outside row holds") {
  if (const auto folder = outside_data("suites/cron")) CHECK(check_folder(*folder) >= 116);
}
