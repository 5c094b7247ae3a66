// Causes of a job's state, from a run of jobs that do nothing and one that cannot.
#include <doctest/doctest.h>

#include <regex>

#include "books.h"
#include "command_line.h"
#include "sample_workspace.h"

using namespace tallymill;

namespace {

CommandOutcome why(const SampleWorkspace& workspace, const std::string& job,
                   std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"why", "g", job, "--workspace", workspace.root()});
  return run_tallymill(more);
}

/// `late` reads a dataset that no graph makes visible before graph `other` has run.
struct WaitingWorkspace : SampleWorkspace {
  WaitingWorkspace() {
    write("sources/one.csv", "k\n1\n");
    write("tallymill.yaml",
          "workspace: sample\nconnectors:\n  files: { type: files, root: sources }\n");
    write("graphs/other.yaml",
          "graph: other\nperiod: month\njobs:\n  d:\n    type: extract\n"
          "    from: { connector: files, path: one.csv }\n    into: d\n    key: [k]\n"
          "    columns: { k: { type: integer, required: true } }\n");
    write("graphs/g.yaml",
          "graph: g\nperiod: month\njobs:\n  first: { type: noop }\n"
          "  late: { type: noop, needs: [first], inputs: [d] }\n"
          "  last: { type: noop, needs: [late] }\n");
  }
};

}  // namespace

TEST_CASE("why: a job that ran and one that was reused say so") {
  SampleWorkspace workspace;
  workspace.write("graphs/g.yaml", "graph: g\nperiod: month\njobs:\n  a: { type: noop }\n");
  run_tallymill({"run", "g", "--period", "2026-01", "--workspace", workspace.root()});
  CHECK(why(workspace, "a").out ==
        "a: attempt 1 succeeded  [succeeded]\n"
        "  a: it had to run: there was no result of it  [no_result]\n");
  run_tallymill({"run", "g", "--period", "2026-01", "--workspace", workspace.root()});
  CHECK(why(workspace, "a").out ==
        "a: its inputs, parameters, rules and spec are those its visible result was made of  "
        "[same_fingerprint]\n");
}

TEST_CASE("why: a waiting job leads to what it waits for, and that to its own cause") {
  const WaitingWorkspace workspace;
  CHECK(run_tallymill({"run", "g", "--period", "2026-01", "--workspace", workspace.root()}).exit ==
        4);
  const CommandOutcome last = why(workspace, "last");
  CHECK(last.out.starts_with("last: it waits for late  [waits_for_job]\n  late: "));
  CHECK(last.out.ends_with("[input_missing]\n"));
  const CommandOutcome as_json = why(workspace, "last", {"--json"});
  CHECK(as_json.out.find("\"code\": \"waits_for_job\"") != std::string::npos);
}

TEST_CASE("why: a job that does not exist is named with its neighbour") {
  const WaitingWorkspace workspace;
  run_tallymill({"run", "g", "--period", "2026-01", "--workspace", workspace.root()});
  const CommandOutcome outcome = why(workspace, "lats");
  CHECK(outcome.exit != 0);
  CHECK(outcome.err.find("graph 'g' has no job 'lats'; did you mean 'last'?") != std::string::npos);
}

TEST_CASE("why: a job that ran again says what it depends on had changed, from what and by whom") {
  Books books;
  books.run_month();
  const auto why = [&](const std::string& job, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"why", "customers", job});
    return books.run(more).out;
  };
  SUBCASE("an input, and the run that made it") {
    books.write("sources/customers-2026-01.csv",
                "customer_no,name,phone,owed\nC1,Lee,13800000001,11.00\n");
    books.run_month();
    const std::string text = why("clean_customers");
    INFO(text);
    CHECK(std::regex_search(
        text, std::regex("clean_customers: it had to run: 'customers_raw of 2026-01' is another "
                         "\\(was [0-9a-f]{12}, now [0-9a-f]{12}, made by run "
                         "customers\\.2026-01\\.2\\)  \\[changed\\]\n")));
    const json::value answer = parse_json(why("clean_customers", {"--json"}), "why");
    const json::array& chain = answer.at("chain").as_array();
    const json::value& change = chain.back().at("changes").at(0);
    CHECK(chain.back().at("code") == "changed");
    CHECK(change.at("what") == "input");
    CHECK(change.at("name") == "customers_raw of 2026-01");
    CHECK(change.at("by") == "customers.2026-01.2");
    CHECK(change.at("from") != change.at("to"));
  }
  SUBCASE("its own text, and nothing of the jobs beside it") {
    std::string text = Books::kCustomers;
    const std::string was = "dedupe: { exact: true }";
    text.replace(text.find(was), was.size(), "dedupe: { exact: true }\n      - trim: [name]");
    books.write("graphs/customers.yaml", text);
    books.run_month();
    CHECK(contains(why("clean_customers"),
                   "it had to run: its own text in graphs/customers.yaml "
                   "is another (was "));
    CHECK(!contains(why("nobody_is_owed"), "its own text"));
  }
  SUBCASE("a parameter, with its values") {
    const std::string text = Books::kCustomers;
    const auto with = [&](const std::string& value) {
      std::string more = text;
      const std::string period = "period: month\n";
      more.insert(more.find(period) + period.size(),
                  "params: { exact: { type: text, default: " + value + " } }\n");
      books.write("graphs/customers.yaml", more);
      books.run_month();
    };
    with("low");
    CHECK(contains(why("clean_customers"), "parameter exact is new ('low')"));
    with("high");
    CHECK(contains(why("clean_customers"), "parameter exact is another (was 'low', now 'high')"));
  }
}

TEST_CASE("why: of rows that no allocation made it says where to read what they are from") {
  Books& books = finished_books();
  const ProgramEnd end = books.run({"why", "--dataset", "customers", "--key", "customer_no=C'1"});
  CHECK(end.err ==
        "error: dataset 'customers' of 2026-01 was made by job 'clean_customers', which is no "
        "allocation; where its rows are from stands in _source and _line: tallymill show customers "
        "--period 2026-01 --where 'customer_no = '\\''C'\\'''\\''1'\\'''; --down asks where they "
        "went\n");
  CHECK(end.exit == 2);
}
