#include <doctest/doctest.h>

#include <sstream>

#include "books.h"
#include "core/files.h"
#include "scheduler/output_file.h"

using namespace tallymill;

namespace {

/// A job that takes a second or so.
void add_slow_graph(const Books& books) {
  books.write("graphs/slow.yaml",
              "graph: slow\nperiod: month\njobs:\n  slow:\n    type: transform\n    inputs: []\n"
              "    sql: select count(*) as n from range(200000000) t(i) where i % 7 = 3\n"
              "    into: slow\n    key: [n]\n    columns: { n: integer }\n    balance: none\n"
              "    because: a test\n");
}

}  // namespace

TEST_CASE("logs: a heading, then one line per event with its fields") {
  const ProgramEnd end = finished_books().run({"logs", "customers", "clean_customers"});
  CHECK(end.exit == 0);
  CHECK(end.out.starts_with("clean_customers in customers.2026-01.1, attempt 1: succeeded\n"));
  CHECK(
      contains(end.out, "Z info  event=started graph=customers job=clean_customers type=cleanse"));
  CHECK(contains(end.out, " event=succeeded rows_in=4 rows_out=3 rows_rejected=0 seconds=0."));
}

TEST_CASE("logs: --json is one object per line") {
  const ProgramEnd end = finished_books().run({"logs", "customers", "clean_customers", "--json"});
  std::istringstream lines(end.out);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const json::value event = parse_json(line, "logs --json");
    CHECK(event.at("at").is_string());
    CHECK(event.at("level").as_string() == "info");
    CHECK(event.at("event").is_string());
  }
  CHECK(count >= 3);
}

TEST_CASE("logs: --json of a job without an attempt has no line, which is no text for people") {
  Books books;
  books.run_month();
  books.run_month();
  CHECK(contains(books.run({"logs", "customers", "clean_customers"}).out, "no attempt of"));
  CHECK(books.run({"logs", "customers", "clean_customers", "--json"}).out.empty());
}

TEST_CASE("logs: a failed attempt ends with its error") {
  Books books;
  std::filesystem::remove(books.root() / "sources/customers-2026-01.csv");
  REQUIRE(books.run_month().exit == 1);
  const std::string text = books.run({"logs", "customers", "read_customers"}).out;
  CHECK(contains(text, "attempt 1: failed\n"));
  CHECK(contains(text, " error event=failed class=data error="));
  CHECK(contains(text, "\ndata: graphs/customers.yaml:"));
  CHECK(books.run({"logs", "customers", "clean_customers"}).out ==
        "no attempt of clean_customers in customers.2026-01.1: cancelled (blocked: behind "
        "read_customers (failed))\n");
}

TEST_CASE("logs: --follow prints what a running job says as it says it, and ends with the job") {
  Books books;
  add_slow_graph(books);
  const pid_t run = books.start({"run", "slow", "--period", "2026-01"}, "run");
  REQUIRE(soon([&] { return contains(books.said_so_far("run", "err"), "slow: running"); }));
  const pid_t logs = books.start({"logs", "slow", "slow", "--follow"}, "logs");
  CHECK(soon([&] { return contains(books.said_so_far("logs", "out"), "event=started"); }));
  const std::string early = books.said_so_far("logs", "out");
  CHECK(contains(early, "slow in slow.2026-01.1, attempt 1: running\n"));
  CHECK(!contains(early, "event=succeeded"));
  CHECK(books.wait(run, "run").exit == 0);
  const ProgramEnd end = books.wait(logs, "logs");
  CHECK(end.exit == 0);
  CHECK(end.out.starts_with(early));
  CHECK(contains(end.out, " event=succeeded rows_in=0 rows_out=1"));
  // After the end it prints the whole and ends at once.
  const std::string after = books.run({"logs", "slow", "slow", "-f"}).out;
  CHECK(after.starts_with("slow in slow.2026-01.1, attempt 1: succeeded\n"));
  CHECK(contains(after, "event=succeeded"));
}

TEST_CASE("logs: --follow of a job whose scheduler was killed does not wait for ever") {
  Books books;
  add_slow_graph(books);
  const pid_t run = books.start({"run", "slow", "--period", "2026-01"}, "run");
  REQUIRE(soon([&] {
    return std::filesystem::exists(books.state() / "attempts/slow.2026-01.1/slow.1/log.jsonl");
  }));
  ::kill(run, SIGKILL);
  books.wait(run, "run");
  const ProgramEnd end = books.run({"logs", "slow", "slow", "--follow"});
  CHECK(end.exit == 0);
  CHECK(contains(end.out, "event=started"));
  CHECK(contains(end.out,
                 "nobody works on slow.2026-01.1 any more; to go on: tallymill run slow "
                 "--period 2026-01\n"));
}

TEST_CASE("logs: what was printed beyond the budget is left out, and counted") {
  Books books;
  REQUIRE(books.run({"run", "customers", "--period", "2026-01"}).exit == 0);
  const auto file = books.state() / "attempts/customers.2026-01.1/clean_customers.1/stdout";
  std::string printed;
  for (int i = 0; i < 100'000; ++i) printed += "line " + std::to_string(i) + "\n";
  write_all(open_for_appending(file), printed, file);
  keep_ends(file, 20'000);
  const ProgramEnd end = books.run({"logs", "customers", "clean_customers"});
  CHECK(end.exit == 0);
  CHECK(contains(end.out, "\nstdout:\nline 0\nline 1\n"));
  CHECK(contains(end.out, " bytes were left out here ...\nline "));
  CHECK(contains(end.out, "\nline 99999\n"));
  CHECK_FALSE(contains(end.out, "\nline 50000\n"));
  CHECK(end.out.size() < 25'000);
}

TEST_CASE("logs: names that are not there are answered with near ones") {
  Books& books = finished_books();
  const auto error = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "logs");
    const ProgramEnd end = books.run(arguments);
    CHECK(end.exit == 2);
    return end.err;
  };
  CHECK(error({"customers", "clean_custmers"}) ==
        "error: run customers.2026-01.1 has no job 'clean_custmers'; did you mean "
        "'clean_customers'?\n");
  CHECK(error({"customers", "x"}) ==
        "error: run customers.2026-01.1 has no job 'x'; its jobs are read_customers, "
        "clean_customers, nobody_is_owed\n");
  CHECK(error({"customers", "clean_customers", "--attempt", "2"}) ==
        "error: clean_customers has 1 attempt in customers.2026-01.1, not 2\n");
  CHECK(error({"customers"}) == "error: argument JOB is missing; see 'tallymill logs --help'\n");
  CHECK(error({"customers", "clean_customers", "--folow"}) ==
        "error: unknown option '--folow'; did you mean '--follow'?; see 'tallymill logs --help'\n");
}

TEST_CASE("logs: --help has an example") {
  const ProgramEnd help = finished_books().run({"logs", "--help"});
  CHECK(help.exit == 0);
  CHECK(contains(help.out, "  -f, --follow "));
  CHECK(contains(help.out, "\nExample:\n  tallymill logs cost_attribution clean_cost --follow\n"));
}
