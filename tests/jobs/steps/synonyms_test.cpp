#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

void add_segments(JobFixture& job, const std::string& rows) {
  add_rows(job, "rows", rows, columns_of({integer_column("n"), text_column("segment")}));
  job.add_table("segment", "word,one,other\nbusiness,corporate,firm\nprivate,person,\n");
}

}  // namespace

TEST_CASE(
    "synonyms: aliases of several columns become their word, words stay, others are rejects") {
  JobFixture job;
  add_segments(job, "(1, 'corporate'), (2, 'firm'), (3, 'business'), (4, 'x'), (5, NULL), (6, '')");
  job.set_steps("  - synonyms: { column: segment, table: segment }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1|business", "2|business", "3|business", "5|-"});
  CHECK(job.rows("j.rejects", "n, segment, _reason, _message") ==
        Lines{"4|x|unknown_segment|table segment does not know segment 'x'",
              "6||unknown_segment|table segment does not know segment ''"});
}

TEST_CASE("synonyms: unknown values may be kept or become missing") {
  JobFixture job;
  add_segments(job, "(1, 'firm'), (2, 'x')");
  job.set_steps("  - synonyms: { column: segment, table: segment, unknown: keep }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1|business", "2|x"});
  job.set_steps("  - synonyms: { column: segment, table: segment, unknown: null }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1|business", "2|-"});
}

TEST_CASE("synonyms: of prefixes the longest counts, a word itself is not looked up") {
  JobFixture job;
  add_segments(job, "(1, 'GD-GZ-1'), (2, 'GD-7'), (3, 'Guangdong'), (4, 'HN')");
  job.add_table("area", "word,starts\nGuangdong,GD\nGuangzhou,GD-GZ\nGuang,Guangd\n");
  job.set_steps("  - synonyms: { column: segment, table: area, match: prefix }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1|Guangzhou", "2|Guangdong", "3|Guangdong"});
  CHECK(job.rows("j.rejects", "n, _reason") == Lines{"4|unknown_segment"});
}

TEST_CASE("synonyms: patterns must fit the whole value and agree") {
  JobFixture job;
  add_segments(job, "(1, '138001'), (2, '0208'), (3, '13'), (4, 'x138001')");
  job.add_table("kind", "word,pattern\nmobile,1[0-9]+\nfixed,0[0-9]+\nshort,[0-9]{2}\n");
  job.set_steps("  - synonyms: { column: segment, table: kind, match: regex }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"1|mobile", "2|fixed"});
  CHECK(job.rows("j.rejects", "n, _reasons, _message") ==
        Lines{"3|ambiguous_segment|segment '13' stands for mobile and short",
              "4|unknown_segment|table kind does not know segment 'x138001'"});
}

TEST_CASE("synonyms: a table that sends a value two ways, or on and on, is refused") {
  JobFixture job;
  add_segments(job, "(1, 'firm')");
  job.add_table("twice", "word,alias\na,x\nb,x\n");
  job.add_table("chain", "word,alias\na,b\nb,c\n");
  job.set_steps("  - synonyms: { column: segment, table: twice }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:41: table 'twice' lets 'x' stand for 'a' and 'b'; each alias and each word "
        "stands for one word");
  job.set_steps("  - synonyms: { column: segment, table: chain }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:41: table 'chain' lets 'b' stand for 'a' and 'b'; each alias and each word "
        "stands for one word");
}

TEST_CASE("synonyms: columns that are not there and policies that do not exist are reported") {
  JobFixture job;
  add_segments(job, "(1, 'firm')");
  job.set_steps(
      "  - synonyms: { column: segment, table: segment, aliases: [two] }\n"
      "  - synonyms: { column: n, table: segment, unknown: drop }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:59: table 'segment' has no column 'two'; its columns are word, one, other\n"
        "g.yaml:6:25: column 'n' is integer, expected text\n"
        "g.yaml:6:53: option 'unknown' of step 'synonyms' must be one of reject, keep, null");
}
