#include "scheduler/workspace.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "core/error.h"
#include "fake_catalog.h"

using namespace tallymill;

namespace {

struct Loaded {
  std::string problems() const { return diagnostics.render(); }
  const Graph& graph(const std::string& name) const { return *workspace.graphs.at(name); }

  std::shared_ptr<TemporaryFolder> folder = std::make_shared<TemporaryFolder>();
  Diagnostics diagnostics = {};
  Workspace workspace = {};
};

/// A workspace of the given files; tallymill.yaml is the smallest one unless given.
Loaded load(const std::map<std::string, std::string>& files, const std::string& only_graph = {}) {
  Loaded loaded;
  write(*loaded.folder, "tallymill.yaml", "workspace: demo\n");
  for (const auto& [file, text] : files) write(*loaded.folder, file, text);
  loaded.workspace =
      Workspace::load(loaded.folder->path(), FakeCatalog(), loaded.diagnostics, only_graph);
  return loaded;
}

std::string problems_of_graph(const std::string& jobs) {
  return load({{"graphs/g.yaml", "graph: g\nperiod: month\njobs:\n" + jobs}}).problems();
}

std::vector<std::string> needs(const Graph& graph, const std::string& job) {
  std::vector<std::string> result;
  for (const Edge& edge : graph.find(job)->needs) {
    const char* kind = edge.kind == EdgeKind::job    ? "job "
                       : edge.kind == EdgeKind::data ? "data "
                                                     : "gate ";
    result.push_back(kind + graph.jobs[edge.from].spec.name +
                     (edge.dataset.empty() ? "" : " " + edge.dataset));
  }
  return result;
}

std::vector<std::string> order(const Graph& graph) {
  std::vector<std::string> names;
  for (JobIndex job : graph.order) names.push_back(graph.jobs[job].spec.name);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("workspace: what tallymill.yaml says is read, the rest has defaults") {
  const Loaded plain =
      load({{"graphs/g.yaml", "graph: g\nperiod: day\njobs: { a: { type: make } }\n"}});
  CHECK(plain.problems().empty());
  CHECK(plain.workspace.name == "demo");
  CHECK(plain.workspace.currency == "CNY");
  CHECK(plain.workspace.currency_scale == 2);
  CHECK(plain.workspace.slots == 2);
  CHECK(plain.workspace.output_bytes == 16 << 20);
  CHECK(plain.workspace.state == plain.workspace.root / ".tallymill");

  const Loaded full =
      load({{"tallymill.yaml",
             "workspace: books\ncurrency: { code: JPY, scale: 0 }\nstate: ../state\n"
             "slots: 8\noutput_mib: 4\nconnectors:\n  crm: { type: files, root: in }\n"},
            {"graphs/g.yaml", "graph: g\nperiod: day\njobs: { a: { type: make } }\n"}});
  CHECK(full.problems().empty());
  CHECK(full.workspace.currency == "JPY");
  CHECK(full.workspace.currency_scale == 0);
  CHECK(full.workspace.slots == 8);
  CHECK(full.workspace.output_bytes == 4 << 20);
  CHECK(full.workspace.state == full.workspace.root.parent_path() / "state");
  CHECK(full.workspace.connectors.at("crm").type == "files");
}

TEST_CASE("workspace: a budget for what workers print is at least a MiB") {
  const Loaded loaded =
      load({{"tallymill.yaml", "workspace: demo\noutput_mib: 0\n"},
            {"graphs/g.yaml", "graph: g\nperiod: day\njobs: { a: { type: make } }\n"}});
  CHECK(loaded.problems() ==
        "tallymill.yaml:2:13: error: option 'output_mib' must be from 1 to 1000000, got 0\n"
        "    2 | output_mib: 0\n"
        "      |             ^\n");
}

TEST_CASE("workspace: a wrong tallymill.yaml is reported key by key") {
  const Loaded loaded =
      load({{"tallymill.yaml",
             "workspace: demo\ncurrency: { code: yuan, scale: 9 }\nslots: 0\n"
             "connectors:\n  crm: { type: files, rot: in }\n"},
            {"graphs/g.yaml", "graph: g\nperiod: day\njobs: { a: { type: make } }\n"}});
  CHECK(loaded.problems() ==
        "tallymill.yaml:2:19: error: currency code must be three capital letters, got 'yuan'\n"
        "    2 | currency: { code: yuan, scale: 9 }\n"
        "      |                   ^~~~\n"
        "tallymill.yaml:2:32: error: currency scale must be from 0 to 6, got 9\n"
        "    2 | currency: { code: yuan, scale: 9 }\n"
        "      |                                ^\n"
        "tallymill.yaml:3:8: error: option 'slots' must be from 1 to 1024, got 0\n"
        "    3 | slots: 0\n"
        "      |        ^\n"
        "tallymill.yaml:5:23: error: unknown option 'rot' for connector 'crm'; did you mean "
        "'root'?\n"
        "    5 |   crm: { type: files, rot: in }\n"
        "      |                       ^~~\n");
}

TEST_CASE("workspace: the environment fills texts of tallymill.yaml") {
  setenv("TALLYMILL_TEST_ROOT", "/data/in", 1);
  unsetenv("TALLYMILL_TEST_UNSET");
  const Loaded loaded =
      load({{"tallymill.yaml",
             "workspace: demo\nconnectors:\n"
             "  a: { type: files, root: "
             "\"${env:TALLYMILL_TEST_ROOT}/a-${env:TALLYMILL_TEST_UNSET:-x}\" }\n"
             "  b: { type: files, root: \"${env:TALLYMILL_TEST_UNSET}\" }\n"
             "  c: { type: files, root: \"${env:not a name}\" }\n"
             "  d: { type: files, root: \"${env:OPEN\" }\n"},
            {"graphs/g.yaml", "graph: g\nperiod: day\njobs: { a: { type: make } }\n"}});
  CHECK(loaded.problems() ==
        "tallymill.yaml:4:27: error: environment variable 'TALLYMILL_TEST_UNSET' is not set; set "
        "it, or give a default: ${env:TALLYMILL_TEST_UNSET:-default}\n"
        "    4 |   b: { type: files, root: \"${env:TALLYMILL_TEST_UNSET}\" }\n"
        "      |                           ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n"
        "tallymill.yaml:5:27: error: 'not a name' is no name of an environment variable; write "
        "${env:NAME} or ${env:NAME:-default}\n"
        "    5 |   c: { type: files, root: \"${env:not a name}\" }\n"
        "      |                           ^~~~~~~~~~~~~~~~~~~\n"
        "tallymill.yaml:6:27: error: '${env:' is not closed; write ${env:NAME}\n"
        "    6 |   d: { type: files, root: \"${env:OPEN\" }\n"
        "      |                           ^~~~~~~~~~~~\n");
  const auto spec = YamlDocument::from_json(loaded.workspace.connectors.at("a").spec);
  CHECK(spec->root().find("root").text() == "/data/in/a-x");
}

TEST_CASE("workspace: the root is the nearest folder with a tallymill.yaml") {
  TemporaryFolder folder;
  write(folder, "ws/tallymill.yaml", "workspace: demo\n");
  write(folder, "ws/graphs/sub/x", "");
  CHECK(Workspace::find_root(folder.path() / "ws/graphs/sub") == folder.path() / "ws");
  const std::string outside = folder.path().string();
  CHECK_THROWS_WITH_AS(Workspace::find_root(folder.path()),
                       ("error: neither '" + outside +
                        "' nor a folder above it has a tallymill.yaml; go to a workspace, name one "
                        "with --workspace, or make one with 'tallymill init'")
                           .c_str(),
                       Error);
}

TEST_CASE("graph: every key is read") {
  const Loaded loaded = load({{"graphs/g.yaml", R"(graph: g
description: All of it.
period: quarter
schedule: { cron: "0 6 4 * *", timezone: Asia/Shanghai, catch_up: all }
params:
  tolerance: { type: money, default: "0.05" }
  since: { type: date, default: 2026-01-31 }
defaults: { retries: 2, backoff: { first: 5s, max: 1m }, timeout: 10m }
jobs:
  a: { type: make, into: x, priority: 3, tags: [result] }
  b:
    type: make
    description: Not like the others.
    needs: a
    retries: 0
    backoff: { factor: 1.5 }
    timeout: 2h
)"}});
  CHECK(loaded.problems().empty());
  const Graph& graph = loaded.graph("g");
  CHECK(graph.description == "All of it.");
  CHECK(graph.period == PeriodKind::quarter);
  CHECK(graph.params.at("tolerance").type == "money");
  CHECK(graph.params.at("tolerance").value == "0.05");
  CHECK(graph.params.at("since").value == "2026-01-31");
  CHECK(graph.sha256.size() == 64);
  const JobNode& a = *graph.find("a");
  CHECK(a.retries.transient == 2);
  CHECK(a.priority == 3);
  CHECK(a.backoff.first == std::chrono::seconds(5));
  CHECK(a.timeout == std::chrono::minutes(10));
  const JobNode& b = *graph.find("b");
  CHECK(b.retries.transient == 0);
  CHECK(b.backoff.first == std::chrono::seconds(5));
  CHECK(b.backoff.factor == 1.5);
  CHECK(b.backoff.max == std::chrono::minutes(1));
  CHECK(b.timeout == std::chrono::hours(2));
  CHECK(graph.find("c") == nullptr);
}

TEST_CASE("graph: the file's name is the graph's name") {
  const Loaded loaded =
      load({{"graphs/costs.yaml", "graph: cost\nperiod: day\njobs: { a: { type: make } }\n"}});
  CHECK(loaded.problems() ==
        "graphs/costs.yaml:1:8: error: graph 'cost' stands in file 'graphs/costs.yaml'; rename the "
        "file to 'graphs/cost.yaml', or write 'graph: costs'\n"
        "    1 | graph: cost\n"
        "      |        ^~~~\n");
}

TEST_CASE("graph: problems of all files and all keys come in one pass") {
  const Loaded loaded = load({{"graphs/a.yaml", R"(graph: a
perod: month
jobs:
  one: { type: mkae }
  two: { type: make, into: x, tags: [result], retries: -1 }
  2x: { type: make, when: "alway" }
)"},
                              {"graphs/b.yaml", "graph: b\nperiod: fortnight\njobs: []\n"},
                              {"graphs/c.yaml", "graph: [c\n"},
                              {"graphs/d.yml", ""}});
  CHECK(
      loaded.problems() ==
      "graphs/a.yaml:1:1: error: graph lacks the option 'period'; 'period' is: The business time "
      "one run is about\n"
      "    1 | graph: a\n"
      "      | ^\n"
      "graphs/a.yaml:2:1: error: unknown option 'perod' for graph; did you mean 'period'?\n"
      "    2 | perod: month\n"
      "      | ^~~~~\n"
      "graphs/a.yaml:4:16: error: unknown job type 'mkae'; did you mean 'make'?\n"
      "    4 |   one: { type: mkae }\n"
      "      |                ^~~~\n"
      "graphs/a.yaml:5:56: error: option 'retries' must be from 0 to 100, got -1\n"
      "    5 |   two: { type: make, into: x, tags: [result], retries: -1 }\n"
      "      |                                                        ^~\n"
      "graphs/a.yaml:6:3: error: job name '2x' must be letters, digits and '_', not starting with "
      "a digit\n"
      "    6 |   2x: { type: make, when: \"alway\" }\n"
      "      |   ^~\n"
      "graphs/a.yaml:6:27: error: option 'when' must be one of all_success, all_failed, all_done, "
      "all_done_min_one_success, all_skipped, one_failed, one_success, one_done, none_failed, "
      "none_failed_min_one_success, none_skipped, always, got the quoted text 'alway'; did you "
      "mean "
      "'always'?\n"
      "    6 |   2x: { type: make, when: \"alway\" }\n"
      "      |                           ^~~~~~~\n"
      "graphs/b.yaml:2:9: error: option 'period' must be one of day, week, month, quarter, year, "
      "got 'fortnight'\n"
      "    2 | period: fortnight\n"
      "      |         ^~~~~~~~~\n"
      "graphs/b.yaml:3:7: error: option 'jobs' must be a mapping of at least one job; write "
      "'name: { type: ... }' below it\n"
      "    3 | jobs: []\n"
      "      |       ^\n"
      "graphs/c.yaml:2:1: error: a list opened with '[' is not closed before this; close it with "
      "']'\n"
      "graphs/d.yml: warning: this file is not read; rename it to end in '.yaml'\n");
}

TEST_CASE("graph: a default that is no value of its parameter's type is refused") {
  const Loaded loaded = load({{"graphs/g.yaml", R"(graph: g
period: month
params:
  a: { type: money, default: "0.001" }
  b: { type: integer, default: 1e3 }
  c: { type: date, default: 2026-02-30 }
  d: { type: boolean, default: yes }
  e: { type: ratio, default: 5% }
  f: { type: decimal, default: .5 }
  g: { type: mony, default: 1 }
  h: { type: text }
jobs: { a: { type: make } }
)"}});
  CHECK(loaded.problems() ==
        "graphs/g.yaml:4:30: error: default of param 'a' is no money: '0.001' "
        "(surplus_fraction_digits); write a plain amount with at most 2 digits behind the point, "
        "e.g. \"0.00\"\n"
        "    4 |   a: { type: money, default: \"0.001\" }\n"
        "      |                              ^~~~~~~\n"
        "graphs/g.yaml:5:32: error: default of param 'b' is no integer: '1e3' (exponent); write a "
        "whole number, e.g. 3\n"
        "    5 |   b: { type: integer, default: 1e3 }\n"
        "      |                                ^~~\n"
        "graphs/g.yaml:6:29: error: default of param 'c' is no date: '2026-02-30' (not_a_date); "
        "write a day, e.g. 2026-01-31\n"
        "    6 |   c: { type: date, default: 2026-02-30 }\n"
        "      |                             ^~~~~~~~~~\n"
        "graphs/g.yaml:7:32: error: default of param 'd' is no boolean: 'yes' (not_a_boolean); "
        "write true or false\n"
        "    7 |   d: { type: boolean, default: yes }\n"
        "      |                                ^~~\n"
        "graphs/g.yaml:8:30: error: default of param 'e' is no ratio: '5%' (not_a_number); write a "
        "plain decimal with at most 9 digits behind the point, e.g. 0.05\n"
        "    8 |   e: { type: ratio, default: 5% }\n"
        "      |                              ^~\n"
        "graphs/g.yaml:9:32: error: default of param 'f' is no decimal: '.5' (not_a_number); write "
        "a plain decimal, e.g. 1.5\n"
        "    9 |   f: { type: decimal, default: .5 }\n"
        "      |                                ^~\n"
        "graphs/g.yaml:10:14: error: option 'type' must be one of text, integer, money, decimal, "
        "ratio, date, boolean, got 'mony'; did you mean 'money'?\n"
        "   10 |   g: { type: mony, default: 1 }\n"
        "      |              ^~~~\n"
        "graphs/g.yaml:11:6: error: param 'h' lacks the option 'default'; 'default' is: The value "
        "unless a run gives another\n"
        "   11 |   h: { type: text }\n"
        "      |      ^\n");
}

TEST_CASE("datasets: edges follow from datasets and needs, the order keeps to the file") {
  const Loaded loaded = load({{"graphs/g.yaml", R"(graph: g
period: month
jobs:
  last: { type: make, from: [y, x], needs: [early, early] }
  early: { type: make }
  x: { type: make, into: x, rejects: true }
  y: { type: make, from: [x, x.rejects], into: y }
)"}});
  CHECK(loaded.problems().empty());
  const Graph& graph = loaded.graph("g");
  CHECK(needs(graph, "last") == Names{"job early", "data x x", "data y y"});
  CHECK(needs(graph, "y") == Names{"data x x", "data x x.rejects"});
  CHECK(order(graph) == Names{"early", "x", "y", "last"});
  CHECK(graph.find("x")->dependents == std::vector<JobIndex>{0, 3});
}

TEST_CASE("datasets: two writers, no writer, no reader") {
  CHECK(
      problems_of_graph("  a: { type: make, into: gl }\n"
                        "  b: { type: make, into: gl, from: [glx, somewhere] }\n"
                        "  c: { type: make, into: unread }\n") ==
      "graphs/g.yaml:4:26: warning: no job reads dataset 'gl'; if it is made for people to read, "
      "write 'tags: [result]'\n"
      "    4 |   a: { type: make, into: gl }\n"
      "      |                          ^~\n"
      "graphs/g.yaml:5:26: error: dataset 'gl' is already written by job 'a' "
      "(graphs/g.yaml:4:26); every dataset has one writer; write 'into:' another name\n"
      "    5 |   b: { type: make, into: gl, from: [glx, somewhere] }\n"
      "      |                          ^~\n"
      "graphs/g.yaml:5:37: error: no job writes dataset 'glx'; did you mean 'gl'?\n"
      "    5 |   b: { type: make, into: gl, from: [glx, somewhere] }\n"
      "      |                                     ^~~\n"
      "graphs/g.yaml:5:42: error: no job writes dataset 'somewhere'; name a dataset that a job of "
      "some graph makes\n"
      "    5 |   b: { type: make, into: gl, from: [glx, somewhere] }\n"
      "      |                                          ^~~~~~~~~\n"
      "graphs/g.yaml:6:26: warning: no job reads dataset 'unread'; if it is made for people to "
      "read, write 'tags: [result]'\n"
      "    6 |   c: { type: make, into: unread }\n"
      "      |                          ^~~~~~\n");
}

TEST_CASE("datasets: evidence of two jobs of one name collides across graphs") {
  const Loaded loaded = load(
      {{"graphs/a.yaml", "graph: a\nperiod: day\njobs:\n  clean: { type: make, rejects: true }\n"},
       {"graphs/b.yaml",
        "graph: b\nperiod: day\njobs:\n  clean: { type: make, rejects: true }\n"}});
  CHECK(loaded.problems() ==
        "graphs/b.yaml:4:3: error: dataset 'clean.rejects' is already written by job 'clean' "
        "(graphs/a.yaml:4:3); give one of the two jobs another name\n"
        "    4 |   clean: { type: make, rejects: true }\n"
        "      |   ^~~~~\n");
}

TEST_CASE("datasets: what a misspelt job would have made is not reported as missing") {
  CHECK(problems_of_graph("  a: { type: make, into: gl, form: [x] }\n"
                          "  b: { type: make, from: [gl, a.rejects], into: out }\n") ==
        "graphs/g.yaml:4:30: error: unknown option 'form' for make job 'a'; did you mean 'from'?\n"
        "    4 |   a: { type: make, into: gl, form: [x] }\n"
        "      |                              ^~~~\n");
}

TEST_CASE("datasets: another graph's dataset is read period by period") {
  const std::string writer = "jobs:\n  a: { type: make, into: gl }\n";
  const std::string reader = "jobs:\n  b: { type: make, from: [gl] }\n";
  const Loaded same = load({{"graphs/w.yaml", "graph: w\nperiod: month\n" + writer},
                            {"graphs/r.yaml", "graph: r\nperiod: month\n" + reader}});
  CHECK(same.problems().empty());
  CHECK(same.graph("r").jobs[0].needs.empty());
  const DatasetInfo& info = same.workspace.datasets.at("gl");
  CHECK(info.graph == "w");
  CHECK(info.job == "a");
  CHECK(info.readers == std::vector<std::pair<std::string, std::string>>{{"r", "b"}});

  const Loaded other = load({{"graphs/w.yaml", "graph: w\nperiod: day\n" + writer},
                             {"graphs/r.yaml", "graph: r\nperiod: month\n" + reader}});
  CHECK(other.problems().empty());
  CHECK(other.workspace.datasets.at("gl").period == PeriodKind::day);
}

TEST_CASE("gates: readers wait, except the gates and what the gates read") {
  const Loaded loaded = load({{"graphs/g.yaml", R"(graph: g
period: month
jobs:
  gl: { type: make, into: gl }
  report: { type: make, from: [gl] }
  sound: { type: gate, of: gl }
  totals: { type: make, from: [gl], into: totals }
  close: { type: gate, of: gl, from: [totals] }
)"}});
  CHECK(loaded.problems().empty());
  const Graph& graph = loaded.graph("g");
  CHECK(needs(graph, "report") == Names{"data gl gl", "gate sound gl", "gate close gl"});
  CHECK(needs(graph, "sound") == Names{"data gl gl"});
  CHECK(needs(graph, "totals") == Names{"data gl gl"});
  CHECK(needs(graph, "close") == Names{"data gl gl", "data totals totals"});
  CHECK(order(graph) == Names{"gl", "sound", "totals", "close", "report"});
  CHECK(loaded.workspace.datasets.at("gl").gates ==
        std::vector<std::pair<std::string, std::string>>{{"g", "sound"}, {"g", "close"}});
}

TEST_CASE("gates: a gate stands in the graph that writes its dataset") {
  const Loaded loaded =
      load({{"graphs/a.yaml", "graph: a\nperiod: day\njobs:\n  gl: { type: make, into: gl }\n"},
            {"graphs/b.yaml", "graph: b\nperiod: day\njobs:\n  sound: { type: gate, of: gl }\n"}});
  CHECK(loaded.problems() ==
        "graphs/b.yaml:4:28: error: job 'sound' gates dataset 'gl', which graph 'a' writes; move "
        "the job to 'graphs/a.yaml', or write 'on_fail: warn'\n"
        "    4 |   sound: { type: gate, of: gl }\n"
        "      |                            ^~\n");
}

TEST_CASE("needs: an unknown job is reported with the nearest one") {
  CHECK(problems_of_graph("  early: { type: make }\n"
                          "  late: { type: make, needs: [erly] }\n"
                          "  later: { type: make, needs: nobody_like_that }\n") ==
        "graphs/g.yaml:5:31: error: graph 'g' has no job 'erly'; did you mean 'early'?\n"
        "    5 |   late: { type: make, needs: [erly] }\n"
        "      |                               ^~~~\n"
        "graphs/g.yaml:6:31: error: graph 'g' has no job 'nobody_like_that'; 'needs' names jobs of "
        "the same graph\n"
        "    6 |   later: { type: make, needs: nobody_like_that }\n"
        "      |                               ^~~~~~~~~~~~~~~~\n");
}

TEST_CASE("cycles: each is printed with the place that closes it") {
  CHECK(problems_of_graph("  clean_gl: { type: make, from: [shares], into: gl }\n"
                          "  allocate: { type: make, from: [gl], into: shares }\n"
                          "  after: { type: make, from: [shares], needs: self }\n"
                          "  self: { type: make, needs: [self] }\n") ==
        "graphs/g.yaml:4:34: error: jobs form a cycle: clean_gl -> allocate -> clean_gl; an arrow "
        "points to the job that waits; remove one of them\n"
        "    4 |   clean_gl: { type: make, from: [shares], into: gl }\n"
        "      |                                  ^~~~~~\n"
        "graphs/g.yaml:7:31: error: jobs form a cycle: self -> self; an arrow points to the job "
        "that waits; remove one of them\n"
        "    7 |   self: { type: make, needs: [self] }\n"
        "      |                               ^~~~\n");
}

TEST_CASE("cycles: through a gate, and through two graphs") {
  CHECK(problems_of_graph("  gl: { type: make, into: gl }\n"
                          "  sound: { type: gate, of: gl, needs: [report] }\n"
                          "  report: { type: make, from: [gl], into: other, tags: [result] }\n"
                          "  close: { type: gate, of: gl }\n")
            .empty());
  const Loaded loaded =
      load({{"graphs/a.yaml",
             "graph: a\nperiod: day\njobs:\n  gl: { type: make, from: [shares], into: gl }\n"},
            {"graphs/b.yaml",
             "graph: b\nperiod: day\njobs:\n  split: { type: make, from: [gl], into: shares }\n"}});
  CHECK(loaded.problems() ==
        "graphs/a.yaml:4:28: error: jobs form a cycle: a.gl -> b.split -> a.gl; an arrow points to "
        "the job that waits; remove one of them\n"
        "    4 |   gl: { type: make, from: [shares], into: gl }\n"
        "      |                            ^~~~~~\n");
  const Loaded gated = load({{"graphs/a.yaml", R"(graph: a
period: day
jobs:
  gl: { type: make, into: gl }
  sound: { type: gate, of: gl, from: [report] }
)"},
                             {"graphs/b.yaml",
                              "graph: b\nperiod: day\njobs:\n"
                              "  report: { type: make, from: [gl], into: report }\n"}});
  CHECK(gated.problems() ==
        "graphs/a.yaml:5:39: error: jobs form a cycle: a.sound -> b.report -> a.sound; an arrow "
        "points to the job that waits; remove one of them\n"
        "    5 |   sound: { type: gate, of: gl, from: [report] }\n"
        "      |                                       ^~~~~~\n");
}

TEST_CASE("references: files and connectors must exist") {
  const Loaded loaded =
      load({{"tallymill.yaml", "workspace: demo\nconnectors:\n  files: { type: f }\n"},
            {"rules/cost_driver.lua", "return 1"},
            {"tables/org.csv", "a\n"},
            {"graphs/g.yaml", R"(graph: g
period: month
jobs:
  a: { type: make, rule: cost_drivr, table: org, connector: fils }
  b: { type: make, rule: cost_driver, table: nothing_near, connector: files }
)"}});
  CHECK(loaded.problems() ==
        "graphs/g.yaml:4:26: error: there is no file 'rules/cost_drivr.lua' in the workspace; did "
        "you mean 'rules/cost_driver.lua'?\n"
        "    4 |   a: { type: make, rule: cost_drivr, table: org, connector: fils }\n"
        "      |                          ^~~~~~~~~~\n"
        "graphs/g.yaml:4:61: error: unknown connector 'fils'; did you mean 'files'?\n"
        "    4 |   a: { type: make, rule: cost_drivr, table: org, connector: fils }\n"
        "      |                                                             ^~~~\n"
        "graphs/g.yaml:5:46: error: there is no file 'tables/nothing_near.csv' in the workspace; "
        "make it, or name one that exists\n"
        "    5 |   b: { type: make, rule: cost_driver, table: nothing_near, connector: files }\n"
        "      |                                              ^~~~~~~~~~~~\n");
}

TEST_CASE("references: a table that is no file may be a dataset") {
  const Loaded loaded = load({{"graphs/g.yaml", R"(graph: g
period: month
jobs:
  lookup: { type: make, table: org }
  org: { type: make, into: org }
)"}});
  CHECK(loaded.problems().empty());
  CHECK(needs(loaded.graph("g"), "lookup") == Names{"data org org"});
  CHECK(loaded.graph("g").find("lookup")->shape.files.empty());
}

TEST_CASE("references: a dataset that is named as a table and as an input is one input") {
  const Loaded loaded = load({{"graphs/g.yaml", R"(graph: g
period: month
jobs:
  lookup: { type: make, from: [org], table: org }
  org: { type: make, into: org }
)"}});
  CHECK(loaded.problems().empty());
  CHECK(loaded.graph("g").find("lookup")->shape.inputs.size() == 1);
}

TEST_CASE("one graph: only it and what it reads from are loaded and reported") {
  const std::map<std::string, std::string> files{
      {"graphs/w.yaml",
       "graph: w\nperiod: day\njobs:\n  a: { type: make, into: gl, retries: x }\n"},
      {"graphs/r.yaml", "graph: r\nperiod: day\njobs:\n  b: { type: make, from: [gl] }\n"},
      {"graphs/other.yaml", "graph: other\nperiod: day\njobs:\n  c: { type: mak }\n"}};
  const Loaded loaded = load(files, "r");
  CHECK(loaded.workspace.graphs.size() == 2);
  CHECK(loaded.problems() ==
        "graphs/w.yaml:4:39: error: option 'retries' must be a whole number, got 'x'\n"
        "    4 |   a: { type: make, into: gl, retries: x }\n"
        "      |                                       ^\n");
  CHECK_THROWS_WITH_AS(load(files, "othr"), "error: unknown graph 'othr'; did you mean 'other'?",
                       Error);
  CHECK_THROWS_WITH_AS(load(files, "nothing_near"),
                       "error: unknown graph 'nothing_near'; the graphs are other, r, w", Error);
}
