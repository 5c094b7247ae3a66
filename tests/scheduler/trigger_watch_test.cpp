#include "scheduler/trigger_watch.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "tests/scheduler/due_fixture.h"

using namespace tallymill;

namespace {

using Texts = std::vector<std::string>;

constexpr const char* kJob = "  a: { type: test, outputs: { a: x }, tags: [result] }\n";

class Triggered : public DueFixture {
 public:
  explicit Triggered(const std::string& trigger) {
    write("incoming/.keep", "");
    write("graphs/g.yaml",
          "graph: g\nperiod: month\ntriggers:\n  - " + trigger + "\njobs:\n" + kJob);
    open();
    watch();
  }
  void watch() { watch_ = std::make_unique<TriggerWatch>(scheduler(), queue()); }
  /// A file that was last written at `time`.
  void arrives(const std::string& file, const std::string& time) {
    write("incoming/" + file, file);
    const timespec instant{.tv_sec = at(time).seconds, .tv_nsec = 0};
    const std::array<timespec, 2> times{instant, instant};
    ::utimensat(AT_FDCWD, (root() / "incoming" / file).c_str(), times.data(), 0);
  }
  Texts look(const std::string& now) {
    watch_->look(at(now));
    scheduler().store().commit();
    return due();
  }
  TriggerWatch& trigger() { return *watch_; }

 private:
  std::unique_ptr<TriggerWatch> watch_;
};

}  // namespace

TEST_CASE("trigger: files count when their control file is there, and once") {
  Triggered g("{ file: \"incoming/u_${period}_*.csv\", control: \"incoming/u_${period}.ok\" }");
  CHECK(g.look("2026-02-04T00:00:00Z").empty());
  g.arrives("u_2026-01_1.csv", "2026-02-04T01:00:00Z");
  g.arrives("u_2026-01_2.csv", "2026-02-04T01:00:00Z");
  CHECK(g.look("2026-02-04T01:00:00Z").empty());
  g.arrives("u_2026-01.ok", "2026-02-04T01:01:00Z");
  CHECK(g.look("2026-02-04T01:02:00Z") == Texts{"g 2026-01 2026-02-04T01:02:00Z"});
  CHECK(g.look("2026-02-04T01:03:00Z").size() == 1);
  g.watch();  // the service was away
  CHECK(g.look("2026-02-04T01:04:00Z").size() == 1);
  // A late period of its own, and a corrected delivery.
  g.arrives("u_2025-12_1.csv", "2026-02-04T02:00:00Z");
  g.arrives("u_2025-12.ok", "2026-02-04T02:00:00Z");
  CHECK(g.look("2026-02-04T02:00:00Z").size() == 2);
  g.arrives("u_2026-01_1.csv", "2026-02-04T03:00:00Z");
  CHECK(g.look("2026-02-04T03:00:00Z").size() == 3);
}

TEST_CASE("trigger: without a control file, files count when they were quiet for long enough") {
  Triggered g("{ file: \"incoming/*.csv\", quiet: 5m }");
  CHECK(g.look("2026-02-04T00:00:00Z").empty());
  g.arrives("a.csv", "2026-02-04T01:00:00Z");
  CHECK(g.look("2026-02-04T01:00:01Z").empty());
  CHECK(g.trigger().next() == g.at("2026-02-04T01:05:00Z"));
  g.arrives("a.csv", "2026-02-04T01:03:00Z");  // it grows
  CHECK(g.look("2026-02-04T01:05:00Z").empty());
  CHECK(g.trigger().next() == g.at("2026-02-04T01:08:00Z"));
  CHECK(g.look("2026-02-04T01:08:00Z") == Texts{"g 2026-01 2026-02-04T01:08:00Z"});
  CHECK(!g.trigger().next());
  // The same file does not count again because a new month has begun.
  g.watch();
  CHECK(g.look("2026-03-04T00:00:00Z").size() == 1);
}

TEST_CASE("trigger: what cannot work is an error where it stands") {
  const auto problem = [](const std::string& trigger) { return Triggered(trigger).problems; };
  CHECK(has(problem("{ file: \"a.csv\" }"),
            "graphs/g.yaml:4:5: error: a file may still be growing when it appears"));
  CHECK(has(problem("{ dataset: b, file: \"a.csv\", quiet: 5m }"),
            "a trigger needs one of 'dataset' and 'file'"));
  CHECK(has(problem("{ dataset: aa }"),
            "graphs/g.yaml:4:5: error: no job of the workspace writes 'aa'"));
  CHECK(has(problem("{ dataset: a }"), "graph 'g' writes 'a' itself, so it would never stop"));
  CHECK(has(problem("{ dataset: b, quiet: 5m }"), "option 'quiet' belongs to 'file'"));
  CHECK(has(problem("{ file: \"a\", quiet: 5m, connector: lake }"),
            "connector 'lake' has no folder to watch"));
}

TEST_CASE("trigger: a dataset counts once per version, when its gates have passed") {
  DueFixture fixture;
  fixture.graph("f", R"(
  raw:   { type: test, outputs: { raw: rows } }
  sound: { type: test, reads: [raw], gates: raw, on_fail: block, do: [{ gate_file: good }] }
)");
  fixture.write(
      "graphs/g.yaml",
      std::string("graph: g\nperiod: quarter\ntriggers: [{ dataset: raw }]\njobs:\n") + kJob);
  fixture.open();
  TriggerWatch watch(fixture.scheduler(), fixture.queue());
  const auto look = [&] {
    watch.published({"raw"});
    watch.look(fixture.at("2026-02-04T00:00:00Z"));
    fixture.scheduler().store().commit();
    return fixture.due();
  };
  const auto run = [&](bool force) {
    RunObserver silent;
    fixture.scheduler().run(
        {.graph = "f", .period = Period::parse("2026-01").value(), .force = force}, silent);
  };
  CHECK(look().empty());
  run(false);
  CHECK(look().empty());  // refused
  fixture.write("good", "");
  run(true);
  CHECK(look() == Texts{"g 2026-Q1 2026-02-04T00:00:00Z"});
  CHECK(look().size() == 1);
}
