// The live table of `run` on a terminal, and Ctrl-C there.
#include <doctest/doctest.h>

#include <regex>

#include "program.h"
#include "pseudo_terminal.h"

using namespace tallymill;

namespace {

/// `slow` takes a second or so; `missing` fails and is tried again, and its message is in Chinese.
std::string graph(const std::string& range) {
  const std::string rest =
      "    key: [n]\n    columns: { n: integer }\n    balance: none\n    because: a test\n";
  return "graph: books\nperiod: month\n"
         "defaults: { retries: 1, backoff: { first: 200ms } }\n"
         "jobs:\n  slow_job_with_a_long_name:\n    type: transform\n    inputs: []\n"
         "    sql: select count(*) as n from range(" +
         range + ") t(i) where i % 7 = 3\n    into: slow\n" + rest +
         "  quick:\n    type: transform\n    inputs: []\n    sql: select 1 as n\n    into: "
         "quick\n" +
         rest +
         "  after:\n    type: transform\n    inputs: [slow]\n    sql: select n from slow\n"
         "    into: after\n" +
         rest;
}

class LiveBooks : public ProgramFixture {
 public:
  explicit LiveBooks(const std::string& range = "200000000") {
    write("tallymill.yaml", "workspace: books\nslots: 2\n");
    write("graphs/books.yaml", graph(range));
  }
  std::vector<std::string> run_words() const {
    return {(executable_folder() / "tallymill").string(), "run", "books", "--period", "2026-01"};
  }
};

bool shows(const Screen& screen, const std::string& pattern) {
  const std::string text = screen.text();
  return std::regex_search(text, std::regex(pattern));
}

/// How many frames show `pattern`.
std::size_t count_frames(const PseudoTerminal& terminal, const std::string& pattern) {
  const std::regex wanted(pattern);
  std::size_t count = 0;
  for (const std::string& frame : terminal.frames()) count += std::regex_search(frame, wanted);
  return count;
}

}  // namespace

TEST_CASE("live table: it redraws in place while jobs run, and gives way to the report") {
  LiveBooks books;
  PseudoTerminal terminal(books.root().string(), books.run_words(), 24, 120);
  CHECK(terminal.until([](const Screen& screen) {
    return shows(screen, "slow_job_with_a_long_name  running [0-9]+\\.[0-9]s\n") &&
           shows(screen, "quick +succeeded +0 in, 1 out\n") && shows(screen, "after +waiting\n") &&
           shows(screen, "  [0-9.]+s, 1 running, 1 to go, 1 done$");
  }));
  CHECK(terminal.wait() == 0);
  CHECK(terminal.screen().redraws() >= 5);
  const std::vector<std::string> lines = terminal.screen().lines();
  CAPTURE(terminal.screen().text());
  REQUIRE(lines.size() == 6);
  CHECK(lines[0] == "run books.2026-01.1 starts, 3 jobs");
  CHECK(lines[1].starts_with("books 2026-01, run books.2026-01.1: all well in "));
  CHECK(lines[2].starts_with("  job                        state      rows in  rows out"));
  CHECK(std::regex_search(lines[3], std::regex("^  slow_job_with_a_long_name  succeeded ")));
}

TEST_CASE("live table: no line is wider than the terminal, however narrow it is") {
  for (const unsigned short columns : std::initializer_list<unsigned short>{20, 40, 80}) {
    CAPTURE(columns);
    LiveBooks books("60000000");
    PseudoTerminal terminal(books.root().string(), books.run_words(), 24, columns);
    // Up to the report, which is not the live table's business.
    int wraps_before_report = 0;
    terminal.until([&](const Screen& screen) {
      if (contains(terminal.raw(), "all well")) return true;
      wraps_before_report = screen.wraps();
      return false;
    });
    CHECK(terminal.wait() == 0);
    CHECK(wraps_before_report == (columns == 20 ? 1 : 0));  // "run books.2026-01.1 starts, 3 jobs"
    CHECK(terminal.screen().redraws() >= 2);
    CHECK(count_frames(terminal, columns == 20   ? "slow_jo\\.\\.\\.  r"
                                 : columns == 40 ? "slow_job_with\\.\\.\\.  running 0\\.[0-9]s\n"
                                                 : "slow_job_with_a_long_name  running") >= 1);
    // Nothing of the live table is left above the report.
    CHECK(!contains(terminal.screen().text(), "running"));
  }
}

TEST_CASE("live table: wide characters take two columns") {
  LiveBooks books("60000000");
  books.write("tallymill.yaml",
              "workspace: books\nconnectors: { files: { type: files, root: . } }\n");
  books.write("graphs/books.yaml",
              graph("60000000") +
                  "  missing:\n    type: extract\n    from: { connector: files, path: "
                  "\"账单明细账单明细账单明细账单明细.csv\" }\n    into: missing\n"
                  "    columns: { n: text }\n");
  PseudoTerminal terminal(books.root().string(), books.run_words(), 24, 80);
  int wraps_before_report = 0;
  terminal.until([&](const Screen& screen) {
    if (contains(terminal.raw(), "failed in")) return true;
    wraps_before_report = screen.wraps();
    return false;
  });
  CHECK(terminal.wait() == 1);
  CHECK(wraps_before_report == 0);
  CHECK(count_frames(terminal, "missing +failed +data: .*\\.\\.\\.\n") >= 1);
  CHECK(contains(terminal.screen().text(), "\nmissing failed (data):\n"));
}

TEST_CASE("live table: a terminal made narrower is no reason to leave pieces behind") {
  LiveBooks books;
  PseudoTerminal terminal(books.root().string(), books.run_words(), 24, 100);
  REQUIRE(
      terminal.until([](const Screen& screen) { return shows(screen, " running 0\\.[2-9]s"); }));
  const std::size_t before = terminal.raw().size();
  terminal.resize(24, 20);
  REQUIRE(terminal.until([](const Screen& screen) { return shows(screen, "slow_jo\\.\\.\\."); }));
  CHECK(terminal.wait() == 0);
  // The first frame after the change goes up over what the old one takes at the new width.
  std::smatch up;
  const std::string later = terminal.raw().substr(before);
  REQUIRE(std::regex_search(later, up, std::regex("\033\\[([0-9]+)A\033\\[J  slow_jo\\.\\.\\.")));
  CHECK(std::stoi(up[1].str()) > 4);
}

TEST_CASE("live table: a small terminal shows what matters most") {
  LiveBooks books;
  std::string many = "graph: many\nperiod: month\njobs:\n";
  for (int i = 0; i < 40; ++i) many += "  noop_" + std::to_string(i) + ": { type: noop }\n";
  many +=
      "  slowly:\n    type: transform\n    inputs: []\n    sql: select count(*) as n from "
      "range(60000000) t(i) where i % 7 = 3\n    into: slowly\n    key: [n]\n"
      "    columns: { n: integer }\n    balance: none\n    because: a test\n";
  books.write("graphs/many.yaml", many);
  PseudoTerminal terminal(
      books.root().string(),
      {(executable_folder() / "tallymill").string(), "run", "many", "--period", "2026-01"}, 10, 80);
  CHECK(terminal.until([](const Screen& screen) {
    return screen.lines().size() <= 9 &&
           shows(screen, "\n  slowly +running [0-9.]+s|^  slowly +running [0-9.]+s");
  }));
  CHECK(terminal.wait() == 0);
}

TEST_CASE("interrupt: Ctrl-C ends the run with 130, says so, and the next run goes on") {
  LiveBooks books("100000000000");
  PseudoTerminal terminal(books.root().string(), books.run_words(), 24, 100);
  REQUIRE(terminal.until([](const Screen& screen) {
    return shows(screen, "quick +succeeded") && shows(screen, "long_name  running");
  }));
  terminal.type("\x03");
  CHECK(terminal.wait() == 130);
  const std::string text = terminal.screen().text();
  CAPTURE(text);
  CHECK(contains(text, "interrupted: asking what runs to end (again: kill it)"));
  CHECK(contains(text, "run books.2026-01.1: interrupted in "));
  CHECK(std::regex_search(text, std::regex("slow_job_with_a_long_name  cancelled .*interrupted")));
  CHECK(contains(books.run({"status"}).out, "interrupted"));
  CHECK(!FileLock::is_held(books.state() / "lock"));
  CHECK(!FileLock::is_held(books.state() /
                           "attempts/books.2026-01.1/slow_job_with_a_long_name.1/task.json"));
  CHECK(contains(books.run({"datasets"}).out, "quick"));
  CHECK(!contains(books.run({"datasets"}).out, "slow"));

  books.write("graphs/books.yaml", graph("1000"));
  const ProgramEnd again = books.run({"run", "books", "--period", "2026-01"});
  INFO(again.out, again.err);
  CHECK(again.exit == 0);
  CHECK(std::regex_search(again.out, std::regex("quick +up to date")));
  CHECK(std::regex_search(again.out, std::regex("slow_job_with_a_long_name +succeeded")));
}

TEST_CASE("interrupt: without a terminal SIGINT and SIGTERM do the same") {
  for (const int signal : {SIGINT, SIGTERM}) {
    LiveBooks books("100000000000");
    const pid_t run = books.start({"run", "books", "--period", "2026-01"});
    REQUIRE(soon([&] {
      return contains(books.said_so_far("program", "err"), "long_name: running") &&
             contains(books.said_so_far("program", "err"), "quick: succeeded");
    }));
    ::kill(run, signal);
    const ProgramEnd end = books.wait(run);
    CAPTURE(end.err);
    CHECK(end.exit == 130);
    CHECK(contains(end.err, "\ninterrupted: asking what runs to end (again: kill it)\n"));
    CHECK(contains(end.err, "slow_job_with_a_long_name: cancelled (interrupted)"));
    CHECK(
        parse_json(books.run({"status", "books", "--json"}).out, "status").at("exit").as_int64() ==
        130);
  }
}
