#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

void add_days(JobFixture& job, const std::string& rows) {
  add_rows(job, "rows", rows, columns_of({integer_column("n"), text_column("day")}));
}

}  // namespace

TEST_CASE("parse_date: one day in many forms, missing values stay missing") {
  JobFixture job;
  add_days(job,
           "(1, '2024-03-01'), (2, ' 2024/3/1 '), (3, '20240301'), (4, '2024年3月1日'), "
           "(5, '二〇二四年三月一日'), (6, '２０２４－０３－０１'), (7, NULL)");
  job.set_steps("  - parse_date: day\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1|2024-03-01", "2|2024-03-01", "3|2024-03-01", "4|2024-03-01",
                                   "5|2024-03-01", "6|2024-03-01", "7|-"});
  CHECK(job.schemas.at("clean").find("day")->type == Type::date());
}

TEST_CASE("parse_date: a text that is no date rejects its row with the reason") {
  JobFixture job;
  add_days(job, "(1, '2024-02-30'), (2, 'soon'), (3, ''), (4, '2024-03-01')");
  job.set_steps("  - parse_date: day\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"4|2024-03-01"});
  CHECK(job.rows("j.rejects", "n, _reason, _message") ==
        Lines{"1|not_a_date|day '2024-02-30' is no date", "2|not_a_date|day 'soon' is no date",
              "3|empty|day '' is no date"});
}

TEST_CASE("parse_date: what may be two days is rejected, or read by the first form if so told") {
  JobFixture job;
  add_days(job, "(1, '03/04/2024'), (2, '25/12/2024')");
  const std::string forms = "forms: ['%d/%m/%Y', '%m/%d/%Y']";
  job.set_steps("  - parse_date: { columns: day, " + forms + " }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"2|2024-12-25"});
  CHECK(job.rows("j.rejects", "n, _reason, _message") ==
        Lines{"1|ambiguous|day '03/04/2024' may be two dates"});
  job.set_steps("  - parse_date: { columns: day, ambiguous: first, " + forms + " }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1|2024-04-03", "2|2024-12-25"});
}

TEST_CASE("parse_date: sensitive texts are masked in messages") {
  JobFixture job;
  add_rows(job, "rows", "('soon')",
           columns_of({{.name = "born", .type = Type::text(), .sensitive = true}}));
  job.set_steps("  - parse_date: born\n");
  job.run();
  CHECK(job.rows("j.rejects", "_message") == Lines{"born *** is no date"});
}

TEST_CASE("parse_date: no rows, no dates") {
  JobFixture job;
  add_days(job, "(1, '2024-03-01')");
  job.set_steps("  - filter: \"n > 1\"\n  - parse_date: day\n");
  job.run();
  CHECK(job.rows("clean").empty());
}

TEST_CASE("parse_date: forms that say no day and columns that are no text are reported") {
  JobFixture job;
  add_days(job, "(1, '')");
  job.set_steps("  - parse_date: { columns: day, forms: ['%Y-%m'] }\n  - parse_date: [n, dya]\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:41: '%Y-%m' is no form of a date: the pattern has no '%d'; a date needs %Y, %m "
        "and %d; or one of excel, epoch_s, epoch_ms\n"
        "g.yaml:6:17: column 'n' is integer, expected text\n"
        "g.yaml:6:17: there is no column 'dya'; did you mean 'day'?");
}
