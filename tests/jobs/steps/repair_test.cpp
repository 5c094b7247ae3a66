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
        Lines{"4|city|fs|gz|3|4|-|no|step 1: repair", "5|city|-|gz|3|4|-|no|step 1: repair"});
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
      "  - repair: { key: zip, column: city, confidence: 0.75, mode: apply }\n";
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

namespace {

/// n, org, born, fee
void add_people(JobFixture& job, bool is_sensitive = false) {
  add_rows(job, "rows",
           "(1, 'K1', '2020-01-01', 1.50), (2, 'K2', NULL, 2.00), (3, 'K3', '2020-03-03', 3.00), "
           "(4, NULL, '2020-04-04', 4.00), (5, 'K9', '2020-05-05', 5.00)",
           columns_of({integer_column("n"),
                       text_column("org"),
                       {.name = "born", .type = Type::date(), .sensitive = is_sensitive},
                       money_column("fee")},
                      {"n"}));
  job.add_table("register",
                "org,born,fee,title\nK1,2020-01-01,1.5,one\nK2,2020-02-02,2.25,two\n"
                "K3,,,\nK9,2020-05-06,5.00,nine\n");
}

}  // namespace

TEST_CASE("repair: where a cell differs from the reference its value is proposed") {
  JobFixture job;
  add_people(job);
  job.set_steps(
      "  - repair: { column: born, table: register, on: { org: org } }\n"
      "  - repair: { column: fee, table: register, on: { org: org }, take: fee }\n");
  job.run();
  CHECK(job.rows("j.proposals") == Lines{"2|born|-|2020-02-02|-|-|register|no|step 1: repair",
                                         "2|fee|2.00|2.25|-|-|register|no|step 2: repair",
                                         "5|born|2020-05-05|2020-05-06|-|-|register|no|step 1: "
                                         "repair"});
  CHECK(job.rows("clean", "n, born, fee").at(1) == "2|-|2.00");
}

TEST_CASE(
    "repair: what the reference says is written where that is asked for, and then it agrees") {
  JobFixture job;
  add_people(job);
  const std::string yaml =
      "type: cleanse\nfrom: rows\ninto: clean\nkey: [n]\nchanges: all\nbalance: [fee]\nsteps:\n"
      "  - reject: \"n = 5\"\n"
      "  - repair: { column: born, table: register, on: { org: org }, mode: apply }\n"
      "  - repair: { column: fee, table: register, on: { org: org }, mode: apply }\n";
  job.set_job(yaml);
  job.run();
  CHECK(job.rows("clean", "n, born, fee") ==
        Lines{"1|2020-01-01|1.50", "2|2020-02-02|2.25", "3|2020-03-03|3.00", "4|2020-04-04|4.00"});
  CHECK(job.rows("j.changes") ==
        Lines{"2|born|-|2020-02-02|step 2: repair", "2|fee|2.00|2.25|step 3: repair"});
  CHECK(job.rows("j.proposals", "\"row\", \"column\", applied") ==
        Lines{"2|born|yes", "2|fee|yes"});
  CHECK(json::serialize(job.result.report.at("adjusted")) ==
        R"([{"step":"step 3: repair","column":"fee","amount":"0.25"}])");
  job.feed("clean", "rows");
  job.set_job(yaml);
  job.run();
  CHECK(job.rows("j.proposals").empty());
}

TEST_CASE("repair: a dataset is a reference too, and its sensitive values stay masked") {
  JobFixture job;
  add_people(job, true);
  add_rows(job, "register", "('K2', DATE '2021-02-02', 'two')",
           columns_of({text_column("org"),
                       {.name = "born", .type = Type::date()},
                       {.name = "title", .type = Type::text(), .sensitive = true}}));
  job.set_steps(
      "  - repair: { column: born, table: register, on: { org: org }, mode: apply }\n"
      "  - repair: { column: org, table: register, on: { org: org }, take: title }\n");
  job.run();
  CHECK(job.rows("clean", "n, born").at(1) == "2|2021-02-02");
  CHECK(job.rows("j.proposals", "\"row\", \"column\", before, proposed") ==
        Lines{"2|born|-|***", "2|org|***|***"});
}

TEST_CASE("repair: a reference has one answer for a key, of the column's type") {
  JobFixture job;
  add_people(job);
  job.add_table("twice", "org,fee\nK1,1.00\nK1,2.00\n");
  job.set_steps(
      "  - repair: { column: fee, table: register, on: { org: org }, take: title }\n"
      "  - repair: { column: fee, table: register, on: { orgg: org }, take: feee }\n"
      "  - repair: { column: fee }\n"
      "  - repair: { column: fee, table: register }\n"
      "  - repair: { column: fee, table: register, on: { org: org }, support: 3 }\n"
      "  - repair: { column: fee, key: org, take: fee }\n");
  CHECK(
      job.plan_problems() ==
      "g.yaml:5:35: column 'title' of table 'register' has 'nine', which is no money "
      "(not_a_number)\n"
      "g.yaml:6:51: there is no column 'orgg'; did you mean 'org'?\n"
      "g.yaml:7:13: step 'repair' needs either 'key', for the majority of the rows, or 'table', "
      "for a reference\n"
      "g.yaml:8:35: a repair from a table needs 'on'; say which columns of rows and table are its "
      "key\n"
      "g.yaml:9:72: 'support' goes with 'key'; this repair has none\n"
      "g.yaml:10:44: 'take' goes with 'table'; this repair has none");
  job.set_steps("  - repair: { column: fee, table: twice, on: { org: org } }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:35: table 'twice' has more than one answer for 'K1'; keep one row for each key");
}

TEST_CASE("repair: a table may be called like what a cleanse keeps on the way") {
  JobFixture job;
  add_people(job);
  job.add_table("tm_h99", "org,born\nK2,2020-02-02\n");
  job.set_steps("  - repair: { column: born, table: tm_h99, on: { org: org } }\n");
  job.run();
  CHECK(job.rows("j.proposals", "\"row\", reference") == Lines{"2|tm_h99"});
}
