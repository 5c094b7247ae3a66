#include <doctest/doctest.h>

#include <regex>

#include "books.h"
#include "core/files.h"

using namespace tallymill;

TEST_CASE("run: the report has every job with its counts, and what to look at next") {
  Books books;
  const ProgramEnd end = books.run_month();
  INFO(end.err);
  CHECK(end.exit == 0);
  CHECK(std::regex_replace(end.out, std::regex(" [0-9]+\\.[0-9]s"), " #.#s") ==
        "customers 2026-01, run customers.2026-01.1: all well in #.#s\n"
        "  job              state      rows in  rows out  rejected  amounts     time  note\n"
        "  read_customers   succeeded        5         4         1  owed 22.00  #.#s\n"
        "  clean_customers  succeeded        4         3         0  owed 14.75  #.#s\n"
        "  nobody_is_owed   succeeded        3         0         0              #.#s  1 warning\n"
        "\n"
        "next:\n"
        "  tallymill rejects read_customers  # read_customers rejected 1 row\n");
  // Without a terminal progress is plain lines, and none of them moves a cursor.
  CHECK(contains(end.err, "run customers.2026-01.1 starts, 3 jobs\nread_customers: running\n"));
  CHECK(contains(end.err, "read_customers: succeeded, 5 rows in, 4 out, 1 rejected"));
  CHECK(!contains(end.err + end.out, "\033"));
  const ProgramEnd again = books.run_month();
  CHECK(again.exit == 0);
  CHECK(std::regex_search(again.out, std::regex("clean_customers +up to date")));
}

TEST_CASE("run: --json has the verdict, the exit code and every job, and nothing else on stdout") {
  Books books;
  const ProgramEnd end = books.run_month({"--json"});
  const json::value run = parse_json(end.out, "run --json");
  CHECK(run.at("run").as_string() == "customers.2026-01.1");
  CHECK(run.at("verdict").as_string() == "ok");
  CHECK(run.at("exit").as_int64() == end.exit);
  CHECK(run.at("jobs").as_array().size() == 3);
  const json::value& job = run.at("jobs").at(0);
  CHECK(job.at("job").as_string() == "read_customers");
  CHECK(job.at("state").as_string() == "succeeded");
  CHECK(job.at("rows_in").as_int64() == 5);
  CHECK(job.at("rows_rejected").as_int64() == 1);
  CHECK(job.at("amounts").at("owed").as_string() == "22.00");
  CHECK(job.at("took_ms").as_int64() >= 0);
}

TEST_CASE("run: a failure is told in full, and exits 1") {
  Books books;
  std::filesystem::remove(books.root() / "sources/customers-2026-01.csv");
  const ProgramEnd end = books.run_month();
  CHECK(end.exit == 1);
  CHECK(contains(end.out, "run customers.2026-01.1: failed in "));
  CHECK(contains(end.out, "\nread_customers failed (data):\n  graphs/customers.yaml:"));
  CHECK(contains(end.out, "no such file: '"));
  CHECK(contains(end.out, "\n    while running job 'read_customers' of graph 'customers'\n"));
  CHECK(contains(end.out, "clean_customers  blocked"));
  const json::value run = parse_json(books.run_month({"--json"}).out, "run --json");
  CHECK(run.at("exit").as_int64() == 1);
  CHECK(run.at("jobs").at(0).at("error_class").as_string() == "data");
  CHECK(run.at("jobs").at(1).at("state").as_string() == "cancelled");
}

TEST_CASE("run: findings of severity error exit 3") {
  Books books;
  std::string graph = Books::kCustomers;
  graph.replace(graph.find("severity: warn"), 14, "severity: error");
  books.write("graphs/customers.yaml", graph);
  const ProgramEnd end = books.run_month();
  CHECK(end.exit == 3);
  CHECK(contains(end.out, "run customers.2026-01.1: findings in "));
  CHECK(contains(end.out,
                 "tallymill show nobody_is_owed.failures  # 1 check of nobody_is_owed failed\n"));
}

TEST_CASE("run: where a check judges the dataset as a whole, the next step shows its reason") {
  Books books;
  std::string graph = Books::kCustomers;
  const std::string check = "in_range: { column: owed, min: \"0.00\", severity: warn }";
  graph.replace(graph.find(check), check.size(), "row_count: { min: 10 }");
  books.write("graphs/customers.yaml", graph);
  const ProgramEnd end = books.run_month();
  CHECK(end.exit == 3);
  const std::string step =
      "  tallymill report customers.2026-01.1 nobody_is_owed  # 1 check of nobody_is_owed failed\n";
  CHECK(contains(end.out, step));
  CHECK(!contains(end.out, "nobody_is_owed.failures"));
  CHECK(contains(books.run({"report", "customers.2026-01.1", "nobody_is_owed"}).out, "3 rows"));
  CHECK(contains(books.run({"status", "customers"}).out, step));
  // Up to date, the job has an attempt of the first run.
  CHECK(
      contains(books.run_month().out, "  tallymill report customers.2026-01.2 nobody_is_owed  #"));
  CHECK(contains(books.run({"report", "customers.2026-01.2", "nobody_is_owed"}).out, "3 rows"));

  graph.replace(graph.find("on_fail: warn"), 13, "on_fail: fail");
  books.write("graphs/customers.yaml", graph);
  const ProgramEnd refused = books.run_month();
  CHECK(refused.exit == 1);
  CHECK(
      contains(refused.out, "  tallymill report customers.2026-01.3 nobody_is_owed  # 1 check of"));
  CHECK(contains(books.run({"report", "customers.2026-01.3", "nobody_is_owed"}).out, "3 rows"));
}

TEST_CASE("run: wrong usage exits 2 with what is wrong and what is near") {
  Books books;
  const auto error = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "run");
    const ProgramEnd end = books.run(arguments);
    CHECK(end.exit == 2);
    CHECK(end.out.empty());
    return end.err;
  };
  CHECK(error({"custmers", "--period", "2026-01"}) ==
        "error: unknown graph 'custmers'; did you mean 'customers'?\n");
  CHECK(error({"customers"}) ==
        "error: option '--period PERIOD' is missing; see 'tallymill run --help'\n");
  CHECK(error({"customers", "--period", "2026-13"}) ==
        "error: '2026-13' is no period; write 2026, 2026-Q1, 2026-01, 2026-W05 or 2026-01-31\n");
  CHECK(error({"customers", "--period", "2026"}) ==
        "error: graph 'customers' runs per month, and '2026' is a year\n");
  CHECK(error({"customers", "--perod", "2026-01"}) ==
        "error: unknown option '--perod'; did you mean '--period'?; see 'tallymill run --help'\n");
  CHECK(error({"customers", "--period", "2026-01", "--param", "limit"}) ==
        "error: --param takes NAME=VALUE, e.g. --param tolerance=1.00; got 'limit'\n");
  CHECK(error({"customers", "--period", "2026-01", "--param", "limit=1"}) ==
        "error: graph 'customers' has no parameter 'limit'; it declares none\n");
}

TEST_CASE("run: a second run is handed to the process that is at work, and followed") {
  Books books;
  books.write("graphs/slow.yaml",
              "graph: slow\nperiod: month\njobs:\n  slow:\n    type: transform\n    inputs: []\n"
              "    sql: select count(*) as n from range(150000000) t(i) where i % 7 = 3\n"
              "    into: slow\n    key: [n]\n    columns: { n: integer }\n    balance: none\n"
              "    because: a test\n");
  const pid_t slow = books.start({"run", "slow", "--period", "2026-01"}, "slow");
  REQUIRE(soon([&] { return contains(books.said_so_far("slow", "err"), "slow: running"); }));
  const ProgramEnd handed = books.run_month();
  INFO(handed.out, handed.err);
  CHECK(handed.exit == 0);
  CHECK(contains(handed.err, "run customers.2026-01.1 starts, "));
  CHECK(contains(handed.out, "customers 2026-01, run customers.2026-01.1: all well in "));
  CHECK(books.wait(slow, "slow").exit == 0);
}

TEST_CASE("run: a process that holds the workspace and takes no requests is named") {
  Books& books = finished_books();
  const auto lock = FileLock::try_acquire(books.state() / "lock");
  REQUIRE(lock);
  const ProgramEnd refused = books.run_month();
  CHECK(refused.exit == 1);
  CHECK(std::regex_match(refused.err,
                         std::regex("error: the state folder '.*' is in use by process [0-9]+ of "
                                    ".*, which takes no requests; wait until it ends, or use "
                                    "--wait\n")));
}

TEST_CASE("run: an open run goes on as it was started, and says what it will not change") {
  Books books;
  books.write(
      "graphs/reminders.yaml",
      "graph: reminders\nperiod: month\njobs: { letters: { type: noop, inputs: [customers] } }\n");
  const auto run = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"run", "reminders", "--period", "2026-01"});
    return books.run(more);
  };
  CHECK(run({}).exit == 4);
  const std::string advice =
      "; finish it with 'tallymill run reminders --period 2026-01', or give it up and start anew "
      "with --new\n";
  for (const char* flag : {"--allow-stale", "--force"}) {
    const ProgramEnd end = run({flag});
    CHECK(end.exit == 2);
    CHECK(end.err == "error: run reminders.2026-01.1 is open and was started without " +
                         std::string(flag) + advice);
  }
  CHECK(run({"--allow-stale", "--new"}).exit == 4);
  CHECK(run({"--allow-stale"}).exit == 4);
}

TEST_CASE("run: --help has an example") {
  const ProgramEnd help = finished_books().run({"run", "--help"});
  CHECK(help.exit == 0);
  CHECK(contains(help.out, "Usage: tallymill run GRAPH --period PERIOD"));
  CHECK(contains(help.out, "\nExample:\n  tallymill run cost_attribution --period 2026-01"));
}

namespace {

/// Orders from whatever file there is, cleansed, gated and exported by other jobs.
class DeliveredOrders : public ProgramFixture {
 public:
  DeliveredOrders() {
    write("tallymill.yaml",
          "workspace: orders\ncurrency: { code: CNY, scale: 2 }\n"
          "connectors: { files: { type: files, root: sources } }\n");
    write("sources/first.csv", "order_id,amount\n1,10.00\n2,5.00\n3,1.00\n");
    write("graphs/orders.yaml", R"(graph: orders
description: Orders of a month.
period: month
jobs:
  read: { type: extract, from: { connector: files, path: "*.csv" }, into: raw, columns: { order_id: text, amount: money } }
  sound: { type: check, of: raw, checks: [ unique: order_id ], on_fail: block }
  clean: { type: cleanse, from: raw, into: orders, key: [order_id], steps: [ trim: order_id ] }
  total: { type: indicator, from: orders, sql: "select 'all' as org, sum(amount) as value from orders", value: money, into: total }
)");
  }
  std::string run_once() {
    const ProgramEnd end = run({"run", "orders", "--period", "2026-01", "--json"});
    if (end.exit != 0) return end.out + end.err;
    std::string states;
    const json::value report = parse_json(end.out, "run --json");
    for (const json::value& job : report.at("jobs").as_array())
      states +=
          json_text(job.as_object(), "job") + " " + json_text(job.as_object(), "state") + "\n";
    return states;
  }
  /// Digests of the visible version's rows, without and with their places.
  std::pair<std::string, std::string> digests() {
    const ProgramEnd end = run({"datasets", "raw", "--json"});
    const json::value list = parse_json(end.out, "datasets --json");
    for (const json::value& version : list.at("versions").as_array())
      if (version.at("visible").as_bool())
        return {json_text(version.as_object(), "digest"),
                json_text(version.as_object(), "provenance")};
    return {};
  }
};

}  // namespace

TEST_CASE("run: the same rows from a renamed or reordered file are a new version, and no more") {
  DeliveredOrders orders;
  const std::string all = "read succeeded\nsound succeeded\nclean succeeded\ntotal succeeded\n";
  const std::string only_read =
      "read succeeded\nsound up_to_date\nclean up_to_date\ntotal up_to_date\n";
  CHECK(orders.run_once() == all);
  const auto [data, places] = orders.digests();
  CHECK(places.starts_with("v1:3:"));

  std::filesystem::rename(orders.root() / "sources/first.csv", orders.root() / "sources/late.csv");
  CHECK(orders.run_once() == only_read);
  const auto renamed = orders.digests();
  CHECK(renamed.first == data);
  CHECK(renamed.second != places);
  CHECK(contains(orders.run({"show", "raw"}).out, "late.csv"));

  orders.write("sources/late.csv", "order_id,amount\n3,1.00\n1,10.00\n2,5.00\n");
  CHECK(orders.run_once() == only_read);
  const auto reordered = orders.digests();
  CHECK(reordered.first == data);
  CHECK(reordered.second != renamed.second);

  // A file written anew as it was: nothing is made.
  orders.write("sources/late.csv", "order_id,amount\r\n3,1.00\r\n1,10.00\r\n2,5.00\r\n");
  CHECK(contains(orders.run_once(), "read succeeded\nsound up_to_date\n"));
  CHECK(parse_json(orders.run({"datasets", "raw", "--json"}).out, "datasets")
            .at("versions")
            .as_array()
            .size() == 3);
}

TEST_CASE("run: a gate that refuses leads to the failing rows, then to what mends it") {
  const std::string again =
      "  tallymill run customers --period 2026-01  # after mending the data: what has changed is "
      "read anew\n"
      "  tallymill rerun customers.2026-01.1 --failed  # after mending the checks: the same data "
      "is "
      "judged again\n";
  for (const char* on_fail : {"fail", "block"}) {
    Books books;
    std::string graph = Books::kCustomers;
    graph.replace(graph.find(", severity: warn"), 16, "");
    graph.replace(graph.find("on_fail: warn"), 13, "on_fail: " + std::string(on_fail));
    books.write("graphs/customers.yaml", graph);
    const ProgramEnd end = books.run_month();
    CAPTURE(end.out);
    const bool fails = on_fail == std::string("fail");
    CHECK(end.exit == (fails ? 1 : 3));
    CHECK(contains(end.out,
                   fails ? "  tallymill report customers.2026-01.1 nobody_is_owed  # 1 check of "
                           "nobody_is_owed failed\n"
                           "  tallymill rejects nobody_is_owed  # the rows that failed, where its "
                           "checks judge rows\n"
                         : "  tallymill show nobody_is_owed.failures  # 1 check of nobody_is_owed "
                           "failed\n"));
    CHECK(contains(end.out, again));
    CHECK(contains(books.run({"status", "customers"}).out, again));
    const ProgramEnd rows = fails ? books.run({"rejects", "nobody_is_owed", "--csv"})
                                  : books.run({"show", "nobody_is_owed.failures", "--csv"});
    CHECK_MESSAGE(contains(rows.out, "C2,张三,***,-2.50,"), (rows.out + rows.err));
    // Each does what it says.
    CHECK(books.run({"rerun", "customers.2026-01.1", "--failed"}).exit == 0);
    std::string source = read_file(books.root() / "sources/customers-2026-01.csv");
    source.replace(source.find("-2.50"), 5, "2.50");
    books.write("sources/customers-2026-01.csv", source);
    const ProgramEnd mended = books.run_month();
    CHECK_MESSAGE(mended.exit == 0, mended.out);
  }
}
