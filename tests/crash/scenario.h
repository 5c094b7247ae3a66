#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace tallymill::crash {

/// splitmix64: the same numbers everywhere, so that a seed names a scenario for good.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  /// 0 .. below-1.
  int roll(int below) { return static_cast<int>(next() % static_cast<std::uint64_t>(below)); }
  bool chance(int percent) { return roll(100) < percent; }

 private:
  std::uint64_t state_;
};

/// How a job of the lab behaves until the file `fixed` stands in the workspace; then it is good.
enum class Behaviour {
  good,
  transient,   ///< fails once with class transient, then succeeds
  broken,      ///< fails with class data
  unbalanced,  ///< its books do not close
  refusing,    ///< a gate that refuses
};

/// A job of programs/test_worker.cpp.
struct LabJob {
  std::string name;
  std::string text = {};                ///< what its dataset says, besides what it has read
  std::vector<std::string> reads = {};  ///< datasets
  std::vector<std::string> needs = {};  ///< jobs of the same graph
  std::string output = {};              ///< a dataset; empty: a gate
  std::string evidence = {};            ///< a dataset, whose rows are corrected; empty: none
  std::string gates = {};               ///< a dataset; empty: no gate
  std::string on_fail = {};             ///< of a gate: block or fail
  Behaviour behaviour = Behaviour::good;
  std::string actions = {};  ///< what else its worker does on the way: sleeps, deaths, children
  std::string when = {};     ///< a trigger rule; empty: all_success
  std::string asks = {};     ///< a function of the condition language ...
  std::string of = {};       ///< ... and the job it asks; empty: no condition
  bool spread = false;       ///< once per city of the scenario
  std::string only = {};     ///< the city it misbehaves for; empty: all
  bool approval = false;     ///< a person's word, no worker
};

struct LabGraph {
  std::string name;
  std::vector<LabJob> jobs = {};  ///< a job comes after all it waits for
};

/// What happens between two settled states of a workspace.
struct Round {
  enum class Kind { run, fix, edit, force, rerun_failed };
  Kind kind = Kind::run;
  int graph = 0;
  int job = 0;  ///< of an edit
};

/// A random workspace and what is done with it. The first graph feeds the second, if there are two.
struct Scenario {
  std::uint64_t seed = 0;
  int slots = 2;
  std::vector<LabGraph> graphs;
  std::vector<Round> rounds;
  bool fixed = false;
  bool tells = false;                    ///< somebody listens to every kind of message
  bool has_rules = false;                ///< some jobs have `when:`
  std::vector<std::string> cities = {};  ///< partitions of jobs that are spread

  std::string workspace_yaml() const;
  std::string graph_yaml(const LabGraph& graph) const;
};

Scenario make_scenario(std::uint64_t seed);
/// Graphs for a service, with approvals and no rounds: what happens is decided while it happens.
Scenario make_service_scenario(std::uint64_t seed);

enum class Fate { good, failed, blocked, skipped };

/// "clean", or "clean[north]": a job or dataset with its partition, as Expectation names it.
std::string name_of(const std::string& name, const std::string& city);

/// What a settled workspace must look like, reckoned from the scenario alone. Jobs and datasets are
/// named as by name_of().
struct Expectation {
  std::map<std::string, std::map<std::string, Fate>> fates;  ///< graph -> job, of its newest run
  std::map<std::string, std::string> visible;                ///< dataset -> digest
  std::map<std::string, std::string> makers;                 ///< dataset -> job
  std::map<std::string, std::set<std::string>> results;      ///< graph -> jobs
  bool tells = false;  ///< every message has been told, in `told` beside the state folder
};

/// Brings `expected` up to date with a completed run of one graph.
void foresee(const Scenario& scenario, const LabGraph& graph, const std::string& period,
             Expectation& expected);

}  // namespace tallymill::crash
