#include "scheduler/schedule_fires.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "tests/scheduler/due_fixture.h"

using namespace tallymill;

namespace {

using Texts = std::vector<std::string>;

constexpr const char* kJob = "  a: { type: test, outputs: { a: x }, tags: [result] }\n";

/// Every day at six, for the day before.
class Daily : public DueFixture {
 public:
  explicit Daily(const std::string& more = "") { edit("0 6 * * *", more); }
  void edit(const std::string& cron, const std::string& more = "") {
    write("graphs/g.yaml", "graph: g\nperiod: day\nschedule: { cron: \"" + cron + "\"" + more +
                               " }\njobs:\n" + kJob);
    open();
    fires_ = std::make_unique<ScheduleFires>(scheduler(), queue(), service_log());
  }
  /// As a service whose clock shows `now`.
  void look(const std::string& now) {
    fires_->fire_due(at(now));
    scheduler().store().commit();
  }
  ScheduleFires& fires() { return *fires_; }

 private:
  std::unique_ptr<ScheduleFires> fires_;
};

}  // namespace

TEST_CASE("schedule: nothing of the past is due when it is seen for the first time") {
  Daily daily;
  daily.look("2026-02-03T12:00:00Z");
  CHECK(daily.due().empty());
  CHECK(daily.fires().next() == daily.at("2026-02-04T06:00:00Z"));
  daily.look("2026-02-04T05:59:59Z");
  CHECK(daily.due().empty());
  daily.look("2026-02-04T06:00:00Z");
  CHECK(daily.due() == Texts{"g 2026-02-03 2026-02-04T06:00:00Z"});
  CHECK(daily.fires().next() == daily.at("2026-02-05T06:00:00Z"));
}

TEST_CASE("schedule: what was missed while nothing ran is due, all of it, in order") {
  Daily daily;
  daily.look("2026-02-03T12:00:00Z");
  daily.open();  // the service was away
  daily.edit("0 6 * * *");
  daily.look("2026-02-06T07:00:00Z");
  CHECK(daily.due() == Texts{"g 2026-02-03 2026-02-04T06:00:00Z",
                             "g 2026-02-04 2026-02-05T06:00:00Z",
                             "g 2026-02-05 2026-02-06T06:00:00Z"});
}

TEST_CASE("schedule: catch_up latest takes the last one and says what it skips") {
  Daily daily(", catch_up: latest");
  daily.look("2026-02-03T12:00:00Z");
  daily.look("2026-02-06T07:00:00Z");
  CHECK(daily.due() == Texts{"g 2026-02-05 2026-02-06T06:00:00Z"});
  CHECK(has(daily.said(),
            "event=due_skipped graph=g period=2026-02-03 due=2026-02-04T06:00:00Z "
            "cause=schedule why=\"missed, catch_up: latest\""));
  CHECK(has(daily.said(), "period=2026-02-04 due=2026-02-05T06:00:00Z"));
}

TEST_CASE("schedule: catch_up none takes only what is on time") {
  Daily daily(", catch_up: none");
  daily.look("2026-02-03T12:00:00Z");
  daily.look("2026-02-05T07:00:00Z");
  CHECK(daily.due().empty());
  CHECK(has(daily.said(), "why=\"missed, catch_up: none\""));
  daily.look("2026-02-06T06:00:05Z");
  CHECK(daily.due() == Texts{"g 2026-02-05 2026-02-06T06:00:00Z"});
}

TEST_CASE("schedule: a clock that is set back repeats nothing, one set forward loses nothing") {
  Daily daily;
  daily.look("2026-02-03T12:00:00Z");
  daily.look("2026-02-04T06:00:00Z");
  daily.look("2026-02-03T05:00:00Z");  // set back by a day
  daily.look("2026-02-04T06:00:00Z");
  CHECK(daily.due().size() == 1);
  daily.look("2026-02-06T12:00:00Z");  // and forward
  CHECK(daily.due().size() == 3);
}

TEST_CASE("schedule: however often it is looked at, each fire is due once") {
  CHECK(rc::check("looks in any order and number", [](const std::vector<std::uint8_t>& hours) {
    Daily daily;
    daily.look("2026-02-03T00:00:00Z");
    std::int64_t latest = 0;
    for (const std::uint8_t hour : hours) {
      const std::int64_t hours_later = hour % 200;
      latest = std::max(latest, hours_later);
      const Instant now{daily.at("2026-02-03T00:00:00Z").seconds + hours_later * 3600};
      daily.look(now.text());
    }
    // Six o'clock has passed on so many days.
    RC_ASSERT(daily.due().size() == static_cast<std::size_t>((latest + 18) / 24));
  }));
}

TEST_CASE("schedule: an edited schedule begins anew, it does not make the past due") {
  Daily daily;
  daily.look("2026-02-03T12:00:00Z");
  daily.edit("0 * * * *");
  daily.look("2026-02-10T12:30:00Z");
  CHECK(daily.due().empty());
  CHECK(daily.fires().next() == daily.at("2026-02-10T13:00:00Z"));
}

TEST_CASE("schedule: overlap skip drops what is due while an earlier run waits or is active") {
  Daily daily(", overlap: skip");
  daily.look("2026-02-03T12:00:00Z");
  daily.look("2026-02-04T06:00:00Z");
  daily.look("2026-02-05T06:00:00Z");
  CHECK(daily.due() == Texts{"g 2026-02-03 2026-02-04T06:00:00Z"});
  CHECK(has(daily.said(), "why=overlap"));
  daily.queue().start_due();
  CHECK(daily.due().empty());
  CHECK(daily.view().run("g.2026-02-03.1")->state == RunState::active);
  daily.look("2026-02-06T06:00:00Z");
  CHECK(daily.due().empty());
}

TEST_CASE("schedule: overlap queue starts one run of a graph at a time") {
  Daily daily;
  daily.look("2026-02-03T12:00:00Z");
  daily.look("2026-02-05T06:00:00Z");
  daily.queue().start_due();
  daily.queue().look_again();
  daily.queue().start_due();
  CHECK(daily.due() == Texts{"g 2026-02-04 2026-02-05T06:00:00Z"});
  daily.scheduler().loop().run_until_stuck();
  daily.queue().look_again();
  daily.queue().start_due();
  CHECK(daily.due().empty());
  daily.scheduler().loop().run_until_stuck();
  CHECK(daily.view().run("g.2026-02-03.1")->verdict == "ok");
  CHECK(daily.view().run("g.2026-02-04.1")->verdict == "ok");
}

TEST_CASE("schedule: overlap cancel_oldest makes room for the later one") {
  Daily daily(", overlap: cancel_oldest");
  daily.look("2026-02-03T12:00:00Z");
  daily.look("2026-02-04T06:00:00Z");
  daily.queue().start_due();
  daily.look("2026-02-05T06:00:00Z");
  daily.scheduler().loop().run_until_stuck();
  CHECK(daily.view().run("g.2026-02-03.1")->verdict == "interrupted");
  daily.queue().look_again();
  daily.queue().start_due();
  CHECK(daily.view().run("g.2026-02-04.1")->state == RunState::active);
}

TEST_CASE("schedule: the journal alone makes the tables of what is due") {
  Daily daily(", catch_up: latest");
  daily.look("2026-02-03T12:00:00Z");
  daily.look("2026-02-06T07:00:00Z");
  daily.queue().start_due();
  daily.scheduler().loop().run_until_stuck();
  Store& store = daily.scheduler().store();
  CHECK(verify_chain(store.view().database()).problem == "");
  CHECK(replay_difference(store.view().database(), daily.root() / "copy.db") == "");
}
