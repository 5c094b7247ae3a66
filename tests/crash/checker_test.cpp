// The checker of the crash lab finds what it is there to find: a settled workspace passes, and each
// harm done to it by hand is named.
#include "tests/crash/checker.h"

#include <doctest/doctest.h>

#include "scheduler/store/database.h"
#include "tests/scheduler/run_fixture.h"

using namespace tallymill;
using namespace tallymill::crash;

namespace {

/// A scenario of one graph that has run once, undisturbed.
struct Settled {
  RunFixture fixture;
  Scenario scenario;
  Expectation expected;

  Settled() {
    scenario.graphs.push_back({"g", {}});
    LabJob raw{.name = "raw", .text = "raw 0", .reads = {}};
    raw.output = "d_raw";
    LabJob clean{.name = "clean", .text = "clean 0", .reads = {"d_raw"}};
    clean.output = "d_clean";
    clean.evidence = "clean.rejects";
    LabJob broken{.name = "broken", .text = "broken 0", .reads = {"d_clean"}};
    broken.output = "d_broken";
    broken.behaviour = Behaviour::broken;
    LabJob last{.name = "last", .text = "last 0", .reads = {"d_broken"}};
    last.output = "d_last";
    scenario.graphs[0].jobs = {raw, clean, broken, last};
    fixture.write("tallymill.yaml", scenario.workspace_yaml());
    fixture.write("graphs/g.yaml", scenario.graph_yaml(scenario.graphs[0]));
    REQUIRE(fixture.run().exit == 1);
    foresee(scenario, scenario.graphs[0], "2026-01", expected);
  }

  std::vector<std::string> problems() const {
    return check_settled(fixture.state(), {"g.2026-01.1"}, expected);
  }
  void change(const std::string& sql) const {
    Database store(fixture.state() / "store.db", Database::Mode::write);
    store.execute(sql);
  }
  std::filesystem::path folder_of(const std::string& dataset) const {
    for (const VersionRecord& version : fixture.view().versions(dataset))
      return fixture.folder_of(version);
    return {};
  }
};

bool names(const std::vector<std::string>& problems, const std::string& part) {
  return std::any_of(problems.begin(), problems.end(), [&](const std::string& problem) {
    return problem.find(part) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("crash checker: a settled workspace has no problems") {
  const Settled settled;
  CHECK(settled.problems() == std::vector<std::string>{});
}

TEST_CASE("crash checker: each harm is named") {
  const Settled settled;
  const auto harm = [&](const std::string& sql, const std::string& named) {
    CAPTURE(sql);
    settled.change(sql);
    CHECK(names(settled.problems(), named));
  };
  SUBCASE("a changed event") {
    harm("update event set who = 'x' where number = 3", "event 3 was changed");
  }
  SUBCASE("a missing event") { harm("delete from event where number = 4", "event 4 is missing"); }
  SUBCASE("an open run") { harm("update run set state = 'active'", "open run g.2026-01.1"); }
  SUBCASE("a job run that is stuck") {
    harm("update job_run set state = 'running', is_open = 1 where job = 'raw'",
         "unfinished job run g.2026-01.1 raw running");
  }
  SUBCASE("an open attempt") { harm("update attempt set state = 'starting'", "open attempt"); }
  SUBCASE("nothing visible") {
    harm("update version set visible = 0 where dataset = 'd_raw'",
         "not exactly one visible version of d_raw");
  }
  SUBCASE("a version of a failed attempt") {
    harm("update attempt set state = 'failed' where job = 'raw'",
         "published by no successful attempt: d_raw");
  }
  SUBCASE("a lost result") {
    harm("delete from result where job = 'clean'", "no result of g clean");
  }
  SUBCASE("books that do not close") {
    harm("update result set ledger = '{\"balances\":false}' where job = 'raw'",
         "whose books do not close");
  }
  SUBCASE("a failure that became a success") {
    harm("update job_run set state = 'succeeded' where job = 'broken'",
         "job g broken succeeded data should be failed");
  }
  SUBCASE("a run that was told and is gone") {
    CHECK(names(check_torn(settled.fixture.state(), {"g.2026-01.2"}),
                "run g.2026-01.2 was told to somebody"));
  }
}

TEST_CASE("crash checker: what was told and what was not is named") {
  Settled settled;
  settled.expected.tells = true;
  const auto tell = [&](const std::string& lines) {
    write_file_durably(settled.fixture.root() / "told", lines);
  };
  const std::string all =
      "1-a failed g.2026-01.1\n2-b blocked g.2026-01.1\n3-c finished g.2026-01.1\n";
  tell(all + "1-a failed g.2026-01.1\n");
  CHECK(settled.problems() == std::vector<std::string>{});
  tell("1-a failed g.2026-01.1\n3-c finished g.2026-01.1\n");
  CHECK(names(settled.problems(), "never told: blocked g.2026-01.1"));
  tell(all + "4-d failed g.2026-01.1\n");
  CHECK(names(settled.problems(), "told twice, by two ids: failed g.2026-01.1"));
  tell(all + "5-e recovered g.2026-01.1\n");
  CHECK(names(settled.problems(), "told, and it did not happen: recovered g.2026-01.1"));
}

TEST_CASE("crash checker: each broken word about a command is named") {
  RunFixture fixture;
  fixture.graph("g", "\n  a: { type: test, outputs: { a: x }, tags: [result] }\n");
  REQUIRE(fixture.run().exit == 0);
  const std::string run = "g.2026-01.1";
  const auto problems = [&](const Command& command) {
    return check_commands(fixture.state(), {command});
  };
  const auto append = [&](const Event& event) {
    Store store(fixture.state() / "store.db", "tester");
    store.append(event);
    store.commit();
  };
  Command command{.kind = Command::Kind::pause, .mark = "w1.", .run = run, .job = {}, .of = {}};
  CHECK(problems(command).empty());
  command.answer = Command::Answer::acknowledged;
  CHECK(names(problems(command), "was acknowledged and happened 0 times"));

  append(to_event(JobHeld{run, "a", "w1."}));
  CHECK(names(problems(command), "made an event job_held"));
  command.answer = Command::Answer::refused;
  CHECK(names(problems(command), "was refused and has changed something"));
  command.kind = Command::Kind::run;
  command.mark = "w2.";
  command.run = "g.2026-01.2";
  command.goes_on = true;
  command.answer = Command::Answer::acknowledged;
  CHECK(names(problems(command), "there is no such run"));
  command = {.kind = Command::Kind::cancel, .mark = "w3.", .run = run, .job = "a", .of = {}};
  CHECK(problems(command).empty());
  command.answer = Command::Answer::acknowledged;  // of the store's very beginning
  CHECK(names(problems(command), "was cancelled, and event"));

  Database store(fixture.state() / "store.db", Database::Mode::write);
  const auto harm = [&](const std::string& sql, const std::string& named) {
    store.execute(sql);
    CHECK(names(check_commands(fixture.state(), {}), named));
  };
  SUBCASE("a job that starts in a paused run") {
    harm("update event set kind = 'run_paused' where kind = 'job_ready'", "is paused, and event");
  }
  SUBCASE("a job that goes on against a person's word") {
    harm("update event set kind = 'job_marked' where kind = 'job_ready'",
         "after job_marked of g.2026-01.1 a came attempt_started");
  }
  SUBCASE("a correction that nobody has imported") {
    harm(
        "insert into correction values (999, 'g', '2026-01', 'a', 'v', 'f', 1, 'x', 'me', 't',"
        " 'w')",
        "rows of a are corrected by event 999, which is none");
  }
  SUBCASE("an import that is lost") {
    harm("update event set kind = 'rows_corrected' where kind = 'run_ended'",
         "corrects rows, and the store does not know how");
  }
  SUBCASE("a run that was given up for nothing") {
    harm("update event set why = 'given_up' where kind = 'run_ended'",
         "was given up for one that never began");
  }
}

TEST_CASE("crash checker: harm to files is named, too") {
  const Settled settled;
  const auto folder = settled.folder_of("d_clean");
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  SUBCASE("other content") {
    std::filesystem::permissions(folder / "data.txt", std::filesystem::perms::owner_all);
    write_file_durably(folder / "data.txt", "other");
    CHECK(names(settled.problems(), "has other content"));
  }
  SUBCASE("gone") {
    std::filesystem::remove_all(folder);
    CHECK(names(settled.problems(), "is not on disk"));
  }
  SUBCASE("an orphan") {
    std::filesystem::create_directories(folder.parent_path() / "nobody");
    write_file_durably(folder.parent_path() / "nobody" / "data.txt", "x");
    CHECK(names(settled.problems(), "orphan on disk"));
  }
  SUBCASE("a lock that is held") {
    const auto lock = FileLock::try_acquire(settled.fixture.state() / "lock");
    REQUIRE(lock);
    CHECK(names(settled.problems(), "the state's lock is still held"));
  }
  SUBCASE("a store cut short") {
    const auto store = settled.fixture.state() / "store.db";
    std::filesystem::resize_file(store, std::filesystem::file_size(store) / 2);
    CHECK_FALSE(settled.problems().empty());
  }
}
