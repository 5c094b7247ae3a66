#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

void add_cities(JobFixture& job, bool is_sensitive = false) {
  add_rows(job, "rows",
           "(1, 'a', 'gz'), (2, 'a', 'gz'), (3, 'a', 'gz'), (4, 'a', 'fs'), (5, 'a', NULL), "
           "(6, 'b', 'sz'), (7, 'b', 'dg'), (8, NULL, 'x'), (9, 'c', 'zh')",
           columns_of({integer_column("n"),
                       text_column("zip"),
                       {.name = "city", .type = Type::text(), .sensitive = is_sensitive}},
                      {"n"}));
}

}  // namespace

TEST_CASE("repair: the majority of a key is proposed for the others, and nothing is changed") {
  JobFixture job;
  add_cities(job);
  job.set_steps("  - repair: { key: zip, column: city, confidence: 0.75 }\n");
  job.run();
  CHECK(job.rows("j.proposals") ==
        Lines{"4|city|fs|gz|3|4|no|step 1: repair", "5|city|-|gz|3|4|no|step 1: repair"});
  CHECK(job.rows("clean", "n, city").at(3) == "4|fs");
  CHECK(job.shape.evidence.back().dataset == "j.proposals");
}

TEST_CASE("repair: without enough that agree nothing is proposed") {
  JobFixture job;
  add_cities(job);
  job.set_steps(
      "  - repair: { key: zip, column: city }\n"
      "  - repair: { key: [zip], column: city, confidence: 0.75, support: 4 }\n");
  job.run();
  CHECK(job.rows("j.proposals").empty());
}

TEST_CASE("repair: applied proposals change cells, and a second run has none") {
  JobFixture job;
  add_cities(job);
  const std::string steps =
      "  - repair: { key: zip, column: city, confidence: 0.75, apply: true }\n";
  job.set_steps(steps);
  job.run();
  CHECK(job.rows("clean", "n, city") ==
        Lines{"1|gz", "2|gz", "3|gz", "4|gz", "5|gz", "6|sz", "7|dg", "8|x", "9|zh"});
  CHECK(job.rows("j.proposals", "\"row\", before, proposed, applied") ==
        Lines{"4|fs|gz|yes", "5|-|gz|yes"});
  job.feed("clean", "rows");
  job.set_steps(steps);
  job.run();
  CHECK(job.rows("j.proposals").empty());
}

TEST_CASE("repair: rows that have a reason to leave are no witnesses") {
  JobFixture job;
  add_cities(job);
  job.set_steps(
      "  - reject: \"n in (1, 2)\"\n  - repair: { key: zip, column: city, confidence: 0.6 }\n");
  job.run();
  CHECK(job.rows("j.proposals").empty());
}

TEST_CASE("repair: sensitive values are masked") {
  JobFixture job;
  add_cities(job, true);
  job.set_steps("  - repair: { key: zip, column: city, confidence: 0.75 }\n");
  job.run();
  CHECK(job.rows("j.proposals", "before, proposed") == Lines{"***|***", "-|***"});
}

TEST_CASE("repair: a majority is more than a half, and columns must be there") {
  JobFixture job;
  add_cities(job);
  job.set_steps(
      "  - repair: { key: zip, column: city, confidence: 0.5 }\n"
      "  - repair: { key: zip, column: city, support: 0 }\n"
      "  - repair: { key: zap, column: cty }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:51: 'confidence' must be more than 0.5 and at most 1, got '0.5'\n"
        "g.yaml:6:48: 'support' must be at least 1 row\n"
        "g.yaml:7:20: there is no column 'zap'; did you mean 'zip'?\n"
        "g.yaml:7:33: there is no column 'cty'; did you mean 'city'?");
}
