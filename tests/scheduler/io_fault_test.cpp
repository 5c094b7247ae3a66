// Calls that change a file of the state folder fail once, or from then on, one after the other over
// a whole run (every one of them would take minutes): nothing half is
// ever visible, and the next run goes on.
#include <doctest/doctest.h>

#include "tests/scheduler/run_fixture.h"

using namespace tallymill;

namespace {

/// One write after another: a job with data and evidence, and a reader of it.
constexpr const char* kGraph = R"(
  raw:    { type: test, outputs: { raw: rows }, evidence: { raw.rejects: none } }
  totals: { type: test, reads: [raw], outputs: { totals: rows }, tags: [result] }
)";

/// Variables of the environment for as long as the object lives.
class Environment {
 public:
  explicit Environment(std::vector<std::pair<std::string, std::string>> variables)
      : variables_(std::move(variables)) {
    for (const auto& [name, value] : variables_) ::setenv(name.c_str(), value.c_str(), 1);
  }
  ~Environment() {
    for (const auto& entry : variables_) ::unsetenv(entry.first.c_str());
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  std::vector<std::pair<std::string, std::string>> variables_;
};

/// Which calls may fail; empty texts: all of them.
struct Calls {
  std::string name = {};
  std::string path = {};  ///< stands in theirs
};

/// Runs the graph with a fault at a call; false if there are not so many calls.
bool run_with_fault(RunFixture& fixture, const std::string& call, ProbeEnd& end,
                    const Calls& calls = {}) {
  const auto hit = fixture.root() / "hit";
  const Environment fault({{"LD_PRELOAD", (executable_folder() / "libfull_disk_shim.so").string()},
                           {"FULL_DISK_FOLDER", fixture.state().string()},
                           {"IO_FAULT_AT", call},
                           {"IO_FAULT_CALL", calls.name},
                           {"IO_FAULT_PATH", calls.path},
                           {"IO_FAULT_HIT", hit.string()},
                           {"ASAN_OPTIONS", "verify_asan_link_order=0"}});
  end = fixture.run();
  return std::filesystem::exists(hit);
}

void check_whole(const RunFixture& fixture, const std::map<std::string, std::string>& expected) {
  CHECK(fixture.visible() == expected);
  Database database(fixture.state() / "store.db", Database::Mode::write);
  CHECK(verify_chain(database).problem == "");
  CHECK(replay_difference(database, fixture.root() / "copy.db") == "");
  StoreView view(database);
  CHECK(view.open_attempts().empty());
  for (const auto& [dataset, digest] : expected) CHECK(view.versions(dataset).size() == 1);
}

void try_all(const std::string& how_long, int step) {
  std::map<std::string, std::string> expected;
  {
    RunFixture fixture;
    fixture.graph("g", kGraph);
    REQUIRE(fixture.run().exit == 0);
    expected = fixture.visible();
  }
  int tried = 0;
  for (int call = 1;; call += step, ++tried) {
    CAPTURE(call);
    RunFixture fixture;
    fixture.graph("g", kGraph);
    ProbeEnd failed;
    if (!run_with_fault(fixture, std::to_string(call) + how_long, failed)) break;
    INFO(failed.out, failed.err);
    CHECK((failed.exit == 0 || failed.exit == 1));
    ProbeEnd again;
    for (int tries = 0; tries < 3 && (tries == 0 || again.exit != 0); ++tries)
      again = fixture.run();
    INFO(again.out, again.err);
    REQUIRE(again.exit == 0);
    check_whole(fixture, expected);
  }
  CHECK(tried > 10);
}

/// Each of few calls fails, once: the job whose version it is about fails, and nothing of that
/// version is left, in the store or on disk.
void try_each(const Calls& calls, int at_least) {
  int tried = 0;
  for (;; ++tried) {
    CAPTURE(tried);
    RunFixture fixture;
    fixture.graph("g", kGraph);
    ProbeEnd failed;
    if (!run_with_fault(fixture, std::to_string(tried + 1), failed, calls)) break;
    INFO(failed.out, failed.err);
    CHECK(failed.exit == 1);
    CHECK(has(failed.out, " failed ("));
    const auto visible = fixture.visible();
    CHECK(visible.size() < 3);
    for (const auto& [dataset, digest] : visible) CHECK(digest != "missing on disk");
    CHECK(fixture.folders_on_disk() == static_cast<int>(visible.size()));
    CHECK(fixture.run().exit == 0);
    CHECK(fixture.visible().size() == 3);
    CHECK(fixture.folders_on_disk() == 3);
  }
  CHECK(tried >= at_least);
}

}  // namespace

TEST_CASE("I/O fault: what cannot be made durable is not published") {
  SUBCASE("in the worker") { try_each({"fsync", "/staging/"}, 2); }
  SUBCASE("the folders it is published into") { try_each({"fsync", "/datasets"}, 3); }
}

TEST_CASE("I/O fault: what cannot be put in its place is not published") {
  try_each({"rename", "/datasets/"}, 3);
}

TEST_CASE("I/O fault: a single call that fails leaves nothing half done") { try_all("", 11); }

TEST_CASE("I/O fault: a disk that fails from some call on leaves nothing half done") {
  try_all("+", 13);
}
