#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

void add_lines(JobFixture& job) {
  add_rows(job, "lines",
           "('DE', true), ('DE', false), ('DE', false), ('DE', false), ('FR', false), ('FR', "
           "false), ('UK', true)",
           columns_of({text_column("country"), {.name = "cancelled", .type = Type::boolean()}}));
}

std::string indicator(const std::string& more) {
  return "type: indicator\nfrom: lines\n"
         "sql: select country as org, share(count(*) filter (where cancelled), count(*)) as value "
         "from lines group by country\n"
         "into: cancelled_share\nvalue: ratio\n" +
         more;
}

constexpr const char* kBand = R"lua(
return t.threshold_rule {
  name = "band",
  doc = "More than a quarter is worth a look.",
  needs = { value = "ratio" },
  params = { high = t.percent "25" },
  band = function(row, p)
    if row.value > p.high then return t.band("high", "{value} cancelled", { value = row.value }) end
    return t.band "normal"
  end,
}
)lua";

}  // namespace

TEST_CASE("indicator: one row per organisation, exact, in the band it falls in") {
  JobFixture job;
  add_lines(job);
  job.set_job(indicator(
      "bands: [{ name: normal, to: \"0.25\" }, { name: high, from: \"0.25\", to: \"1\", severity: "
      "warn }, { name: all, from: \"1\", severity: error }]\n"));
  job.run();
  CHECK(job.rows("cancelled_share") ==
        Lines{"2026-01|DE|0.250000000|high|warn|0.250000000 is high",
              "2026-01|FR|0.000000000|normal|none|-",
              "2026-01|UK|1.000000000|all|error|1.000000000 is all"});
  CHECK(job.schemas.at("cancelled_share").key == Lines{"period", "org"});
  CHECK(job.result.findings_error == 1);
  CHECK(job.result.findings_warn == 1);
  CHECK(json::serialize(job.result.indicators[0]) ==
        R"({"period":"2026-01","org":"UK","value":"1.000000000","band":"all",)"
        R"("severity":"error","message":"1.000000000 is all"})");
  CHECK(job.report() ==
        R"({"verdict":"fail","values":3,"severity":{"error":1,"none":1,"warn":1}})");
}

TEST_CASE("indicator: a rule names the band; a band with a message warns, or as the job says") {
  JobFixture job;
  add_lines(job);
  job.add_rule("band", kBand);
  job.set_job(indicator("threshold: { rule: band }\n"));
  job.run();
  CHECK(job.rows("cancelled_share", "org, band, severity") ==
        Lines{"DE|normal|none", "FR|normal|none", "UK|high|warn"});
  job.set_job(indicator(
      "threshold: { rule: band, params: { high: \"0.2\" }, severity: { high: error } }\n"));
  job.run();
  CHECK(job.rows("cancelled_share", "org, band, severity") ==
        Lines{"DE|high|error", "FR|normal|none", "UK|high|error"});
}

TEST_CASE("indicator: without thresholds it only measures, and carries what else is selected") {
  JobFixture job;
  add_lines(job);
  job.set_job(
      "type: indicator\ninputs: [lines]\n"
      "sql: select country as org, count(*) as value, min(country) as first from lines group by "
      "country\ninto: n\nvalue: integer\n");
  job.run();
  CHECK(job.rows("n") ==
        Lines{"2026-01|DE|4|DE|-|none|-", "2026-01|FR|2|FR|-|none|-", "2026-01|UK|1|UK|-|none|-"});
  CHECK(job.result.findings_warn == 0);
}

TEST_CASE("indicator: a value that is missing is worth a look, no value at all is not healthy") {
  JobFixture job;
  add_lines(job);
  job.add_rule("band", kBand);
  job.set_job(
      "type: indicator\nfrom: lines\n"
      "sql: select country as org, case when country <> 'DE' then 0.1 end as value from lines "
      "group by country\ninto: n\nvalue: ratio\nthreshold: { rule: band }\n");
  job.run();
  CHECK(job.rows("n", "org, band, severity, message") ==
        Lines{"DE|-|warn|there is no value", "FR|normal|none|-", "UK|normal|none|-"});
  job.set_job(
      "type: indicator\nfrom: lines\n"
      "sql: select country as org, 0.1 as value from lines where country = 'XX'\n"
      "into: n\nvalue: ratio\n");
  job.run();
  CHECK(job.report() == R"({"verdict":"not_applicable","values":0,"severity":{}})");
  CHECK(job.result.findings_warn == 1);
}

TEST_CASE("indicator: bands leave no gap, do not overlap and are open at both ends") {
  JobFixture job;
  add_lines(job);
  job.set_job(indicator(
      "bands:\n  - { name: low, from: \"0\", to: \"0.1\" }\n  - { name: mid, from: \"0.2\" }\n"
      "  - { name: top, from: \"0.3\", to: \"x\" }\n"));
  CHECK(job.plan_problems() ==
        "g.yaml:7:24: the first band has no 'from'; values below it would be in no band\n"
        "g.yaml:8:5: band 'mid' needs 'to'\n"
        "g.yaml:8:5: band 'mid' starts at '0.2', but 'low' ends at '0.1'; a band starts where the "
        "one before it ends\n"
        "g.yaml:9:35: 'x' is no ratio (not_a_number)\n"
        "g.yaml:9:35: the last band has no 'to'; values from it on would be in no band");
}

TEST_CASE("indicator: a double is no exact value, and org and value must be selected") {
  JobFixture job;
  add_lines(job);
  job.set_job(
      "type: indicator\nfrom: lines\n"
      "sql: select country, count(*) as value from lines group by country\ninto: n\nvalue: text\n");
  CHECK(job.plan_problems() ==
        "g.yaml:3:6: column 'value': BIGINT cannot become text\n"
        "g.yaml:3:6: the SELECT has no column 'org'; an indicator selects org, value, and what its "
        "rule needs\n"
        "g.yaml:5:8: 'text' is no type of a number; use money, ratio, integer or decimal(p,s)");
}
