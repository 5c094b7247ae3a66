#include <doctest/doctest.h>

#include <regex>

#include "books.h"

using namespace tallymill;

namespace {

/// Books with the files of January and March, not of February.
class Quarter : public Books {
 public:
  Quarter() {
    const std::string text = read_file(root() / "sources/customers-2026-01.csv");
    write("sources/customers-2026-03.csv", text);
  }
  ProgramEnd backfill(std::vector<std::string> more) {
    more.insert(more.begin(), {"backfill", "customers", "--from", "2026-01", "--to", "2026-03"});
    return run(more);
  }
};

}  // namespace

TEST_CASE("backfill: a dry run prints the plan, and --apply does just that") {
  Quarter books;
  const ProgramEnd plan = books.backfill({"--dry-run"});
  CHECK(plan.exit == 0);
  CHECK(plan.out.starts_with("backfill customers.2026-01..2026-03, plan "));
  CHECK(contains(plan.out, "\n3 periods, 9 job runs, one at a time\n"));
  CHECK(!std::filesystem::exists(books.state() / "store.db"));
  std::smatch digest;
  REQUIRE(std::regex_search(plan.out, digest, std::regex("--apply ([0-9a-f]{12}) ")));
  const ProgramEnd done = books.backfill({"--apply", digest[1].str()});
  CHECK(done.exit == 1);  // February has no file
  CHECK(contains(done.out, "2 all well, 1 failed"));
  const ProgramEnd refused = books.backfill({"--apply", "0123456789ab", "--name", "other"});
  CHECK(refused.exit == 2);
  CHECK(contains(refused.err,
                 "error: the plan is not the one you saw (0123456789ab): something "
                 "has changed since. The plan now:\nbackfill other, plan "));
}

TEST_CASE("backfill: reports each period, what failed and what to type") {
  Quarter books;
  const ProgramEnd end = books.backfill({"--name", "q1", "--parallel", "2"});
  CHECK(end.exit == 1);
  CHECK(contains(end.err, "2026-01: all well (customers.2026-01.1)\n"));
  CHECK(contains(end.err, "2026-02: failed (customers.2026-02.1)\n"));
  CHECK(end.out ==
        "backfill q1: 2 all well, 1 failed\n\nnext:\n"
        "  tallymill rerun customers.2026-02.1 --failed\n");
  const ProgramEnd again = books.backfill({"--name", "q1"});
  CHECK(again.exit == 1);
  CHECK(contains(again.out, "it has ended before (failed); there is nothing to do\n"));
  const std::string audit = books.run({"audit"}).out;
  CHECK(contains(audit, "backfill q1 of customers started: 2026-01 to 2026-03, 3 periods, plan "));
  CHECK(contains(audit, "backfill q1 ended: failed"));
}

TEST_CASE("backfill: --json has every period with its run") {
  Quarter books;
  const json::value dry = parse_json(books.backfill({"--dry-run", "--json"}).out, "the plan");
  CHECK(dry.at("periods").as_array().size() == 3);
  CHECK(dry.at("job_runs") == 9);
  const json::value done = parse_json(books.backfill({"--json", "--name", "q1"}).out, "the end");
  CHECK(done.at("done").as_bool());
  CHECK(done.at("verdict") == "failed");
  CHECK(done.at("periods").at(0).at("run") == "customers.2026-01.1");
  CHECK(done.at("periods").at(0).at("verdict") == "ok");
}

TEST_CASE("backfill: wrong usage exits 2 and says what is right") {
  Quarter books;
  const auto error = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "backfill");
    const ProgramEnd end = books.run(arguments);
    CHECK(end.exit == 2);
    return end.err;
  };
  CHECK(error({"custmers", "--from", "2026-01", "--to", "2026-02"}) ==
        "error: unknown graph 'custmers'; did you mean 'customers'?\n");
  CHECK(error({"customers", "--from", "2026-01"}) ==
        "error: option '--to PERIOD' is missing; see 'tallymill backfill --help'\n");
  CHECK(error({"customers", "--from", "soon", "--to", "2026-02"}) ==
        "error: 'soon' is no period; write 2026, 2026-Q1, 2026-01, 2026-W05 or 2026-01-31\n");
  CHECK(contains(error({"customers", "--from", "2026-01", "--to", "2026-02", "--parallel", "0"}),
                 "--parallel"));
}

TEST_CASE("backfill: --help has an example") {
  const ProgramEnd help = finished_books().run({"backfill", "--help"});
  CHECK(help.exit == 0);
  CHECK(contains(help.out, "\nExample:\n  tallymill backfill cost_attribution --from 2025-01"));
}
