// What retention may take: never what is visible, pinned or open; always all that is past it.
#include "scheduler/garbage.h"

#include <doctest/doctest.h>

#include "scheduler/trash.h"
#include "tests/scheduler/run_fixture.h"

using namespace tallymill;

namespace {

namespace fs = std::filesystem;

/// Makes other data for every `content`.
std::string jobs(int content) {
  const std::string text = "x" + std::to_string(content);
  return "\n  a: { type: test, outputs: { a: " + text + " }, tags: [result] }\n" +
         "  b: { type: test, reads: [a], outputs: { b: " + text + " }, tags: [result] }\n";
}

KeepRule newest(std::int64_t count) { return {.days = {}, .keep = count}; }

/// A graph that ran as often as told, every time with a new version of each dataset.
struct Runs : RunFixture {
  explicit Runs(int times) {
    for (int i = 0; i < times; ++i) again();
  }
  /// Once more, with new data.
  void again() {
    graph("g", jobs(++contents_));
    REQUIRE(run().exit == 0);
  }
  StateFolder folder() const { return StateFolder(state()); }
  std::vector<Garbage> find(const Retention& retention) {
    StoreView store = view();
    return find_garbage(folder(), store, retention);
  }
  void collect(const Retention& retention) {
    Store store(folder().store(), "tester");
    remove_garbage(folder(), store, find_garbage(folder(), store.view(), retention));
  }
  void check_chain() {
    Database database(folder().store(), Database::Mode::write);
    CHECK(verify_chain(database).problem == "");
    CHECK(replay_difference(database, root() / "copy.db") == "");
    fs::remove(root() / "copy.db");
  }

 private:
  int contents_ = 0;
};

int count(const std::vector<Garbage>& garbage, GarbageKind kind) {
  return static_cast<int>(std::count_if(garbage.begin(), garbage.end(),
                                        [&](const Garbage& item) { return item.kind == kind; }));
}

}  // namespace

TEST_CASE("garbage: without a rule nothing goes") {
  Runs runs(3);
  CHECK(runs.find({}).empty());
}

TEST_CASE("garbage: superseded versions beyond the newest go, visible ones never") {
  Runs runs(4);
  const auto before = runs.visible();
  const int folders = runs.folders_on_disk();
  const Retention retention{.versions = newest(1), .logs = {}, .runs = {}};
  const std::vector<Garbage> garbage = runs.find(retention);
  const int versions = static_cast<int>(runs.view().versions("a").size());
  CHECK(count(garbage, GarbageKind::version) == 2 * (versions - 2));
  CHECK(garbage.front().why == "superseded, not among the newest 1");
  runs.collect(retention);
  CHECK(runs.visible() == before);
  CHECK(runs.folders_on_disk() == folders - count(garbage, GarbageKind::version));
  CHECK(runs.find(retention).empty());
  CHECK(runs.view().versions("a").back().removed);
  runs.check_chain();
  // Even `keep: 0` leaves what readers see.
  runs.collect({.versions = newest(0), .logs = {}, .runs = {}});
  CHECK(runs.visible() == before);
  CHECK(runs.run().exit == 0);
}

TEST_CASE("garbage: what is younger than the days stays, however many") {
  Runs runs(3);
  CHECK(runs.find({.versions = {.days = 1, .keep = 0}, .logs = {}, .runs = {}}).empty());
  CHECK_FALSE(runs.find({.versions = {.days = 0, .keep = 0}, .logs = {}, .runs = {}}).empty());
}

TEST_CASE("garbage: a version that an open run has pinned stays") {
  Runs runs(1);
  runs.graph("late", "\n  x: { type: test, outputs: { x: x } }\n");
  runs.graph("reader",
             "\n  r: { type: test, reads: [b], outputs: { r: x }, tags: [result] }\n"
             "  s: { type: test, reads: [x], outputs: { s: x }, tags: [result] }\n");
  CHECK(runs.run("reader").exit == 4);  // waits for x, and has read b
  runs.again();
  runs.again();
  runs.collect({.versions = newest(0), .logs = {}, .runs = {}});
  const auto versions = runs.view().versions("b");
  CHECK(std::count_if(versions.begin(), versions.end(),
                      [](const VersionRecord& version) { return !version.removed; }) == 2);
  CHECK_FALSE(versions.back().removed);
  CHECK(fs::exists(runs.folder_of(versions.back())));
}

TEST_CASE("garbage: logs and runs past their rule go, the newest of a period never") {
  Runs runs(4);
  const Retention retention{.versions = newest(0), .logs = newest(1), .runs = newest(2)};
  runs.collect(retention);
  StoreView view = runs.view();
  CHECK(view.run("g.2026-01.4"));
  CHECK_FALSE(view.run("g.2026-01.1"));
  CHECK(view.attempts("g.2026-01.1").empty());
  CHECK(fs::exists(runs.folder().attempts() / "g.2026-01.4"));
  CHECK_FALSE(fs::exists(runs.folder().attempts() / "g.2026-01.3"));
  runs.check_chain();
  // The number of a run is never given twice.
  runs.again();
  CHECK(runs.view().run("g.2026-01.5"));
}

TEST_CASE("garbage: what no event names is found, also after a kill between record and removal") {
  Runs runs(2);
  const StateFolder state = runs.folder();
  const fs::path orphan = state.version("a", "2026-01", "", "nobody");
  fs::create_directories(orphan);
  write_file_durably(orphan / "data.txt", "x");
  const VersionRecord old = runs.view().versions("a").back();
  {
    Store store(state.store(), "tester");
    store.append(
        {"versions_removed",
         "",
         "",
         "",
         {{"versions", json::array{json::object{{"dataset", "a"}, {"version", old.id}}}}}});
    store.commit();
  }
  const std::vector<Garbage> garbage = runs.find({});
  CHECK(count(garbage, GarbageKind::orphan) == 2);
  runs.collect({});
  CHECK_FALSE(fs::exists(orphan));
  CHECK_FALSE(fs::exists(runs.folder_of(old)));
  CHECK(runs.find({}).empty());
}

TEST_CASE("garbage: the trash is emptied after an hour, not before") {
  Runs runs(3);
  runs.collect({.versions = newest(0), .logs = {}, .runs = {}});
  const StateFolder state = runs.folder();
  REQUIRE(std::distance(fs::directory_iterator(state.trash()), {}) == 1);
  CHECK(expired_trash(state).empty());
  const fs::path folder = fs::directory_iterator(state.trash())->path();
  const fs::path old = state.trash() / "20200101T000000Z-gc-abcd";
  fs::rename(folder, old);
  CHECK(expired_trash(state) == std::vector<fs::path>{old});
  runs.collect({});
  CHECK_FALSE(fs::exists(old));
}
