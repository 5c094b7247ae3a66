#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

Schema user_schema() {
  return {.columns = {text_column("id"), text_column("name"), integer_column("version")},
          .key = {},
          .has_provenance = true};
}

}  // namespace

TEST_CASE("dedupe: of equal rows one stays, missing values are equal, provenance does not count") {
  JobFixture job;
  add_rows(job, "rows", "('u1', NULL, 1, 'a', 7), ('u1', NULL, 1, 'a', 2), ('u1', 'x', 1, 'a', 3)",
           user_schema());
  job.set_steps("  - dedupe: { exact: true }\n");
  job.run();
  CHECK(job.rows("clean") == Lines{"u1|x|1|a|3", "u1|-|1|a|2"});
  CHECK(job.rows("j.merged", "id, _reason, _message, _line") ==
        Lines{"u1|duplicate|the same row as a:2|7"});
}

TEST_CASE("dedupe: by columns, the first or last in the declared order survives") {
  JobFixture job;
  const char* rows =
      "('u1', 'old', 1, 'a', 1), ('u1', 'new', 2, 'a', 2), ('u1', 'none', NULL, 'a', 3), ('u2', "
      "'only', 1, 'a', 4)";
  SUBCASE("first") {
    add_rows(job, "rows", rows, user_schema());
    job.set_steps("  - dedupe: { by: id, order: [version desc] }\n");
    job.run();
    CHECK(job.rows("clean", "id, name") == Lines{"u1|new", "u2|only"});
    CHECK(job.rows("j.merged", "name, _message") ==
          Lines{"none|another row has survived: a:2", "old|another row has survived: a:2"});
  }
  SUBCASE("last") {
    add_rows(job, "rows", rows, user_schema());
    job.set_steps("  - dedupe: { by: [id], order: [version desc], keep: last, reason: stale }\n");
    job.run();
    CHECK(job.rows("clean", "id, name") == Lines{"u1|old", "u2|only"});
    CHECK(job.rows("j.merged", "name, _reason") == Lines{"new|stale", "none|stale"});
  }
}

TEST_CASE("dedupe: rows without a value to compare by are not merged") {
  JobFixture job;
  add_rows(job, "rows", "(NULL, 'a', 1, 'a', 1), (NULL, 'b', 2, 'a', 2)", user_schema());
  job.set_steps("  - dedupe: { by: [id], order: [version] }\n");
  job.run();
  CHECK(job.rows("clean").size() == 2);
  CHECK(job.rows("j.merged").empty());
}

TEST_CASE("dedupe: a row that was rejected never survives instead of a good one") {
  JobFixture job;
  add_rows(job, "rows", "('u1', '', 9, 'a', 1), ('u1', 'ok', 1, 'a', 2)", user_schema());
  job.set_steps(
      "  - reject: { when: \"name = ''\", reason: no_name }\n"
      "  - dedupe: { by: [id], order: [version desc] }\n");
  job.run();
  CHECK(job.rows("clean", "name") == Lines{"ok"});
  CHECK(job.rows("j.rejects", "_reasons") == Lines{"no_name;duplicate"});
  CHECK(job.rows("j.merged").empty());
}

TEST_CASE("dedupe: exact duplicates are labelled among rejected rows too") {
  JobFixture job;
  add_rows(job, "rows", "('u1', '', 9, 'a', 1), ('u1', '', 9, 'a', 2), ('u1', '', 9, 'a', 3)",
           user_schema());
  job.set_steps(
      "  - reject: { when: \"name = ''\", reason: no_name }\n  - dedupe: { exact: true }\n");
  job.run();
  CHECK(job.report() ==
        R"({"reasons":{"duplicate":{"rows":2,"first":0},"no_name":{"rows":3,"first":3}}})");
}

TEST_CASE("dedupe: it must be said what is equal and who survives") {
  JobFixture job;
  add_rows(job, "rows", "('u1', '', 9, 'a', 1)", user_schema());
  job.set_steps(
      "  - dedupe: { by: [id] }\n  - dedupe: { keep: last }\n"
      "  - dedupe: { by: [id], order: [version down] }\n"
      "  - dedupe: { by: [id], order: [versio] }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:19: dedupe by columns needs 'order'; say which row survives, for example order: "
        "[updated_at desc]\n"
        "g.yaml:6:13: step 'dedupe' needs either 'exact: true' or 'by'\n"
        "g.yaml:7:33: 'version down' is no order; expected 'version', 'version asc' or 'version "
        "desc'\n"
        "g.yaml:8:33: there is no column 'versio'; did you mean 'version'?");
}
