#include "scheduler/partition_spread.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include "core/error.h"
#include "fake_catalog.h"
#include "scheduler/workspace.h"

using namespace tallymill;

namespace {

struct Loaded {
  std::string problems() const { return diagnostics.render(); }
  const Graph& graph(const std::string& name = "g") const { return *workspace.graphs.at(name); }

  std::shared_ptr<TemporaryFolder> folder = std::make_shared<TemporaryFolder>();
  Diagnostics diagnostics = {};
  Workspace workspace = {};
};

Loaded load(const std::map<std::string, std::string>& files) {
  Loaded loaded;
  write(*loaded.folder, "tallymill.yaml", "workspace: demo\n");
  for (const auto& [file, text] : files) write(*loaded.folder, file, text);
  loaded.workspace = Workspace::load(loaded.folder->path(), FakeCatalog(), loaded.diagnostics);
  return loaded;
}

Loaded load_graph_of(const std::string& jobs, const std::string& more = {}) {
  return load({{"graphs/g.yaml", "graph: g\nperiod: month\n" + more + "jobs:\n" + jobs}});
}

/// "a[x] -> b[x]" of every edge, sorted.
std::set<std::string> edges(const Graph& graph) {
  std::set<std::string> found;
  for (const JobNode& job : graph.jobs)
    for (const Edge& edge : job.needs)
      found.insert(graph.jobs[edge.from].spec.name + " -> " + job.spec.name);
  return found;
}

std::string flow_list(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "[" : ", ") + value;
  return text + "]";
}

/// a and b once per value, `all` after them, `each` once per value after that.
std::string chain(const std::vector<std::string>& values) {
  const std::string partition = "partition: { name: city, values: " + flow_list(values) + " }";
  return "  a: { type: make, " + partition + ", into: a }\n" + "  b: { type: make, " + partition +
         ", from: [a], into: b }\n" + "  all: { type: make, from: [b], into: all }\n" +
         "  each: { type: make, " + partition + ", from: [all], into: each, tags: [result] }\n";
}

using Edges = std::set<std::string>;

}  // namespace

TEST_CASE(
    "partition spread: partition after partition, the whole after all, each after the whole") {
  const Loaded loaded = load_graph_of(chain({"x", "y"}));
  CHECK(loaded.problems() == "");
  CHECK(edges(loaded.graph()) == Edges{"a[x] -> b[x]", "a[y] -> b[y]", "b[x] -> all", "b[y] -> all",
                                       "all -> each[x]", "all -> each[y]"});
  CHECK(loaded.graph().find("b[y]")->partition == "y");
  CHECK(loaded.graph().find("b") == nullptr);
  CHECK(loaded.graph().find_job("b")->spec.name == "b[x]");
  CHECK(loaded.graph().order.size() == 7);
}

TEST_CASE("partition spread: the order of the list changes no edge") {
  CHECK(rc::check([] {
    const auto unique = *rc::gen::container<std::set<char>>(rc::gen::inRange('a', 'k'));
    RC_PRE(!unique.empty());
    std::vector<std::string> values;
    for (const char value : unique) values.emplace_back(1, value);
    const Edges sorted = edges(load_graph_of(chain(values)).graph());
    std::vector<std::string> other = values;
    std::rotate(other.begin(),
                other.begin() +
                    static_cast<std::ptrdiff_t>(*rc::gen::inRange<std::size_t>(0, other.size())),
                other.end());
    RC_ASSERT(edges(load_graph_of(chain(other)).graph()) == sorted);
    // A list that comes later gives the same graph as one that is declared.
    RC_ASSERT(sorted.size() == values.size() * 3);
  }));
}

TEST_CASE("partition spread: one partition comes with what it needs, and with no other one") {
  const Loaded sound =
      load_graph_of("  base: { type: make, into: base }\n" + chain({"x", "y"}) +
                    "  last: { type: make, partition: { name: city, values: "
                    "[x, y] }, from: [base, each], into: last, tags: [result] }\n");
  CHECK(sound.problems() == "");
  CHECK(names_of_partition(sound.graph(), "city", "x") ==
        std::vector<std::string>{"base", "a[x]", "b[x]", "each[x]", "last[x]"});
}

TEST_CASE("partition spread: a table names the values, a graph its jobs' partition") {
  const Loaded loaded = load({{"tables/city.csv", "code,name\nx,X\ny,Y\n"},
                              {"graphs/g.yaml",
                               "graph: g\nperiod: month\n"
                               "partition: { name: city, values: { table: city, column: code } }\n"
                               "jobs:\n  a: { type: make, into: a }\n"
                               "  all: { type: make, partition: none, from: [a], into: all, "
                               "tags: [result] }\n"}});
  CHECK(loaded.problems() == "");
  CHECK(edges(loaded.graph()) == Edges{"a[x] -> all", "a[y] -> all"});
}

TEST_CASE("partition spread: what cannot be partitioned so is said where it stands") {
  const auto problems = [](const std::string& jobs) { return load_graph_of(jobs).problems(); };
  CHECK(problems("  a: { type: make, partition: { name: city, values: [x, y, x] }, into: a, "
                 "tags: [result] }\n")
            .starts_with("graphs/g.yaml:4:60: error: partition 'x' of 'city' stands twice"));
  CHECK(problems("  a: { type: make, partition: { name: city, values: [] }, into: a }\n")
            .find("the partitions of 'city' are none") != std::string::npos);
  CHECK(problems("  a: { type: make, partition: { name: city, values: [x] }, into: a }\n"
                 "  b: { type: make, partition: { name: branch, values: [x] }, from: [a], into: "
                 "b, tags: [result] }\n")
            .find("dataset 'a' is partitioned by city, but job 'b' by branch") !=
        std::string::npos);
  CHECK(problems("  a: { type: make, partition: { name: city, values: [x] }, into: a }\n"
                 "  b: { type: make, partition: { name: city, values: [x, y] }, from: [a], into: "
                 "b, tags: [result] }\n")
            .find("'city' has other values elsewhere in graph 'g'") != std::string::npos);
  CHECK(problems("  a: { type: make, partition: { name: city, values: { table: city, column: code "
                 "} }, into: a }\n")
            .find("there is no file 'tables/city.csv' in the workspace") != std::string::npos);
  CHECK(problems("  a: { type: make, partition: { name: city, values: { job: cities } }, into: a "
                 "}\n")
            .find("'cities' is no job of this graph that lists partitions") != std::string::npos);
  const Loaded across =
      load({{"graphs/w.yaml",
             "graph: w\nperiod: month\njobs:\n  a: { type: make, partition: { name: city, values: "
             "[x] }, into: a }\n"},
            {"graphs/r.yaml",
             "graph: r\nperiod: month\njobs:\n  b: { type: make, partition: { name: city, values: "
             "[x, y] }, from: [a], into: b, tags: [result] }\n"}});
  CHECK(across.problems().find("nobody makes dataset 'a' for city y") != std::string::npos);
}
