#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

void set_job(JobFixture& job, const std::string& changes, const std::string& steps,
             const std::string& more = "") {
  job.set_job("type: cleanse\nfrom: rows\ninto: clean\nchanges: " + changes + "\n" + more +
              "steps:\n" + steps);
}

std::string changes(const JobFixture& job) {
  const json::value* found = job.result.report.if_contains("changes");
  return found == nullptr ? "" : json::serialize(*found);
}

constexpr const char* kTrimOfName = "  - trim: [name]\n";
constexpr const char* kTrimAndUpper =
    "  - trim: [name, city]\n  - case: { column: name, to: upper }\n";

}  // namespace

TEST_CASE("cleanse changes: each step counts the cells it changed, column by column") {
  JobFixture job;
  add_rows(job, "rows", "(' a', 'x', 'f', 1), ('B', NULL, 'f', 2), (NULL, ' ', 'f', 3)",
           sourced({text_column("name"), text_column("city")}));
  set_job(job, "counts", kTrimAndUpper);
  job.run();
  CHECK(changes(job) == R"([{"step":"step 1: trim","column":"name","cells":1},)"
                        R"({"step":"step 1: trim","column":"city","cells":1},)"
                        R"({"step":"step 2: case","column":"name","cells":1}])");
  CHECK_FALSE(job.schemas.contains("j.changes"));
}

TEST_CASE("cleanse changes: the log has a line for each cell and step, with its row's key") {
  JobFixture job;
  add_rows(job, "rows", "('1', ' a', 'x', 'f', 1), ('2', 'B', NULL, 'f', 2)",
           sourced({text_column("id"), text_column("name"), text_column("city")}));
  set_job(job, "all", kTrimAndUpper + std::string("  - default: { column: city, value: y }\n"),
          "key: [id]\n");
  job.run();
  CHECK(job.rows("j.changes") == Lines{"1|name| a|a|step 1: trim|f|1",
                                       "1|name|a|A|step 2: case|f|1",
                                       "2|city|-|y|step 3: default|f|2"});
  CHECK(job.shape.evidence.back().dataset == "j.changes");
}

TEST_CASE("cleanse changes: a row without a key is known by its place, else by its values") {
  JobFixture job;
  add_rows(job, "rows", "(' a', NULL, 'f', 7)",
           sourced({text_column("name"), text_column("city")}));
  set_job(job, "all", kTrimAndUpper);
  job.run();
  CHECK(job.rows("j.changes", "\"row\", step") == Lines{"f:7|step 1: trim", "f:7|step 2: case"});
  add_rows(job, "rows", "(' a', NULL)", columns_of({text_column("name"), text_column("city")}));
  set_job(job, "all", kTrimAndUpper);
  job.run();
  CHECK(job.rows("j.changes", "\"row\", step") == Lines{"A||step 1: trim", "A||step 2: case"});
}

TEST_CASE("cleanse changes: rows that leave are not counted; they are evidence as they are") {
  JobFixture job;
  add_rows(job, "rows", "(' a', 1), (' b', 2)",
           columns_of({text_column("name"), integer_column("n")}));
  set_job(job, "all", "  - trim: name\n  - reject: \"n = 2\"\n");
  job.run();
  CHECK(changes(job) == R"([{"step":"step 1: trim","column":"name","cells":1}])");
  CHECK(job.rows("j.changes", "before") == Lines{" a"});
}

TEST_CASE("cleanse changes: a value that reads the same in its new type has not changed") {
  JobFixture job;
  add_rows(job, "rows", "('2024-03-01', '1.50'), ('2024-03-02', '2')",
           columns_of({text_column("day"), text_column("fee")}));
  set_job(job, "all",
          "  - cast: { column: day, to: date }\n  - cast: { column: fee, to: money }\n");
  job.run();
  CHECK(changes(job) == R"([{"step":"step 1: cast","column":"day","cells":0},)"
                        R"({"step":"step 2: cast","column":"fee","cells":1}])");
  CHECK(job.rows("j.changes", "before, after") == Lines{"2|2.00"});
}

TEST_CASE("cleanse changes: sensitive values are masked, also in what a row is known by") {
  JobFixture job;
  add_rows(job, "rows", "(' 1390', NULL)",
           columns_of({{.name = "phone", .type = Type::text(), .sensitive = true},
                       {.name = "card", .type = Type::text(), .sensitive = true}},
                      {"phone"}));
  set_job(job, "all", "  - trim: phone\n  - default: { column: card, value: none }\n");
  job.run();
  CHECK(job.rows("j.changes") ==
        Lines{"***|card|-|***|step 2: default", "***|phone|***|***|step 1: trim"});
}

TEST_CASE("cleanse changes: stored and streamed flows say the same") {
  JobFixture job;
  const auto said = [&](const std::string& more) {
    add_rows(job, "rows", "(' a', 1), ('b', 2), (' c', 3)",
             columns_of({text_column("name"), integer_column("n")}));
    set_job(job, "all", "  - trim: name\n" + more);
    job.run();
    return changes(job) + job.digest("j.changes");
  };
  CHECK(said("  - dedupe: { by: [n], order: [name] }\n") == said(""));
}

TEST_CASE("cleanse changes: none keeps nothing, and a flow that writes over nothing logs nothing") {
  JobFixture job;
  add_rows(job, "rows", "(' a', 1)", columns_of({text_column("name"), integer_column("n")}));
  set_job(job, "none", "  - trim: name\n");
  job.run();
  CHECK(changes(job) == "");
  CHECK(job.schemas.size() == 2);
  set_job(job, "all", "  - derive: { twice: { type: integer, sql: \"n + n\" } }\n");
  job.run();
  CHECK(changes(job) == "");
  CHECK(job.rows("j.changes") == Lines{});
}

TEST_CASE("cleanse changes: no rows, no changes") {
  JobFixture job;
  add_rows(job, "rows", "(NULL, 1)", columns_of({text_column("name"), integer_column("n")}));
  set_job(job, "all", "  - filter: \"n > 1\"\n  - trim: name\n");
  job.run();
  CHECK(changes(job) == R"([{"step":"step 2: trim","column":"name","cells":0}])");
  CHECK(job.rows("j.changes") == Lines{});
}

TEST_CASE("cleanse changes: the counts are those of the log, whatever is stored on the way") {
  // Of every three rows two share their id, and every fifth is no date.
  std::string rows;
  for (int i = 0; i < 300; ++i)
    rows += std::string(i == 0 ? "" : ", ") + "('" + std::to_string(i - i % 3 % 2) + "', " +
            (i % 4 == 0   ? "' a'"
             : i % 4 == 1 ? "'A'"
                          : "NULL") +
            ", '" + (i % 5 == 0 ? "no day" : "2026/1/" + std::to_string(1 + i % 28)) + "', 'f', " +
            std::to_string(i) + ")";
  const std::string steps =
      "  - parse_date: day\n  - dedupe: { by: id, order: [day desc] }\n"
      "  - default: { column: name, value: none }\n"
      "  - reject: { when: \"day = date '2026-01-07'\", reason: closed }\n";
  const std::string again =
      "  - fill: { columns: city, from: previous, order: [id] }\n"
      "  - dedupe: { by: [name, day], order: [id] }\n  - case: { column: name, to: lower }\n";
  for (const std::string& more : {std::string(), again}) {
    JobFixture job;
    add_rows(job, "rows", rows,
             sourced({text_column("id"), text_column("name"), text_column("day")}));
    const std::string all = kTrimOfName +
                            std::string("  - derive: { city: { type: text, sql: \"name\" } }\n") +
                            steps + more;
    set_job(job, "all", all);
    job.run();
    std::map<std::string, std::int64_t> logged;
    for (const std::string& line : job.rows("j.changes", "step, \"column\"")) ++logged[line];
    CHECK(logged.size() > 2);
    const std::string counted = changes(job);
    std::map<std::string, std::int64_t> told;
    const json::value entries = json::parse(counted);
    for (const json::value& entry : entries.as_array())
      if (const std::int64_t cells = entry.at("cells").as_int64(); cells > 0)
        told[std::string(entry.at("step").as_string()) + "|" +
             std::string(entry.at("column").as_string())] = cells;
    CHECK(told == logged);
    CHECK_FALSE(job.rows("j.merged").empty());
    const Lines reasons = job.rows("j.rejects", "_reasons");
    CHECK(std::count(reasons.begin(), reasons.end(), "closed") > 0);
    CHECK(std::count(reasons.begin(), reasons.end(), "not_a_date") > 0);
    set_job(job, "counts", all);
    job.run();
    CHECK(changes(job) == counted);
  }
}
