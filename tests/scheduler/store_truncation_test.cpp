// A store that was cut off, anywhere: it loads as it was at some commit, or is refused by name.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "scheduler/store/copy.h"
#include "tests/scheduler/store_backends.h"

using namespace tallymill;

namespace {

namespace fs = std::filesystem;

/// Not made durable: tens of thousands of files are written.
void write_file(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

void shell(const std::string& command) { REQUIRE(std::system(command.c_str()) == 0); }

/// Appends and commits in a process that is killed before it can fold its log in.
void append_and_die(const fs::path& file, int changes) {
  const pid_t child = ::fork();
  if (child == 0) {
    Store store(file, "tester");
    for (int i = 0; i < changes; ++i) {
      store.append(to_event(JobHeld{"r", "j", "reason " + std::to_string(i)}));
      store.commit();
    }
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
}

/// A small store of small pages, so that every byte can be tried; its log holds the last commits.
void make_store(const fs::path& file) {
  shell("sqlite3 '" + file.string() + "' 'pragma page_size = 512; vacuum;'");
  { Store store(file, "tester"); }
  append_and_die(file, 3);
}

struct Opened {
  bool loads = false;
  ChainReport chain;
  std::string problem;
};

Opened open(const fs::path& file) {
  Opened opened;
  try {
    auto view = StoreView::open(file);
    if (!view) return opened;
    opened.chain = verify_chain(view->database());
    opened.loads = true;
  } catch (const Error& error) {
    opened.problem = error.message();
  }
  return opened;
}

std::string writer_problem(const fs::path& file, const std::string& id) {
  try {
    Store store(file, "tester", {.expected_id = id, .state_folder = {}});
  } catch (const Error& error) {
    return error.message();
  }
  return {};
}

/// As SQLite itself sees it, page by page.
bool is_whole(const fs::path& file) {
  Database database(file, Database::Mode::read);
  const auto rows = database.select("select quick_check from pragma_quick_check limit 1", "t");
  return rows.at(0).text(0) == "ok";
}

}  // namespace

TEST_CASE("truncated store: a log cut off at any byte is read to its last whole commit") {
  const TemporaryFolder scratch;
  const fs::path file = scratch / "store.db";
  make_store(file);
  const std::string log = read_file(file.string() + "-wal");
  const std::string whole = read_file(file);
  REQUIRE(log.size() > 1'000);
  const std::int64_t last = open(file).chain.head.number;
  CHECK(last == 4);
  const fs::path cut = scratch / "cut.db";
  std::int64_t before = last;
  // Behind its last frame the log has nothing but room.
  const std::size_t end = log.find_last_not_of('\0') + 1;
  CHECK(end < log.size());
  for (std::size_t size = std::min(end + 100, log.size()); size-- > 0;) {
    CAPTURE(size);
    fs::remove(cut.string() + "-shm");
    write_file(cut, whole);
    write_file(cut.string() + "-wal", log.substr(0, size));
    const Opened opened = open(cut);
    REQUIRE(opened.loads);
    REQUIRE(opened.chain.broken_at == 0);
    REQUIRE(opened.chain.head.number <= before);
    before = opened.chain.head.number;
  }
  CHECK(before == 1);
}

TEST_CASE("truncated store: a file cut off at any byte is refused, by readers and writers") {
  const TemporaryFolder scratch;
  const fs::path file = scratch / "store.db";
  make_store(file);
  std::string id;
  {
    Store store(file, "tester");  // folds the log in
    id = store.store_id();
  }
  REQUIRE_FALSE(fs::exists(file.string() + "-wal"));
  REQUIRE(open(file).loads);
  for (std::uintmax_t size = fs::file_size(file); size-- > 0;) {
    CAPTURE(size);
    fs::resize_file(file, size);
    const Opened opened = open(file);
    REQUIRE_FALSE(opened.loads);
    if (!opened.problem.empty())
      REQUIRE(opened.problem.find("the store '" + file.string() + "'") == 0);
    // An empty file looks like a new one: only the folder's note tells.
    REQUIRE((size == 0 || !opened.problem.empty()));
    if (size % 101 != 0) continue;
    const std::string problem = writer_problem(file, id);
    REQUIRE(problem.find("the store '" + file.string() + "'") == 0);
  }
}

TEST_CASE("truncated store: pages lost below a log are found before anything is written") {
  const TemporaryFolder scratch;
  const fs::path file = scratch / "store.db";
  make_store(file);
  const std::string whole = read_file(file);
  const std::string log = read_file(file.string() + "-wal");
  bool is_cut = true;
  SUBCASE("all from one on") {}
  SUBCASE("a single one") { is_cut = false; }
  int refused = 0;
  for (std::size_t size = whole.size() - 512; size > 512; size -= 512) {
    CAPTURE(size);
    fs::remove(file.string() + "-shm");
    std::string damaged = whole;
    if (is_cut)
      damaged.resize(size);
    else
      damaged.replace(size, 512, 512, '\0');
    write_file(file, damaged);
    write_file(file.string() + "-wal", log);
    // The machine was started anew since, so the file is checked.
    write_file(file.string() + ".boot", "another start");
    const std::string problem = writer_problem(file, {});
    if (problem.empty()) {
      // All that is missing stands in the log.
      const Opened opened = open(file);
      REQUIRE(opened.loads);
      REQUIRE(opened.chain.broken_at == 0);
      REQUIRE(opened.chain.head.number == 4);
      REQUIRE(is_whole(file));
      continue;
    }
    ++refused;
    REQUIRE(problem.find("the store '" + file.string() + "'") == 0);
    REQUIRE(problem.find("backup") != std::string::npos);
  }
  CHECK(refused > 10);
}
