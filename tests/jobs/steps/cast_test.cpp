#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

TEST_CASE("cast: texts become values only strictly; the others are rejects with the reason") {
  JobFixture job;
  add_rows(job, "rows",
           "('12.30'), ('12.345'), ('1e2'), (''), (NULL), ('99999999999999999.00'), ('1,000.00'), "
           "('-0.5')",
           columns_of({text_column("paid")}));
  job.set_steps("  - cast: { column: paid, to: money }\n");
  job.run();
  CHECK(job.schemas.at("clean").find("paid")->type == Type::money(2));
  CHECK(job.rows("clean") == Lines{"-0.50", "12.30", "-"});
  CHECK(job.rows("j.rejects", "_reason, _message") ==
        Lines{"empty|paid '' is no money", "exponent|paid '1e2' is no money",
              "not_a_number|paid '1,000.00' is no money",
              "out_of_range|paid '99999999999999999.00' is no money",
              "surplus_fraction_digits|paid '12.345' is no money"});
}

TEST_CASE("cast: each type has its own parser") {
  JobFixture job;
  add_rows(job, "rows", "('42', '2026-01-31', '31.01.2026', '1.2345', 'true', 'paid', '0.5')",
           columns_of({text_column("i"), text_column("d"), text_column("g"), text_column("p"),
                       text_column("b"), text_column("e"), text_column("r")}));
  job.set_steps(
      "  - cast: { column: i, to: integer }\n  - cast: { column: d, to: date }\n"
      "  - cast: { column: g, to: date, format: \"%d.%m.%Y\" }\n"
      "  - cast: { column: p, to: \"decimal(12,4)\" }\n  - cast: { column: b, to: boolean }\n"
      "  - cast: { column: e, to: enum, values: [open, paid] }\n"
      "  - cast: { column: r, to: ratio }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"42|2026-01-31|2026-01-31|1.2345|true|paid|0.500000000"});
}

TEST_CASE("cast: a format that reads nothing is refused before the first row") {
  JobFixture job;
  add_rows(job, "rows", "('1', '2')", columns_of({text_column("d"), text_column("n")}));
  job.set_steps(
      "  - cast: { column: d, to: date, format: \"%d.%m\" }\n"
      "  - cast: { column: d, to: timestamp, format: \"%Q\" }\n"
      "  - cast: { column: n, to: money, format: \"%Y\" }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:42: the pattern has no '%Y'; a date needs %Y, %m and %d\n"
        "g.yaml:6:47: unknown directive '%Q' in pattern; known are %Y %m %d %H %M %S and %%\n"
        "g.yaml:7:43: 'format' belongs to a date or timestamp, not money");
}

TEST_CASE("cast: a value outside an enum or a day that does not exist is a reject") {
  JobFixture job;
  add_rows(job, "rows", "('open', '2026-02-30'), ('lost', '2026-02-28')",
           columns_of({text_column("state"), text_column("day")}));
  job.set_steps(
      "  - cast: { column: state, to: enum, values: [open] }\n"
      "  - cast: { column: day, to: date }\n");
  job.run();
  CHECK(job.rows("j.rejects", "_reasons") == Lines{"not_a_date", "not_in_set"});
}

TEST_CASE("cast: numbers widen, anything becomes text, and nothing narrows") {
  JobFixture job;
  add_rows(job, "rows", "(7, 1.50)", columns_of({integer_column("n"), money_column("m")}));
  job.set_steps(
      "  - cast: { column: n, to: \"decimal(38,4)\" }\n  - cast: { column: m, to: text }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"7.0000|1.50"});
  job.set_steps("  - cast: { column: m, to: integer }\n  - cast: { column: n, to: numbr }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:28: column 'm' is money and cannot become integer without loss; cast reads texts "
        "and widens numbers; narrow with round_money() in a 'derive' step\n"
        "g.yaml:6:28: unknown type 'numbr'; use integer, money, decimal(p,s), ratio, date, "
        "timestamp, boolean, enum or text");
}

TEST_CASE("cast: sensitive texts are masked in messages") {
  JobFixture job;
  add_rows(job, "rows", "('abc')",
           columns_of({{.name = "salary", .type = Type::text(), .sensitive = true}}));
  job.set_steps("  - cast: { column: salary, to: money }\n");
  job.run();
  CHECK(job.rows("j.rejects", "_message") == Lines{"salary *** is no money"});
}

TEST_CASE("cast: a column that has the type already stays as it is") {
  JobFixture job;
  add_rows(job, "rows", "('2024-03-01')",
           columns_of({{.name = "day", .type = Type::date(), .required = true}}));
  job.set_steps("  - cast: { column: day, to: date }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"2024-03-01"});
}
