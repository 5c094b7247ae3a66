#include <doctest/doctest.h>
#include <signal.h>

#include <regex>

#include "books.h"
#include "waiting_run.h"

using namespace tallymill;

namespace {

/// The digest in "--apply DIGEST".
std::string digest_in(const std::string& plan) {
  std::smatch found;
  return std::regex_search(plan, found, std::regex("--apply ([0-9a-f]+)")) ? found[1].str() : "";
}

}  // namespace

TEST_CASE("rerun: --failed plans what failed and what was behind it, --apply does it") {
  Books books;
  const auto source = books.root() / "sources/customers-2026-01.csv";
  const std::string text = read_file(source);
  std::filesystem::remove(source);
  REQUIRE(books.run_month().exit == 1);
  const ProgramEnd plan = books.run({"rerun", "customers", "--failed"});
  CHECK(plan.exit == 0);
  CHECK(plan.out.starts_with("rerun of customers.2026-01.1, plan "));
  CHECK(std::regex_search(plan.out, std::regex("read_customers +run|read_customers +look")));
  CHECK(contains(plan.out, "failed (data)"));
  CHECK(contains(plan.out, "blocked: behind read_customers (failed)"));
  CHECK(contains(plan.out, "\nto do this: tallymill rerun customers.2026-01.1 --failed --apply "));

  books.write("sources/customers-2026-01.csv", text);
  const ProgramEnd done =
      books.run({"rerun", "customers", "--failed", "--apply", digest_in(plan.out)});
  INFO(done.out, done.err);
  CHECK(done.exit == 0);
  CHECK(done.out.starts_with("customers 2026-01, run customers.2026-01.2: all well in "));
  CHECK(contains(books.run({"status"}).out, "customers.2026-01.1\n"));  // "rerun of"
  const ProgramEnd nothing = books.run({"rerun", "customers", "--failed"});
  CHECK(nothing.exit == 2);
  CHECK(nothing.err ==
        "error: no job of run customers.2026-01.2 failed, was cancelled or was refused; there is "
        "nothing to rerun with --failed\n");
}

TEST_CASE("rerun: a plan that is not the one that was seen is refused and shown anew") {
  Books& books = finished_books();
  const ProgramEnd end = books.run({"rerun", "customers", "--apply", "0123456789ab"});
  CHECK(end.exit == 2);
  CHECK(contains(end.err,
                 "error: the plan is not the one you saw (0123456789ab): something has "
                 "changed since. The plan now:\nrerun of customers.2026-01.1, plan "));
  CHECK(digest_in(end.err) == digest_in(books.run({"rerun", "customers"}).out));
}

TEST_CASE("rerun: one that waits keeps a run of the whole graph from nothing silently") {
  WaitingRun books;
  books.begin();
  REQUIRE(books.run({"approve", books.kRun, "chief_agrees"}).exit == 0);
  const std::vector<std::string> words{"rerun", books.kRun, "--from", "chief_agrees"};
  std::vector<std::string> apply = words;
  apply.insert(apply.end(), {"--apply", digest_in(books.run(words).out)});
  REQUIRE(books.run(apply).exit == 4);
  const ProgramEnd waits = books.begin();
  CHECK(waits.exit == 4);
  CHECK(contains(waits.err,
                 "\nrun close.2026-01.2 does only 2 of the 3 jobs of graph 'close' (a rerun of "
                 "close.2026-01.1) and waits; the others were not looked at. Give it what it waits "
                 "for and run again, or give it up and run them all: tallymill run close --period "
                 "2026-01 --new\n"));
  const ProgramEnd anew = books.run({"run", "close", "--period", "2026-01", "--new"});
  CHECK(contains(anew.err, "run close.2026-01.3 starts, 3 jobs\n"));
  CHECK(!contains(anew.err, "does only"));
}

TEST_CASE("rerun: one that was left in the middle is finished, then the whole graph is run") {
  ProgramFixture books;
  books.write("tallymill.yaml", "workspace: slow\n");
  const auto transform = [](const std::string& name, const std::string& sql,
                            const std::string& inputs) {
    return "  " + name + ":\n    type: transform\n    inputs: [" + inputs + "]\n    sql: " + sql +
           "\n    into: " + name +
           "\n    key: [n]\n    columns: { n: integer }\n    balance: none\n    because: a test\n";
  };
  books.write(
      "graphs/slow.yaml",
      "graph: slow\nperiod: month\njobs:\n" +
          transform("slow", "select count(*) as n from range(300000000) t(i) where i % 7 = 3", "") +
          transform("after", "select n from slow", "slow"));
  const std::vector<std::string> run{"run", "slow", "--period", "2026-01"};
  REQUIRE(books.run(run).exit == 0);
  const std::vector<std::string> words{"rerun", "slow", "--job", "slow", "--only"};
  std::vector<std::string> apply = words;
  apply.insert(apply.end(), {"--apply", digest_in(books.run(words).out)});
  const pid_t running = books.start(apply, "rerun");
  REQUIRE(soon([&] {
    return std::filesystem::exists(books.state() / "attempts/slow.2026-01.2/slow.1/log.jsonl");
  }));
  ::kill(running, SIGKILL);
  books.wait(running, "rerun");
  std::vector<std::string> as_json = run;
  as_json.emplace_back("--json");
  const ProgramEnd end = books.run(as_json);
  CHECK(end.exit == 0);
  CHECK(contains(end.err, "run slow.2026-01.2 goes on, 1 job\n"));
  CHECK(contains(end.err,
                 "\nrun slow.2026-01.2 does only 1 of the 2 jobs of graph 'slow' (a rerun of "
                 "slow.2026-01.1); now all of them\nrun slow.2026-01.3 starts, 2 jobs\n"));
  CHECK(parse_json(end.out, "run --json").at("run") == "slow.2026-01.3");
}

TEST_CASE("rerun: --from takes a job and all that come after it") {
  const ProgramEnd plan = finished_books().run({"rerun", "customers", "--from", "clean_customers"});
  CHECK(plan.exit == 0);
  CHECK(!contains(plan.out, "read_customers"));
  CHECK(std::regex_search(plan.out, std::regex("clean_customers +run +chosen\n")));
  CHECK(std::regex_search(plan.out, std::regex("nobody_is_owed +depends +after clean_customers")));
}

TEST_CASE("rerun: --cascade goes on to the graphs that read the results") {
  Books books;
  books.write("graphs/debts.yaml",
              "graph: debts\nperiod: month\njobs:\n  who_owes:\n    type: cleanse\n"
              "    from: customers\n    into: debts\n    key: [customer_no]\n"
              "    steps: [ { filter: \"owed > 0\" } ]\n");
  REQUIRE(books.run_month().exit == 0);
  REQUIRE(books.run({"run", "debts", "--period", "2026-01"}).exit == 0);
  const std::vector<std::string> rerun{"rerun", "customers.2026-01.1", "--from", "read_customers",
                                       "--cascade"};
  const ProgramEnd plan = books.run(rerun);
  CHECK(contains(plan.out, "then of debts.2026-01.1, if what it read has changed\n"));
  CHECK(std::regex_search(plan.out, std::regex("who_owes +depends +reads customers of 2026-01\n")));
  CHECK(contains(plan.out, "\n  superseded by other data, if any: debts 2026-01"));

  books.write("sources/customers-2026-01.csv", "customer_no,name,phone,owed\nC1,Lee,,99.00\n");
  const std::string fresh = books.run(rerun).out;
  std::vector<std::string> apply = rerun;
  apply.insert(apply.end(), {"--apply", digest_in(fresh), "--reason", "corrected file"});
  const ProgramEnd done = books.run(apply);
  INFO(done.out, done.err);
  CHECK(done.exit == 0);
  CHECK(contains(done.out, "customers 2026-01, run customers.2026-01.2: "));
  CHECK(contains(done.out, "debts 2026-01, run debts.2026-01.2: all well"));
  CHECK(!contains(books.run({"datasets"}).out, "stale"));
  CHECK(contains(books.run({"audit", "debts.2026-01.2"}).out, "because: corrected file"));
}

TEST_CASE("rerun: --json has the plan and its digest") {
  Books& books = finished_books();
  const json::value plan = parse_json(books.run({"rerun", "customers", "--json"}).out, "rerun");
  CHECK(plan.at("of").as_string() == "customers.2026-01.1");
  CHECK(plan.at("digest").as_string() == digest_in(books.run({"rerun", "customers"}).out));
  CHECK(plan.at("jobs").as_array().size() == 3);
}

TEST_CASE("rerun: wrong usage exits 2 with what is near") {
  Books& books = finished_books();
  const auto error = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "rerun");
    const ProgramEnd end = books.run(arguments);
    CHECK(end.exit == 2);
    return end.err;
  };
  CHECK(error({"custmers"}) == "error: there is no run 'custmers'; did you mean 'customers'?\n");
  CHECK(error({"customers", "--from", "clean_custmers"}) ==
        "error: graph 'customers' has no job 'clean_custmers'; did you mean 'clean_customers'?\n");
  CHECK(error({"customers", "--failed", "--from", "clean_customers"}) ==
        "error: --failed, --from and --job exclude each other; give one of them\n");
  CHECK(error({"customers", "--job", "clean_customers", "--only", "--cascade"}) ==
        "error: --only leaves what comes after a job alone, --cascade repeats it; give one of "
        "them\n");
  CHECK(error({}) == "error: argument RUN is missing; see 'tallymill rerun --help'\n");
  CHECK(error({"customers", "--aply", "x"}) ==
        "error: unknown option '--aply'; did you mean '--apply'?; see 'tallymill rerun --help'\n");
}

TEST_CASE("rerun: --help has an example") {
  const ProgramEnd help = finished_books().run({"rerun", "--help"});
  CHECK(help.exit == 0);
  CHECK(contains(help.out, "\nExample:\n  tallymill rerun cost_attribution.2026-01.1 --failed\n"));
}
