// Every step that says so is run over its own output: nothing changes and no row leaves. And each
// is run before and behind a dedupe, which sets rows aside: as two jobs, one after the other, do.
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "jobs/step.h"
#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

/// A step over the rows of add_people() that has something to do there.
const std::map<std::string, std::string> kSamples{
    {"blanks", "  - blanks: name\n  - blanks: { columns: phone, keep: none }\n"},
    {"case", "  - case: { columns: [name, city], to: upper }\n"},
    {"cast", "  - cast: { column: born, to: date }\n  - cast: { column: owes, to: money }\n"},
    {"clip", "  - clip: { column: n, quantiles: [0.3, 0.7] }\n"},
    {"dedupe",
     "  - dedupe: { by: [phone], order: [n], survivors: { name: longest, city: min } }\n"},
    {"default", "  - default: { column: city, value: nowhere }\n"},
    {"enrich",
     "  - enrich: { table: city, on: { city: code }, take: { name: title }, unmatched: keep }\n"},
    {"fill", "  - fill: { columns: city, from: previous, order: n }\n"},
    {"filter", "  - filter: \"n < 5\"\n"},
    {"join", "  - join: { columns: [name, city], into: phone, with: / }\n"},
    {"normalize", "  - normalize: { columns: [name, city, phone], form: nfkc }\n"},
    {"parse_date", "  - parse_date: born\n"},
    {"parse_number", "  - parse_number: { columns: owes, to: money }\n"},
    {"reject", "  - reject: \"phone is null\"\n"},
    {"repair",
     "  - trim: city\n  - repair: { key: phone, column: city, confidence: 0.51, support: 1, mode: "
     "apply }\n  - repair: { column: name, table: city, on: { city: code }, take: title, mode: "
     "apply }\n"},
    {"script", "  - script: name\n  - script: { columns: city, to: traditional }\n"},
    {"split", "  - split: { column: name, by: l, into: [city, phone], surplus: last }\n"},
    {"strip", "  - strip: { columns: [name, city], also: '-' }\n"},
    {"synonyms", "  - synonyms: { column: city, table: city, word: title, aliases: code }\n"},
    {"trim", "  - trim: [name, city, phone]\n"},
    {"valid_format", "  - valid_format: { column: phone, format: integer }\n"},
    {"width", "  - width: [name, phone]\n"},
};

void add_people(JobFixture& job) {
  add_rows(job, "rows",
           "(1, ' Li  Lei ', 'ＡＢ-1', '2024-03-01', '1.50', '1390', 'a', 1), "
           "(2, '韓梅  梅', NULL, '2024-02-30', '2', '１390', 'a', 2), "
           "(3, 'li lei', 'gz', '2024-03-02', '12.345', '1390', 'a', 3), "
           "(4, NULL, 'GZ', NULL, NULL, NULL, 'a', 4), "
           "(5, '国\xE2\x80\x8B', 'gz ', '2024-03-03', '-7.00', '1390', 'a', 5)",
           sourced({integer_column("n"), text_column("name"), text_column("city"),
                    text_column("born"), text_column("owes"), text_column("phone")}));
}

void add_cities(JobFixture& job) {
  job.add_table("city", "code,title\ngz,Guangzhou\nGZ,Guangzhou\ngz ,Guangzhou\nＡＢ-1,Foshan\n");
}

void set_job(JobFixture& job, const std::string& steps) {
  job.set_job("type: cleanse\nfrom: rows\ninto: clean\nchanges: all\nsteps:\n" + steps);
}

std::int64_t cells_changed(const JobFixture& job) {
  std::int64_t cells = 0;
  if (const json::value* changes = job.result.report.if_contains("changes"))
    for (const json::value& change : changes->as_array())
      cells += change.at("cells").to_number<std::int64_t>();
  return cells;
}

std::size_t rows_that_left(const JobFixture& job) {
  std::size_t rows = 0;
  for (const std::string name : {"j.rejects", "j.merged", "j.filtered"})
    if (job.schemas.contains(name)) rows += job.rows(name).size();
  return rows;
}

}  // namespace

TEST_CASE("idempotent steps: each has a sample here, and no other step has one") {
  for (const std::string& name : step_types().names()) {
    CAPTURE(name);
    CHECK(step_types().find(name)->is_idempotent == kSamples.contains(name));
  }
}

TEST_CASE("idempotent steps: the first run does something, the second nothing") {
  for (const auto& [name, steps] : kSamples) {
    CAPTURE(name);
    JobFixture job;
    add_people(job);
    add_cities(job);
    set_job(job, steps);
    job.run();
    CHECK(cells_changed(job) + static_cast<std::int64_t>(rows_that_left(job)) > 0);
    const std::string once = job.digest("clean");
    job.feed("clean", "rows");
    set_job(job, steps);
    job.run();
    CHECK(job.digest("clean") == once);
    CHECK(cells_changed(job) == 0);
    CHECK(job.rows("j.changes") == Lines{});
    CHECK(rows_that_left(job) == 0);
  }
}

TEST_CASE("steps: in front of a dedupe, or some behind it, they make what two jobs make") {
  const std::string dedupe = "  - dedupe: { by: phone, order: [n] }\n";
  // Rows that were set aside leave by these, too.
  const std::set<std::string> kLeaveBehind{"cast", "filter", "reject", "valid_format"};
  const auto run = [](JobFixture& job, const std::string& steps) {
    set_job(job, steps);
    job.run();
    return job.rows("clean");
  };
  const auto people = [](JobFixture& job) {
    add_people(job);
    add_cities(job);
  };
  for (const auto& [name, steps] : kSamples) {
    if (name == "dedupe") continue;
    for (const bool is_behind : {false, true}) {
      if (is_behind && !kLeaveBehind.contains(name)) continue;
      CAPTURE(name);
      CAPTURE(is_behind);
      const std::string first = is_behind ? dedupe : steps;
      const std::string second = is_behind ? steps : dedupe;
      JobFixture apart;
      people(apart);
      run(apart, first);
      apart.feed("clean", "rows");
      JobFixture together;
      people(together);
      CHECK(run(together, first + second) == run(apart, second));
    }
  }
}
