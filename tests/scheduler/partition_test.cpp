// Jobs that run once per partition: in real processes, with the workers of
// programs/test_worker.cpp.
#include <doctest/doctest.h>

#include "tests/scheduler/run_fixture.h"

using namespace tallymill;

namespace {

constexpr const char* kCities = "{ name: city, values: [beijing, shanghai, 广州] }";

/// feed and clean once per city, gate `sound` per city, `totals` over all of them.
std::string cities(const std::string& partition = kCities) {
  return "  feed: { type: test, partition: " + partition +
         ", outputs: { feed: rows }, do: [needs_file: feed-] }\n"
         "  clean: { type: test, partition: " +
         partition +
         ", reads: [feed], outputs: { clean: rows }, evidence: { clean.rejects: none } }\n"
         "  sound: { type: test, partition: " +
         partition +
         ", reads: [clean], gates: clean, on_fail: block, evidence: { sound.failures: none }, "
         "do: [gate: pass] }\n"
         "  share: { type: test, partition: " +
         partition +
         ", reads: [clean], outputs: { share: rows }, tags: [result] }\n"
         "  totals: { type: test, reads: [clean], outputs: { totals: rows }, tags: [result] }\n";
}

void feeds(RunFixture& fixture, const std::vector<std::string>& arrived) {
  for (const std::string& city : arrived) fixture.write("feed-" + city, "rows");
}

std::string digest(const RunFixture& fixture, const std::string& dataset,
                   const std::string& partition) {
  const auto version = fixture.view().visible(dataset, "2026-01", partition);
  return version ? version->digest : "none";
}

std::string reason_of(const RunFixture& fixture, const std::string& run, const std::string& job) {
  for (const JobRunRecord& record : fixture.view().job_runs(run))
    if (record.job == job) return record.reason;
  return "no such job run";
}

}  // namespace

TEST_CASE("partitions: each runs, publishes and is gated on its own; the rest comes after all") {
  RunFixture fixture;
  fixture.graph("g", cities());
  feeds(fixture, {"beijing", "shanghai", "广州"});
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 0);
  CHECK(end.err == "");
  CHECK(has(end.out, "feed[beijing] succeeded\nfeed[shanghai] succeeded\nfeed[广州] succeeded\n"));
  CHECK(has(end.out, "totals succeeded"));
  CHECK(fixture.tries("clean.beijing") == 1);
  for (const char* city : {"beijing", "shanghai", "广州"}) {
    StoreView view = fixture.view();
    const auto version = view.visible("clean", "2026-01", city).value();
    CHECK(view.gate_state(version) == GateState::passed);
    CHECK(std::filesystem::exists(fixture.folder_of(version) / "data.txt"));
  }
  CHECK(digest(fixture, "clean", "beijing") != digest(fixture, "clean", "shanghai"));
  CHECK(digest(fixture, "totals", "") != "none");
  CHECK(fixture.view().result_inputs("g", "2026-01", "totals").size() == 3);
  CHECK(fixture.view().result_inputs("g", "2026-01", "share[beijing]").size() == 1);

  const ProbeEnd again = fixture.run();
  CHECK(has(again.out, "clean[beijing] up_to_date (same_fingerprint)"));
  CHECK(fixture.tries("clean.beijing") == 1);
}

TEST_CASE("partitions: a late feed stops its own city only, and the others' results are the same") {
  RunFixture all;
  all.graph("g", cities());
  feeds(all, {"beijing", "shanghai", "广州"});
  all.run();

  RunFixture fixture;
  fixture.graph("g", cities());
  feeds(fixture, {"beijing", "广州"});
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 1);
  CHECK(has(end.out, "feed[shanghai] failed (data) data: no such file: feed-shanghai\n"));
  CHECK(has(end.out, "clean[shanghai] cancelled blocked (behind feed[shanghai] (failed))\n"));
  CHECK(has(end.out, "share[beijing] succeeded"));
  CHECK(has(end.out, "totals cancelled blocked (behind clean[shanghai] (blocked))\n"));
  for (const char* city : {"beijing", "广州"})
    for (const char* dataset : {"feed", "clean", "share"})
      CHECK(digest(fixture, dataset, city) == digest(all, dataset, city));
  CHECK(digest(fixture, "clean", "shanghai") == "none");

  // It comes: what was done stays done, and the whole is as if it had never been late.
  feeds(fixture, {"shanghai"});
  const ProbeEnd later = fixture.run();
  CHECK(later.exit == 0);
  CHECK(has(later.out, "clean[beijing] up_to_date"));
  CHECK(fixture.tries("clean.beijing") == 1);
  CHECK(digest(fixture, "totals", "") == digest(all, "totals", ""));
}

TEST_CASE("partitions: the order in which they are declared changes no result") {
  RunFixture one;
  RunFixture other;
  one.graph("g", cities("{ name: city, values: [a, b, c] }"));
  other.graph("g", cities("{ name: city, values: [c, a, b] }"));
  for (RunFixture* fixture : {&one, &other}) {
    feeds(*fixture, {"a", "b", "c"});
    REQUIRE(fixture->run().exit == 0);
  }
  for (const char* city : {"a", "b", "c"})
    CHECK(digest(one, "share", city) == digest(other, "share", city));
  CHECK(digest(one, "totals", "") == digest(other, "totals", ""));
}

TEST_CASE("partitions: one can be run alone, with what it comes after") {
  RunFixture fixture;
  fixture.graph("g", cities());
  feeds(fixture, {"beijing"});
  const ProbeEnd end = fixture.run("g", {"partition:city=beijing"});
  CHECK(end.exit == 0);
  CHECK(has(end.out, "share[beijing] succeeded"));
  CHECK(!has(end.out, "shanghai"));
  CHECK(!has(end.out, "totals"));
  CHECK(digest(fixture, "share", "beijing") != "none");
  const ProbeEnd unknown = fixture.run("g", {"partition:city=bejing"});
  CHECK(unknown.exit == 2);
  CHECK(has(unknown.err, "graph 'g' has no partition 'bejing' of 'city'; did you mean 'beijing'?"));
  CHECK(has(fixture.run("g", {"partition:town=beijing"}).err,
            "no job of graph 'g' is partitioned by 'town'; they are by city"));
}

TEST_CASE("partitions: a run of one goes past no approval about all of them") {
  RunFixture fixture;
  const auto graph = [&](const std::string& feed) {
    fixture.graph("g", "  feed: { type: test, outputs: { feed: rows }, tags: [result]" + feed +
                           " }\n  agreed: { type: test, approval: true, reads: [feed] }\n"
                           "  sent: { type: test, partition: " +
                           std::string(kCities) +
                           ", needs: [agreed], outputs: { sent: rows }, tags: [result] }\n");
  };
  graph(std::string(", partition: ") + kCities);
  const ProbeEnd end = fixture.run("g", {"partition:city=beijing"});
  CHECK(end.exit == 0);
  CHECK(has(end.out, "feed[beijing] succeeded"));
  CHECK(!has(end.out, "sent"));
  CHECK(digest(fixture, "sent", "beijing") == "none");
  graph("");  // now the approval is about no partition: it is part of the run, and asks
  const ProbeEnd asked = fixture.run("g", {"partition:city=beijing"});
  CHECK(has(asked.out, "agreed"));
  CHECK(digest(fixture, "sent", "beijing") == "none");
}

TEST_CASE("partitions: a run of which nothing is before an approval about all of them is refused") {
  RunFixture fixture;
  fixture.graph("g", "  feed: { type: test, partition: " + std::string(kCities) +
                         ", outputs: { feed: rows } }\n"
                         "  agreed: { type: test, approval: true, reads: [feed] }\n"
                         "  sent: { type: test, partition: { name: branch, values: [x] }, needs: "
                         "[agreed], outputs: { sent: rows }, tags: [result] }\n");
  const ProbeEnd end = fixture.run("g", {"partition:branch=x"});
  CHECK(end.exit == 2);
  CHECK(has(end.err,
            "all jobs of the partition come after 'agreed', where a person is asked about "
            "all partitions; run the whole graph"));
}

TEST_CASE("partitions: another graph waits for every declared one, and says which are missing") {
  RunFixture fixture;
  fixture.graph("g", cities());
  fixture.graph("h",
                "  report: { type: test, reads: [share], outputs: { report: rows }, "
                "tags: [result] }\n");
  feeds(fixture, {"beijing"});
  fixture.run("g", {"partition:city=beijing"});
  const ProbeEnd end = fixture.run("h");
  CHECK(end.exit == 4);
  CHECK(has(end.out,
            "report waiting held (2 of 3 versions of 'share' have not been made yet by job 'share' "
            "of graph 'g': 2026-01 shanghai, 2026-01 广州)"));
  CHECK(reason_of(fixture, "h.2026-01.1", "report").starts_with("input_incomplete: 2 of 3"));
  feeds(fixture, {"shanghai", "广州"});
  fixture.run("g", {"new"});
  CHECK(fixture.run("h").exit == 0);
}

TEST_CASE("partitions: a list that a job makes spreads the run when it is there") {
  RunFixture fixture;
  fixture.write("partitions", "b\na\n");
  feeds(fixture, {"a", "b"});
  fixture.graph("g", "  names: { type: test, outputs: { names: rows } }\n" +
                         cities("{ name: city, values: { dataset: names, column: city } }"));
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 0);
  CHECK(has(end.out, "city_values succeeded"));
  CHECK(has(end.out, "share[a] succeeded"));
  CHECK(has(end.out, "share[b] succeeded"));
  CHECK(fixture.view().partition_list("g", "2026-01", "city_values").value() ==
        std::vector<std::string>{"b", "a"});
  CHECK(fixture.view().result_inputs("g", "2026-01", "totals").size() == 2);

  // The same list again is up to date, and spreads the run all the same.
  const ProbeEnd again = fixture.run();
  CHECK(again.exit == 0);
  CHECK(has(again.out, "city_values up_to_date"));
  CHECK(has(again.out, "share[a] up_to_date"));

  // A city that is gone from the list is no part of the whole any more.
  fixture.write("partitions", "a\n");
  CHECK(fixture.run("g", {"force"}).exit == 0);
  CHECK(fixture.view().result_inputs("g", "2026-01", "totals").size() == 1);
}

TEST_CASE("partitions: an empty list leaves nothing to do, and what comes after reads nothing") {
  RunFixture fixture;
  fixture.write("partitions", "");
  fixture.graph("g", "  names: { type: test, outputs: { names: rows } }\n" +
                         cities("{ name: city, values: { dataset: names, column: city } }"));
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 0);
  CHECK(has(end.out, "totals succeeded"));
  CHECK(!has(end.out, "clean"));
}

TEST_CASE("partitions: killed at any event, every partition has one result in the end") {
  int crashes = 0;
  for (int at = 1;; at += 3) {
    RunFixture fixture;
    fixture.write("partitions", "a\nb\n");
    feeds(fixture, {"a", "b"});
    fixture.graph("g", "  names: { type: test, outputs: { names: rows } }\n" +
                           cities("{ name: city, values: { dataset: names, column: city } }"));
    const ProbeEnd first = fixture.run("g", {}, at);
    if (first.exit == 0) break;
    ++crashes;
    const ProbeEnd end = fixture.run();
    INFO("killed at point ", at, ": ", first.err, "\n", end.out, end.err);
    REQUIRE(end.exit == 0);
    for (const char* city : {"a", "b"}) REQUIRE(digest(fixture, "share", city) != "none");
    REQUIRE(fixture.folders_on_disk() == static_cast<int>(fixture.view().versions("").size()));
  }
  CHECK(crashes > 5);
}

TEST_CASE("periods: a job reads the period before, several, or none where nothing was made") {
  RunFixture fixture;
  fixture.graph("g",
                "  sales: { type: test, outputs: { sales: rows } }\n"
                "  grown: { type: test, reads: { sales: {}, before: {} }, "
                "outputs: { grown: rows }, tags: [result] }\n"
                "  before: { type: test, reads: { sales: { period: period - 1, missing: empty, "
                "as: last_month } }, outputs: { before: rows } }\n"
                "  year: { type: test, reads: { sales: { periods: 3, missing: empty } }, "
                "outputs: { year: rows }, tags: [result] }\n");
  CHECK(fixture.run().exit == 0);
  const auto inputs = [&](const std::string& period, const std::string& job) {
    std::string text;
    for (const PinnedVersion& pin : fixture.view().result_inputs("g", period, job))
      text += pin.period + (pin.version.empty() ? " none" : "") + ";";
    return text;
  };
  CHECK(inputs("2026-01", "before") == "2025-12 none;");
  CHECK(inputs("2026-01", "year") == "2025-11 none;2025-12 none;2026-01;");
  CHECK(fixture.wait(fixture.start({"g", "2026-02"})).exit == 0);
  CHECK(inputs("2026-02", "before") == "2026-01;");
  CHECK(inputs("2026-02", "year") == "2025-12 none;2026-01;2026-02;");
  // What was not there when it was read is there now: the result is stale, and is made again.
  CHECK(fixture.wait(fixture.start({"g", "2025-12"})).exit == 0);
  const ProbeEnd again = fixture.run();
  CHECK(has(again.out, "before succeeded"));
  CHECK(inputs("2026-01", "before") == "2025-12;");
}

TEST_CASE("periods: a month reads all its days, and says which are not there yet") {
  RunFixture fixture;
  fixture.write("graphs/day.yaml",
                "graph: day\nperiod: day\njobs:\n"
                "  calls: { type: test, outputs: { calls: rows } }\n");
  fixture.graph("g",
                "  bill: { type: test, reads: [calls], outputs: { bill: rows }, "
                "tags: [result] }\n");
  for (int day = 1; day <= 31; ++day)
    if (day != 7 && day != 9)
      REQUIRE(fixture
                  .wait(fixture.start(
                      {"day", "2026-01-" + std::string(day < 10 ? "0" : "") + std::to_string(day)}))
                  .exit == 0);
  const ProbeEnd end = fixture.run();
  CHECK(end.exit == 4);
  CHECK(has(end.out,
            "bill waiting held (2 of 31 versions of 'calls' have not been made yet by job 'calls' "
            "of graph 'day': 2026-01-07, 2026-01-09)"));
  for (const char* day : {"2026-01-07", "2026-01-09"}) fixture.wait(fixture.start({"day", day}));
  CHECK(fixture.run().exit == 0);
  CHECK(fixture.view().result_inputs("g", "2026-01", "bill").size() == 31);
}
