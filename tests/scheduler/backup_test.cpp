// A backup is a state folder as it was at one instant; restoring it moves what is newer away.
#include "scheduler/backup.h"

#include <doctest/doctest.h>

#include "scheduler/store_binding.h"
#include "scheduler/store_migration.h"
#include "tests/scheduler/run_fixture.h"
#include "tests/scheduler/store_backends.h"

using namespace tallymill;

namespace {

namespace fs = std::filesystem;

/// Makes other data for every `content`.
std::string jobs(const std::string& content) {
  return "\n  a: { type: test, outputs: { a: " + content + " }, tags: [result] }\n" +
         "  b: { type: test, reads: [a], outputs: { b: " + content + " }, tags: [result] }\n";
}

struct World : RunFixture {
  World() {
    graph("g", jobs("x"));
    REQUIRE(run().exit == 0);
  }
  /// Runs once more, with new data.
  void work_on() {
    graph("g", jobs("y"));
    REQUIRE(run().exit == 0);
  }
  StateFolder folder() const { return StateFolder(state()); }
  StoreAddress address() const { return folder().store(); }
  BackupReport backup() const { return make_backup(folder(), address(), root() / "backup"); }
  RestoreReport restore() const {
    return restore_backup(folder(), address(), root() / "backup", "tester");
  }
  std::vector<std::int64_t> event_numbers() const {
    Database database(address(), Database::Mode::read);
    std::vector<std::int64_t> numbers;
    database.each("select number from event order by number", "i", {},
                  [&](const SqlRow& row) { numbers.push_back(row.integer(0)); });
    return numbers;
  }
  void check_chain() {
    Database database(address(), Database::Mode::write);
    CHECK(verify_chain(database).problem == "");
    CHECK(replay_difference(database, root() / "copy.db") == "");
    fs::remove(root() / "copy.db");
  }
};

}  // namespace

TEST_CASE("backup: a lost state folder comes back with everything visible") {
  World world;
  const auto visible = world.visible();
  const BackupReport report = world.backup();
  CHECK(report.note.versions == 2);
  CHECK(report.copied == 2);
  CHECK(report.note.missing.empty());
  fs::rename(world.state(), world.root() / "lost");
  world.folder().prepare();
  const RestoreReport restored = world.restore();
  CHECK(restored.copied == 2);
  CHECK(restored.moved.empty());
  CHECK(world.visible() == visible);
  world.check_chain();
  const ProbeEnd next = world.run();
  CHECK(next.exit == 0);
  CHECK(has(next.out, "a up_to_date"));
}

TEST_CASE("backup: work that is newer goes to the trash, and the journal says so") {
  World world;
  const auto visible = world.visible();
  world.backup();
  world.work_on();
  const RestoreReport restored = world.restore();
  CHECK(world.visible() == visible);
  CHECK_FALSE(world.view().run("g.2026-01.2"));
  CHECK(std::find(restored.moved.begin(), restored.moved.end(), "attempts/g.2026-01.2/a.1") !=
        restored.moved.end());
  CHECK(fs::exists(restored.trash / "attempts/g.2026-01.2/a.1/task.json"));
  CHECK(fs::exists(restored.trash / "store.db"));
  world.check_chain();
  Database database(world.address(), Database::Mode::read);
  const auto events = read_events(database, "order by number desc limit 1", {});
  CHECK(events.at(0).event.kind == "store_restored");
  CHECK(events.at(0).event.body.at("moved").as_array().size() == restored.moved.size());
  // Nothing of the newer work is in the way.
  const ProbeEnd next = world.run("g", {"force"});
  CHECK(next.exit == 0);
  CHECK(has(next.out, "starts g.2026-01.2"));
}

TEST_CASE("backup: no number of an event that was given before is given again after a restore") {
  World world;
  const BackupReport backup = world.backup();
  world.work_on();
  std::int64_t newest = world.event_numbers().back();
  SUBCASE("the store that is replaced knows the newest") {
    // Far in the future, where the clock does not reach.
    newest = 4'000'000'000'000'000;
    Database database(world.address(), Database::Mode::write);
    database.execute("update event set number = :p0 where number = (select max(number) from event)",
                     {newest});
  }
  SUBCASE("attempts know the newest") {
    newest = 4'000'000'000'000'000;
    const fs::path file = world.folder().attempt("g.2026-01.2", "b", 1) / "task.json";
    json::object task = parse_json(read_file(file), "task").as_object();
    task.at("epoch").as_object()["number"] = newest;
    write_file_durably(file, json::serialize(task));
  }
  SUBCASE("nobody does: the state folder is lost") {
    fs::rename(world.state(), world.root() / "lost");
    world.folder().prepare();
    // As many more events as a busy store has in a day.
    newest += 10'000'000;
  }
  world.restore();
  const std::vector<std::int64_t> numbers = world.event_numbers();
  REQUIRE(numbers.size() == static_cast<std::size_t>(backup.note.head.number) + 1);
  CHECK(numbers.at(numbers.size() - 2) == backup.note.head.number);
  CHECK(numbers.back() > newest);
  world.check_chain();
  CHECK(world.run("g", {"force"}).exit == 0);
  world.check_chain();
  // And a second time: the backup does not know of the first.
  const std::int64_t first = world.event_numbers().back();
  world.restore();
  CHECK(world.event_numbers().back() > first);
}

TEST_CASE("backup: a gap is the restore's alone") {
  World world;
  {
    Database database(world.address(), Database::Mode::write);
    database.execute("delete from event where number = 3");
    CHECK(verify_chain(database).problem == "event 3 is missing");
  }
  World other;
  other.backup();
  other.restore();
  Database database(other.address(), Database::Mode::write);
  const std::int64_t last = other.event_numbers().back();
  database.execute(
      "delete from event where number = (select max(number) from event where number"
      " < :p0)",
      {last});
  CHECK(verify_chain(database).problem ==
        "event " + std::to_string(last) + " does not follow the event before it");
}

TEST_CASE("backup: a second one copies what is new, and drops what is named no more") {
  World world;
  world.backup();
  world.work_on();
  const BackupReport second = world.backup();
  CHECK(second.note.versions == 4);
  CHECK(second.copied == 2);
}

TEST_CASE("backup: one that is not whole is refused before anything is changed") {
  World world;
  world.backup();
  {
    Database database(world.root() / "backup/store.db", Database::Mode::write);
    database.execute("update event set who = 'somebody else' where number = 3");
  }
  const std::string store = read_file(world.folder().store());
  CHECK(error_of([&] { world.restore(); }) ==
        "the backup '" + (world.root() / "backup").string() +
            "' is not whole: event 3 was changed after it was written; use another one");
  CHECK(read_file(world.folder().store()) == store);
  CHECK(error_of([&] { make_backup(world.folder(), world.address(), world.root()); }) ==
        "'" + world.root().string() + "' is neither empty nor a backup; name another folder");
  CHECK(has(
      error_of([&] { restore_backup(world.folder(), world.address(), world.root(), "tester"); }),
      "is no backup: it has no backup.json"));
}

TEST_CASE("backup: a server's store is backed up into a file, and restored into an empty one") {
  World world;
  const PostgresqlBackend backend;
  const StoreAddress server = backend.address();
  const auto visible = world.visible();
  migrate_store(world.folder(), world.address(), server, "tester");
  CHECK_FALSE(fs::exists(world.folder().store()));
  const BackupReport report = make_backup(world.folder(), server, world.root() / "backup");
  CHECK(report.note.versions == 2);
  CHECK(has(
      error_of([&] { restore_backup(world.folder(), server, world.root() / "backup", "tester"); }),
      "is not empty: a store is copied only into an empty one"));
  const StoreAddress fresh = backend.address("fresh");
  restore_backup(world.folder(), fresh, world.root() / "backup", "tester");
  StoreView view = StoreView::open(fresh).value();
  CHECK(view.versions("").size() == visible.size());
  CHECK(verify_chain(view.database()).problem == "");
}

TEST_CASE("store migration: there and back the journal and all tables stay the same") {
  World world;
  const PostgresqlBackend backend;
  const StoreAddress server = backend.address();
  std::string hash;
  {
    Store store(world.address(), "tester");
    hash = store.head().hash;
  }
  migrate_store(world.folder(), world.address(), server, "tester");
  CHECK(read_identity(world.folder())->type == "postgresql");
  CHECK(has(error_of([&] { open_bound_store(world.folder(), world.address(), "tester"); }),
            "is of type postgresql, and tallymill.yaml says sqlite"));
  migrate_store(world.folder(), server, world.address(), "tester");
  world.check_chain();
  Database database(world.address(), Database::Mode::read);
  const auto events = read_events(database, "order by number desc limit 3", {});
  CHECK(events.at(2).hash == hash);
  CHECK(world.run().exit == 0);
  CHECK(has(error_of([&] { migrate_store(world.folder(), world.address(), server, "tester"); }),
            "is not empty"));
}
