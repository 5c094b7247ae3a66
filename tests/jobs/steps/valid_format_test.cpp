#include <doctest/doctest.h>

#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

/// n, mail, card
void add_people(JobFixture& job, bool is_sensitive = false) {
  add_rows(
      job, "rows",
      "(1, 'li@example.com', '11010519491231002X'), (2, 'li at example', '110105194912310021'), "
      "(3, NULL, NULL), (4, '+8613800138000', ''), (5, ' li@example.com', '99010519491231002X')",
      columns_of({integer_column("n"),
                  text_column("mail"),
                  {.name = "card", .type = Type::text(), .sensitive = is_sensitive}},
                 {"n"}));
}

}  // namespace

TEST_CASE("valid_format: a row whose text lacks the format is rejected with the format's code") {
  JobFixture job;
  add_people(job);
  job.set_steps("  - valid_format: { column: mail, format: email }\n");
  job.run();
  CHECK(job.rows("clean", "n") == Lines{"1", "3"});
  CHECK(job.rows("j.rejects", "n, _reason, _rule, _message") ==
        Lines{"2|not_email|step 1: valid_format|mail 'li at example' is no email",
              "4|not_email|step 1: valid_format|mail '+8613800138000' is no email",
              "5|not_email|step 1: valid_format|mail ' li@example.com' is no email"});
}

TEST_CASE("valid_format: of several formats one must hold, and the code can be chosen") {
  JobFixture job;
  add_people(job);
  job.set_steps("  - valid_format: { column: mail, format: [email, phone_e164] }\n");
  job.run();
  CHECK(job.rows("j.rejects", "n, _reason") ==
        Lines{"2|not_email_or_phone_e164", "5|not_email_or_phone_e164"});
  job.set_steps("  - valid_format: { column: mail, format: email, reason: bad_mail }\n");
  job.run();
  CHECK(job.rows("j.rejects", "n, _reason") == Lines{"2|bad_mail", "4|bad_mail", "5|bad_mail"});
}

TEST_CASE("valid_format: check digits decide, and an empty text has no format") {
  JobFixture job;
  add_people(job, true);
  job.set_steps("  - valid_format: { column: card, format: cn_id_card }\n");
  job.run();
  CHECK(job.rows("clean", "n") == Lines{"1", "3"});
  CHECK(job.rows("j.rejects", "n, _reason, _message") ==
        Lines{"2|not_cn_id_card|card *** is no cn_id_card",
              "4|not_cn_id_card|card *** is no cn_id_card",
              "5|not_cn_id_card|card *** is no cn_id_card"});
}

TEST_CASE("valid_format: a text without the format is made missing, or stays, and is counted") {
  JobFixture job;
  add_people(job);
  job.set_steps("  - valid_format: { column: mail, format: email, otherwise: blank }\n");
  job.run();
  CHECK(job.rows("clean", "n, mail") == Lines{"1|li@example.com", "2|-", "3|-", "4|-", "5|-"});
  CHECK(job.report() ==
        R"({"reasons":{},"rules":{"mail is no email":3},)"
        R"("changes":[{"step":"step 1: valid_format","column":"mail","cells":3}]})");
  job.set_steps("  - valid_format: { column: mail, format: email, otherwise: keep }\n");
  job.run();
  CHECK(job.rows("clean", "n, mail").at(1) == "2|li at example");
  CHECK(job.report() == R"({"reasons":{},"rules":{"mail is no email":3}})");
}

TEST_CASE("valid_format: the column is text, the format one that there is") {
  JobFixture job;
  add_people(job);
  job.set_steps(
      "  - valid_format: { column: n, format: email }\n"
      "  - valid_format: { column: mail, format: e_mail }\n"
      "  - valid_format: { column: mial, format: email }\n"
      "  - valid_format: { column: mail, format: email, otherwise: keep, reason: r }\n");
  CHECK(job.plan_problems() ==
        "g.yaml:5:29: column 'n' is integer; valid_format takes text; a column of that type has "
        "its format already\n"
        "g.yaml:6:43: there is no format 'e_mail'; did you mean 'email'?\n"
        "g.yaml:7:29: there is no column 'mial'; did you mean 'mail'?\n"
        "g.yaml:8:75: 'reason' is for rows that are rejected; here they stay");
  job.set_steps("  - valid_format: { column: mail, format: email, otherwise: drop }\n");
  CHECK(job.shape_problems().find("reject, blank, keep") != std::string::npos);
}
