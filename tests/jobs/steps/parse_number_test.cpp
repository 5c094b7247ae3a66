#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

void add_fees(JobFixture& job, const std::string& rows) {
  add_rows(job, "rows", rows, columns_of({integer_column("n"), text_column("fee")}));
}

}  // namespace

TEST_CASE("parse_number: amounts as people write them, exactly; missing values stay missing") {
  JobFixture job;
  add_fees(job,
           "(1, '1,234.50'), (2, '￥99'), (3, '(12.30)'), (4, '3.5万元'), (5, '壹佰贰拾叁元整'), "
           "(6, '１，０００'), (7, NULL), (8, '1.500')");
  job.set_steps("  - parse_number: { columns: fee, to: money }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1|1234.50", "2|99.00", "3|-12.30", "4|35000.00", "5|123.00",
                                   "6|1000.00", "7|-", "8|1.50"});
}

TEST_CASE("parse_number: a text that is none, or that would be rounded, rejects its row") {
  JobFixture job;
  add_fees(job,
           "(1, '1,23'), (2, '12.345'), (3, '一百五'), (4, '$5'), (5, ''), (6, '12%'), "
           "(7, '9999999999亿')");
  job.set_steps("  - parse_number: { columns: fee, to: money }\n");
  job.run();
  CHECK(job.rows("clean").empty());
  CHECK(job.rows("j.rejects", "n, _reason, _message") ==
        Lines{"1|not_a_number|fee '1,23' is no money",
              "2|surplus_fraction_digits|fee '12.345' is no money",
              "3|ambiguous|fee '一百五' may be two numbers", "4|not_a_number|fee '$5' is no money",
              "5|empty|fee '' is no money", "6|not_a_number|fee '12%' is no money",
              "7|out_of_range|fee '9999999999亿' is no money"});
}

TEST_CASE("parse_number: each type, with its own point and signs") {
  JobFixture job;
  add_rows(job, "rows", "('一千零五', '12.5%', '$1.234,5')",
           columns_of({text_column("i"), text_column("r"), text_column("d")}));
  job.set_steps(
      "  - parse_number: { columns: i, to: integer }\n"
      "  - parse_number: { columns: [r], to: ratio }\n"
      "  - parse_number: { columns: d, to: 'decimal(9,1)', point: ',', currency: [$] }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1005|0.125000000|1234.5"});
}

TEST_CASE("parse_number: no rows, no numbers") {
  JobFixture job;
  add_fees(job, "(1, '5')");
  job.set_steps("  - filter: \"n > 1\"\n  - parse_number: { columns: fee, to: money }\n");
  job.run();
  CHECK(job.rows("clean").empty());
}

TEST_CASE("parse_number: types, separators and columns that cannot be are reported") {
  JobFixture job;
  add_fees(job, "(1, '')");
  job.set_steps(
      "  - parse_number: { columns: fee, to: date }\n"
      "  - parse_number: { columns: fee, to: money, thousands: '.' }\n"
      "  - parse_number: { columns: [n, fe], to: money }\n");
  CHECK(
      job.plan_problems() ==
      "g.yaml:5:39: 'date' is no type of a number; use integer, money, decimal(p,s) or ratio\n"
      "g.yaml:6:57: '.' cannot separate thousands where the point is '.'; use ',', '.', \"'\", ' ' "
      "or nothing\n"
      "g.yaml:7:30: column 'n' is integer, expected text\n"
      "g.yaml:7:30: there is no column 'fe'; did you mean 'fee'?");
}
