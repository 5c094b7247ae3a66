#include "scheduler/daily_gc.h"

#include <doctest/doctest.h>

#include "tests/scheduler/due_fixture.h"

using namespace tallymill;

namespace {

/// Keeps one superseded version; runs every version anew.
class Kept : public DueFixture {
 public:
  Kept() {
    write("tallymill.yaml",
          "workspace: w\ntimezone: Asia/Shanghai\nretention: { versions: { keep: 0 } }\n");
    serve();
  }
  void serve() {
    graph("g", "  a: { type: test, outputs: { a: x" + std::to_string(++contents_) +
                   " }, tags: [result] }\n");
    open();
    gc_ = std::make_unique<DailyGc>(scheduler(), service_log());
  }
  void run_month() {
    RunObserver silent;
    scheduler().run({.graph = "g", .period = Period::parse("2026-01").value()}, silent);
  }
  /// As a service whose clock shows `now`.
  void look(const std::string& now) {
    gc_->look(at(now));
    scheduler().store().commit();
  }
  DailyGc& gc() { return *gc_; }

 private:
  int contents_ = 0;
  std::unique_ptr<DailyGc> gc_;
};

}  // namespace

TEST_CASE("daily gc: a workspace that is served for the first time keeps all until midnight") {
  Kept kept;
  kept.run_month();
  kept.look("2026-02-03T12:00:00Z");  // eight in the evening there
  CHECK(kept.gc().next() == kept.at("2026-02-03T16:00:00Z"));
  kept.serve();
  kept.run_month();
  kept.look("2026-02-03T15:59:59Z");
  CHECK(kept.folders_on_disk() == 2);
  kept.look("2026-02-03T16:00:00Z");
  CHECK(kept.folders_on_disk() == 1);
  CHECK(kept.visible().size() == 1);
  CHECK(kept.gc().next() == kept.at("2026-02-04T16:00:00Z"));
  CHECK(has(kept.said(), "event=gc taken=1 "));
  const auto events = kept.scheduler().store().view().database().select(
      "select body from event where kind = 'garbage_collected'", "t");
  REQUIRE(events.size() == 1);
  CHECK(has(events[0].text(0), "2026-02-04"));
}

TEST_CASE(
    "daily gc: once a day, also after a restart; a midnight that was slept through is made up") {
  Kept kept;
  kept.look("2026-02-03T12:00:00Z");
  kept.run_month();
  kept.serve();
  kept.run_month();
  kept.look("2026-02-06T01:00:00Z");
  CHECK(kept.folders_on_disk() == 1);
  kept.serve();
  kept.run_month();
  kept.look("2026-02-06T02:00:00Z");
  CHECK(kept.folders_on_disk() == 2);
  kept.look("2026-02-06T16:00:00Z");
  CHECK(kept.folders_on_disk() == 1);
}
