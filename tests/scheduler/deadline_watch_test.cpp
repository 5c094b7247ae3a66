#include "scheduler/deadline_watch.h"

#include <doctest/doctest.h>

#include "tests/scheduler/due_fixture.h"

using namespace tallymill;

namespace {

using Texts = std::vector<std::string>;

/// Due at six for the day before, on work days; wanted by eight.
class Wanted : public DueFixture {
 public:
  explicit Wanted(const std::string& more = "    do: []\n") {
    write("calendars/office.yaml", "calendar: office\nunlisted_years: no_holidays\n");
    edit("08:00", more);
  }
  void edit(const std::string& by, const std::string& more = "    do: []\n") {
    write("graphs/g.yaml",
          "graph: g\nperiod: day\n"
          "schedule: { cron: \"0 6 * * *\", days: workdays, calendar: office }\n"
          "deadlines:\n  a: { at: \"" +
              by +
              "\" }\njobs:\n  a:\n    type: test\n"
              "    outputs: { a: x }\n    tags: [result]\n" +
              more);
    open();
    watch_ = std::make_unique<DeadlineWatch>(scheduler(), service_log());
  }
  /// As a service whose clock shows `now`.
  void look(const std::string& now) {
    set_clock(at(now));
    watch_->look(at(now));
    scheduler().store().commit();
  }
  void run_day(const std::string& period) {
    RunObserver silent;
    scheduler().run({.graph = "g", .period = Period::parse(period).value()}, silent);
  }
  /// "2026-02-02 a" of everything that is late.
  Texts late() {
    Texts texts;
    for (const SqlRow& row : scheduler().store().view().database().select(
             "select run, job, dataset, deadline from missed_deadline order by event", "tttt"))
      texts.push_back(row.text(0) + " " + row.text(1) + "/" + row.text(2) + " " + row.text(3));
    return texts;
  }
  DeadlineWatch& watch() { return *watch_; }

 private:
  std::unique_ptr<DeadlineWatch> watch_;
};

}  // namespace

TEST_CASE("deadlines: what no run was begun of is late when its time has come, once") {
  Wanted wanted;
  wanted.look("2026-02-03T00:00:00Z");  // a Tuesday
  CHECK(wanted.watch().next() == wanted.at("2026-02-03T08:00:00Z"));
  wanted.look("2026-02-03T07:59:59Z");
  CHECK(wanted.late().empty());
  wanted.look("2026-02-03T08:00:00Z");
  CHECK(wanted.late() == Texts{"g.2026-02-02 a/a 2026-02-03T08:00:00Z"});
  CHECK(wanted.watch().next() == wanted.at("2026-02-04T08:00:00Z"));
  wanted.look("2026-02-03T09:00:00Z");
  CHECK(wanted.late().size() == 1);
  CHECK(has(wanted.said(), "event=late graph=g period=2026-02-02 job=a"));
}

TEST_CASE("deadlines: only days that the schedule names are wanted") {
  Wanted wanted;
  wanted.look("2026-02-06T09:00:00Z");  // a Friday; no run on the two days after
  CHECK(wanted.watch().next() == wanted.at("2026-02-09T08:00:00Z"));
  wanted.look("2026-02-09T08:00:00Z");
  CHECK(wanted.late() == Texts{"g.2026-02-08 a/a 2026-02-09T08:00:00Z"});
}

TEST_CASE("deadlines: what is there in time is not late, whoever ran it") {
  Wanted wanted;
  wanted.look("2026-02-03T00:00:00Z");
  wanted.run_day("2026-02-02");
  wanted.look("2026-02-03T08:00:00Z");
  CHECK(wanted.late().empty());
}

TEST_CASE("deadlines: a run that ended without it is late, and the record is that run's") {
  Wanted wanted("    do: [fail: { class: data, message: bad }]\n");
  wanted.look("2026-02-03T00:00:00Z");
  wanted.run_day("2026-02-02");
  wanted.look("2026-02-03T08:00:00Z");
  CHECK(wanted.late() == Texts{"g.2026-02-02.1 a/a 2026-02-03T08:00:00Z"});
}

TEST_CASE("deadlines: a restart tells what passed meanwhile, and nothing twice") {
  Wanted wanted;
  wanted.look("2026-02-03T00:00:00Z");
  wanted.edit("08:00");  // another process
  wanted.look("2026-02-04T10:00:00Z");
  CHECK(wanted.late() ==
        Texts{"g.2026-02-02 a/a 2026-02-03T08:00:00Z", "g.2026-02-03 a/a 2026-02-04T08:00:00Z"});
  wanted.edit("08:00");
  wanted.look("2026-02-04T11:00:00Z");
  CHECK(wanted.late().size() == 2);
}

TEST_CASE("deadlines: a run that begins after it was told shows it, and does not tell it again") {
  Wanted wanted;
  wanted.look("2026-02-03T00:00:00Z");
  wanted.look("2026-02-03T08:00:00Z");
  wanted.run_day("2026-02-02");
  CHECK(wanted.late() == Texts{"g.2026-02-02 a/a 2026-02-03T08:00:00Z"});
}

TEST_CASE("deadlines: who is told of it hears that nothing has begun") {
  Wanted wanted;
  wanted.write("tallymill.yaml",
               "workspace: w\nchannels: { ops: { type: command, run: [\"true\"] } }\n"
               "notify: { late: ops }\n");
  wanted.edit("08:00");
  wanted.look("2026-02-03T00:00:00Z");
  wanted.look("2026-02-03T08:00:00Z");
  const auto told = wanted.scheduler().store().view().database().select(
      "select message from notification where kind = 'late'", "t");
  REQUIRE(told.size() == 1);
  CHECK(has(told[0].text(0),
            "'a' of job a of graph g for 2026-02-02 is late: it was due at 2026-02-03T08:00:00Z, "
            "and no run has begun"));
}
