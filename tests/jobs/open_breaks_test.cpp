#include "jobs/open_breaks.h"

#include <doctest/doctest.h>

#include "core/break_word.h"
#include "tests/jobs/job_fixture.h"

using namespace tallymill;

namespace {

Schema side() { return columns_of({text_column("item"), money_column("amount")}); }

const std::string kReconcile =
    "type: reconcile\n"
    "left: { dataset: ledger, key: [item], amount: amount }\n"
    "right: { dataset: bank, key: [item], amount: amount }\n";

/// A reconcile job whose ledger has amounts that the bank knows nothing of.
struct Months {
  JobFixture job;

  explicit Months(const std::string& life) { job.set_job(kReconcile + "life: " + life + "\n"); }

  void run(const std::string& period, const std::string& ledger) {
    set(period, ledger);
    job.run();
  }
  std::string problem(const std::string& period, const std::string& ledger) {
    set(period, ledger);
    return job.problem();
  }
  /// What the last period made is what the next one reads.
  void carry() {
    job.feed("j.open_breaks", "open_breaks_before");
    job.feed("j.break_statement", "break_statement_before");
  }
  /// By whom and for which period is added when a run pins words.
  void say(const std::string& id, std::map<std::string, std::optional<std::string>> cells,
           const std::string& seen) {
    BreakWords words;
    words.add({{.place = {{"break_id", id}}, .original = seen, .cells = std::move(cells)}}, "wang",
              "2026-01");
    job.correct(corrections_text(words.standing()));
  }
  Lines states() {
    return job.rows("j.open_breaks", "item, lifecycle, first_seen, closed_in, age, bucket");
  }
  Lines statement() { return job.rows("j.break_statement", "line, breaks, amount"); }

 private:
  void set(const std::string& period, const std::string& ledger) {
    job.task.period = period;
    add_rows(job, "ledger", ledger, side());
    add_rows(job, "bank", "('same', 1.00)", side());
  }
};

std::string life_of(JobFixture& job) { return json::serialize(job.result.report.at("life")); }

}  // namespace

TEST_CASE("open breaks: the first period opens with nothing, the next one goes on from it") {
  Months months("{ since: 2026-01, buckets: [0, 31] }");
  months.run("2026-01", "('same', 1.00), ('a', 2.00), ('b', 3.00)");
  CHECK(months.states() == Lines{"a|new|2026-01|-|0|0", "b|new|2026-01|-|0|0"});
  CHECK(months.job.result.findings_warn + months.job.result.findings_error == 2);
  months.carry();
  months.run("2026-02", "('same', 1.00), ('b', 3.50), ('c', 1.00)");
  CHECK(months.states() == Lines{"a|resolved|2026-01|2026-02|28|1-31",
                                 "b|persisting|2026-01|-|28|1-31", "c|new|2026-02|-|0|0"});
  CHECK(
      life_of(months.job) ==
      R"({"statement":[{"line":"opening","breaks":2,"amount":"5.00"},)"
      R"({"line":"new","breaks":1,"amount":"1.00"},{"line":"reopened","breaks":0,"amount":"0.00"},)"
      R"({"line":"changed","breaks":1,"amount":"0.50"},)"
      R"({"line":"resolved","breaks":1,"amount":"2.00"},)"
      R"({"line":"accepted","breaks":0,"amount":"0.00"},)"
      R"({"line":"explained","breaks":0,"amount":"0.00"},)"
      R"({"line":"written_off","breaks":0,"amount":"0.00"},)"
      R"({"line":"closing","breaks":2,"amount":"4.50"}],)"
      R"("ages":[{"age":"0","breaks":1,"amount":"1.00"},)"
      R"({"age":"1-31","breaks":1,"amount":"3.50"}],"pending":0})");
}

TEST_CASE("open breaks: each statement holds the digest of the state it went on from") {
  Months months("{ since: 2026-01 }");
  months.run("2026-01", "('same', 1.00), ('a', 2.00)");
  CHECK(months.job.rows("j.break_statement", "DISTINCT carried_from") == Lines{"-"});
  const Lines first = months.job.rows("j.break_statement", "DISTINCT chain");
  const std::string digest = months.job.digest("j.open_breaks");
  months.carry();
  months.run("2026-02", "('same', 1.00), ('a', 2.00)");
  CHECK(months.job.rows("j.break_statement", "DISTINCT carried_from") == Lines{digest});
  CHECK(months.job.rows("j.break_statement", "DISTINCT chain") != first);
}

TEST_CASE("open breaks: accepted and pending breaks are no findings") {
  Months months("{ since: 2026-01 }");
  months.run("2026-01", "('same', 1.00), ('a', 2.00), ('b', 3.00), ('c', 4.00)");
  const Lines ids = months.job.rows("j.breaks", "item, break_id");
  const auto id_of = [&](std::size_t row) { return ids[row].substr(2); };
  const Lines seen = months.job.rows(
      "j.breaks", "item, " + books::seen_difference_sql(months.job.schemas.at("j.breaks")));
  months.say(id_of(0), {{"resolution", "accepted"}}, seen[0].substr(2));
  months.run("2026-01", "('same', 1.00), ('a', 2.00), ('b', 3.00), ('c', 4.00)");
  CHECK(months.job.result.findings_error == 2);
  CHECK(months.states()[0] == "a|accepted|2026-01|2026-01|0|0-7");
  CHECK(json::serialize(months.job.result.report.at("life").at("words")) == R"({"applied":1})");
  months.say(id_of(1), {{"pending_until", "2026-01-31"}, {"owner", "li"}}, seen[1].substr(2));
  months.run("2026-01", "('same', 1.00), ('a', 2.00), ('b', 3.00), ('c', 4.00)");
  CHECK(months.job.result.findings_error == 2);
  CHECK(months.job.rows("j.open_breaks", "item, is_pending, owner") ==
        Lines{"a|false|-", "b|true|li", "c|false|-"});
}

TEST_CASE("open breaks: a word about what is not there any more is told") {
  Months months("{ since: 2026-01 }");
  months.say("nobody", {{"owner", "li"}}, "");
  months.run("2026-01", "('same', 1.00), ('a', 2.00)");
  CHECK(json::serialize(months.job.result.report.at("life").at("words")) ==
        R"({"no_such_break":1})");
}

TEST_CASE("open breaks: a limit writes off what is small and old enough") {
  Months months(
      "{ since: 2026-01, write_off: [{ name: cents, abs: \"0.05\", min_age: 20 }, "
      "{ name: items of a, when: \"item like 'a%'\", abs: \"0.01\" }] }");
  months.run("2026-01", "('same', 1.00), ('a', 0.02), ('b', 0.05), ('c', 0.06)");
  months.carry();
  months.run("2026-02", "('same', 1.00), ('a', 0.02), ('b', 0.05), ('c', 0.06)");
  CHECK(months.job.rows("j.open_breaks", "item, lifecycle, closed_by") ==
        Lines{"a|persisting|-", "b|written_off|limit cents", "c|persisting|-"});
}

TEST_CASE("open breaks: a difference of status is accepted as it is, and is no small amount") {
  JobFixture job;
  const Schema side =
      columns_of({text_column("item"), money_column("amount"), text_column("state")});
  const auto run = [&](const std::string& state) {
    add_rows(job, "ledger", "('a', 1.00, 'paid')", side);
    add_rows(job, "bank", "('a', 1.00, '" + state + "')", side);
    job.run();
  };
  job.set_job(
      kReconcile +
      "compare: [{ column: state }]\nlife: { since: 2026-01, write_off: [{ name: cents, abs: "
      "\"1.00\" }] }\n");
  run("open");
  CHECK(job.rows("j.open_breaks", "class, lifecycle") == Lines{"status|new"});
  const std::string id = job.rows("j.breaks", "break_id")[0];
  BreakWords words;
  words.add(
      {{.place = {{"break_id", id}},
        .original = job.rows("j.breaks", books::seen_difference_sql(job.schemas.at("j.breaks")))[0],
        .cells = {{"resolution", "accepted"}}}},
      "wang", "2026-01");
  job.correct(corrections_text(words.standing()));
  run("open");
  CHECK(job.rows("j.open_breaks", "class, lifecycle") == Lines{"status|accepted"});
  run("lost");
  CHECK(job.rows("j.open_breaks", "class, lifecycle") == Lines{"status|new"});
}

TEST_CASE("open breaks: causes that are pending are no findings") {
  Months months("{ since: 2026-01 }\npending: [missing_right]");
  months.run("2026-01", "('same', 1.00), ('a', 2.00)");
  CHECK(months.job.rows("j.open_breaks", "lifecycle, is_pending, cause") ==
        Lines{"new|true|missing_right"});
  CHECK(months.job.result.findings_error == 0);
  CHECK(months.job.result.report.at("verdict") == "pending");
}

TEST_CASE("open breaks: a period without the one before it is refused") {
  Months months("{ since: 2026-01 }");
  months.job.task.inputs["open_breaks_before"] = {};
  CHECK(months.problem("2026-03", "('a', 2.00)") ==
        "what became of the breaks of 2026-02 has not been made yet; run that period first, or "
        "begin anew with 'since: 2026-03'");
  CHECK(months.problem("2025-12", "('a', 2.00)") ==
        "breaks are carried forward since 2026-01, there is nothing of 2025-12");
}

TEST_CASE("open breaks: what a statement closed with must be what is opened with") {
  Months months("{ since: 2026-01 }");
  months.run("2026-01", "('same', 1.00), ('a', 2.00)");
  months.carry();
  Months other("{ since: 2026-01 }");
  other.run("2026-01", "('same', 1.00), ('a', 2.00), ('b', 1.00)");
  other.job.feed("j.open_breaks", "open_breaks_before");
  months.job.task.inputs["open_breaks_before"] = other.job.task.inputs["open_breaks_before"];
  CHECK(months.problem("2026-02", "('same', 1.00), ('a', 2.00)") ==
        "the statement of the period before closes with 2.00 in 1 break, but its open breaks are "
        "3.00 in 2 breaks; make that period again");
}

TEST_CASE("open breaks: all problems of the options are told at their places") {
  Months months(
      "{ since: 2026-W01, days: \"${period}\", buckets: [7, 7, -1], write_off: [{ name: a }, { "
      "name: b, share: \"2\", when: \"nothing > 1\" }, { name: c, abs: \"-1\" }] }");
  months.job.task.period = "2026-01";
  add_rows(months.job, "ledger", "('a', 1.00)", side());
  add_rows(months.job, "bank", "('a', 1.00)", side());
  CHECK(months.job.plan_problems() ==
        R"(g.yaml:4:16: '2026-W01' is no month
g.yaml:4:32: 'days' must come to a number of days, got '2026-01'; such as ${workdays_between(period_first_day - 1, period_last_day)}
g.yaml:4:58: 'buckets' must be ascending numbers of days, got '7'
g.yaml:4:61: 'buckets' must be ascending numbers of days, got '-1'
g.yaml:4:78: a limit needs 'abs', 'share' or both
g.yaml:4:109: a share is from 0 to 1; write 0.01 for one per cent
g.yaml:4:120: Referenced column "nothing" not found in FROM clause; candidate bindings: "right_amount", "nearest_candidate"
g.yaml:4:153: '-1' is no number of at least 0 with up to 2 fraction digits)");
  Months failing("{ since: 2026-01 }\ngates: bank\non_fail: fail");
  CHECK(failing.job.shape_problems() ==
        "g.yaml:6:10: on_fail 'fail' would keep back what became of the breaks, too; use on_fail: "
        "block, which lets the job succeed");
}
