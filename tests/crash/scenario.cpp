#include "tests/crash/scenario.h"

#include <algorithm>
#include <set>

#include "core/text.h"

namespace tallymill::crash {
namespace {

/// Enough for every death of a worker that a scenario or the lab brings about.
constexpr int kRetries = 9;
constexpr const char* kCities[] = {"north", "south"};

std::string list_of(const std::vector<std::string>& names) { return "[" + join(names, ", ") + "]"; }

/// What a worker does on the way to its end; nothing of it changes the end.
std::string adventures(Dice& dice) {
  switch (dice.roll(14)) {
    case 0:
      return "sleep: 2ms, ";
    case 1:
      return "sleep: 6ms, ";
    case 2:
      return "die: { at: start, tries: 1 }, ";
    case 3:
      return "die: { at: staged, tries: 1 }, ";
    case 4:
      return "die: { at: torn, tries: 1 }, ";
    case 5:
      return "die: { at: result, tries: 1 }, ";
    case 6:
      return dice.chance(25) ? "grandchild: meek, " : "say: hello, ";
    case 7:
    case 8:
      return "linger: 4ms, ";  // with its result written: whoever kills it then changes nothing
    default:
      return {};
  }
}

Behaviour behaviour_of(Dice& dice) {
  const int roll = dice.roll(20);
  if (roll < 3) return Behaviour::transient;
  if (roll == 3) return Behaviour::broken;
  if (roll == 4) return Behaviour::unbalanced;
  return Behaviour::good;
}

/// A gate of what `maker` makes, which nothing has read yet.
LabJob gate_of(const LabJob& maker, Dice& dice) {
  LabJob gate{.name = "gate_" + maker.name, .text = {}, .reads = {maker.output}};
  gate.gates = maker.output;
  gate.spread = maker.spread;
  gate.on_fail = dice.chance(70) ? "block" : "fail";
  if (dice.chance(25)) gate.behaviour = Behaviour::refusing;
  gate.actions = adventures(dice);
  return gate;
}

/// Lets a job depend on what those before it come to.
void add_rule(LabJob& job, const std::vector<LabJob>& before, Dice& dice) {
  static constexpr const char* kRules[] = {"all_failed",
                                           "all_done",
                                           "all_done_min_one_success",
                                           "all_skipped",
                                           "one_failed",
                                           "one_success",
                                           "one_done",
                                           "none_failed",
                                           "none_failed",
                                           "none_skipped",
                                           "none_failed_min_one_success",
                                           "always"};
  static constexpr const char* kAsks[] = {"succeeded", "failed", "skipped", "many_rows",
                                          "more_rows"};
  if (dice.chance(55)) job.when = kRules[dice.roll(12)];
  if (!dice.chance(55)) return;
  const LabJob& asked =
      before[static_cast<std::size_t>(dice.roll(static_cast<int>(before.size())))];
  if (asked.output.empty() || (asked.spread && !job.spread)) return;
  job.asks = kAsks[dice.roll(5)];
  job.of = asked.name;
}

/// What all graphs of a scenario share.
struct Taste {
  bool rules = false;
  bool cities = false;
  bool approvals = false;
};

LabJob data_job(const std::string& name, const std::vector<std::string>& datasets,
                const std::vector<LabJob>& before, Taste taste, Dice& dice) {
  LabJob job{.name = name, .text = name + " 0", .reads = {}};
  job.output = "d_" + name;
  std::set<std::string> reads;
  for (int i = dice.roll(3); i > 0 && !datasets.empty(); --i)
    reads.insert(datasets[static_cast<std::size_t>(dice.roll(static_cast<int>(datasets.size())))]);
  job.reads.assign(reads.begin(), reads.end());
  if (!before.empty() && dice.chance(20))
    job.needs.push_back(
        before[static_cast<std::size_t>(dice.roll(static_cast<int>(before.size())))].name);
  if (dice.chance(25)) job.evidence = name + ".rejects";
  job.behaviour = behaviour_of(dice);
  job.actions = adventures(dice);
  if (taste.cities) job.spread = dice.chance(60);
  if (job.spread && job.behaviour == Behaviour::broken && dice.chance(70)) job.only = kCities[0];
  if (taste.rules && !before.empty()) {
    // Rules without failures before them say little.
    if (job.behaviour == Behaviour::good && dice.chance(25)) job.behaviour = Behaviour::broken;
    if (dice.chance(60)) add_rule(job, before, dice);
  }
  return job;
}

LabJob approval_of(const std::string& name, const LabJob& before) {
  LabJob job{.name = name, .text = {}, .reads = {}, .needs = {before.name}};
  job.approval = true;
  return job;
}

LabGraph make_graph(const std::string& name, std::vector<std::string> datasets, int jobs,
                    Taste taste, Dice& dice) {
  LabGraph graph{name, {}};
  for (int i = 0; static_cast<int>(graph.jobs.size()) < jobs; ++i) {
    const LabJob job = data_job(name + std::to_string(i), datasets, graph.jobs, taste, dice);
    graph.jobs.push_back(job);
    if (dice.chance(20)) graph.jobs.push_back(gate_of(job, dice));
    datasets.push_back(job.output);
    if (!job.evidence.empty()) datasets.push_back(job.evidence);
    if (taste.approvals && dice.chance(20))
      graph.jobs.push_back(approval_of("agree_" + job.name, job));
  }
  return graph;
}

/// Datasets of a graph that stand whatever happens: another graph may count on them.
std::vector<std::string> sure_datasets(const Scenario& scenario, const LabGraph& graph) {
  Expectation expected;
  foresee(scenario, graph, "2026-01", expected);
  std::set<std::string> refused;
  for (const LabJob& job : graph.jobs)
    if (!job.gates.empty() && job.behaviour == Behaviour::refusing) refused.insert(job.gates);
  std::vector<std::string> sure;
  const auto is_good = [&](const LabJob& job) {
    const std::vector<std::string> once{""};
    const std::vector<std::string>& cities = job.spread ? scenario.cities : once;
    return std::all_of(cities.begin(), cities.end(), [&](const std::string& city) {
      return expected.fates[graph.name][name_of(job.name, city)] == Fate::good;
    });
  };
  for (const LabJob& job : graph.jobs)
    if (!job.output.empty() && is_good(job) && !refused.contains(job.output))
      sure.push_back(job.output);
  // A gate of such a dataset that is itself blocked leaves it ungated: then nobody may read it.
  for (const LabJob& job : graph.jobs)
    if (!job.gates.empty() && !is_good(job)) std::erase(sure, job.gates);
  return sure;
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

std::string end_actions(const LabJob& job, bool fixed) {
  if (!job.gates.empty())
    return std::string("gate: ") +
           (job.behaviour == Behaviour::refusing && !fixed ? "refuse" : "pass");
  switch (job.behaviour) {
    case Behaviour::transient:
      return "fail: { class: transient, message: busy, tries: 1 }";
    case Behaviour::broken:
      return "fail_unless: { file: fixed, class: data, message: broken" +
             (job.only.empty() ? "" : ", partition: " + job.only) + " }";
    case Behaviour::unbalanced:
      return "unbalanced_unless: fixed";
    default:
      return "say: done";
  }
}

}  // namespace

std::uint64_t Dice::next() {
  std::uint64_t value = state_ += 0x9E3779B97F4A7C15U;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31U);
}

std::string Scenario::workspace_yaml() const {
  std::string yaml = "workspace: lab\nslots: " + std::to_string(slots) + "\n";
  if (tells)
    yaml +=
        "channels:\n  board: { type: command, run: [sh, -c, 'echo \"$TALLYMILL_NOTIFICATION"
        " $TALLYMILL_KIND $TALLYMILL_RUN\" >>told'] }\nnotify: { failed: board, blocked: board,"
        " findings: board, recovered: board, finished: board }\n";
  return yaml;
}

namespace {

std::string when_yaml(const LabJob& job) {
  if (job.of.empty()) return job.when;
  const std::string call = job.asks == "many_rows"   ? "rows(" + job.of + ") >= 3"
                           : job.asks == "more_rows" ? "rows(" + job.of + ") > 3"
                                                     : job.asks + "(" + job.of + ")";
  return "{ if: " + quoted(call) + (job.when.empty() ? "" : ", rule: " + job.when) + " }";
}

}  // namespace

std::string Scenario::graph_yaml(const LabGraph& graph) const {
  std::string yaml =
      "graph: " + graph.name + "\nperiod: month\ndefaults: { retries: " + std::to_string(kRetries) +
      ", backoff: { first: 1ms, max: 1ms } }\n" +
      (cities.empty() ? "" : "partition: { name: city, values: " + list_of(cities) + " }\n") +
      "jobs:\n";
  for (const LabJob& job : graph.jobs) {
    yaml += "  " + job.name + ": { type: test";
    if (!cities.empty() && !job.spread) yaml += ", partition: none";
    if (!job.when.empty() || !job.of.empty()) yaml += ", when: " + when_yaml(job);
    if (!job.reads.empty()) yaml += ", reads: " + list_of(job.reads);
    if (!job.needs.empty()) yaml += ", needs: " + list_of(job.needs);
    if (!job.output.empty()) yaml += ", outputs: { " + job.output + ": " + quoted(job.text) + " }";
    if (!job.evidence.empty())
      yaml += ", evidence: { " + job.evidence + ": none }, corrected: true";
    if (!job.gates.empty()) yaml += ", gates: " + job.gates + ", on_fail: " + job.on_fail;
    if (job.approval) {
      yaml += ", approval: true }\n";
      continue;
    }
    yaml += ", do: [ledger: closed, " + job.actions + end_actions(job, fixed) + "] }\n";
  }
  return yaml;
}

Scenario make_scenario(std::uint64_t seed) {
  Dice dice(seed * 0x2545F4914F6CDD1DU + 1);
  Scenario scenario;
  scenario.seed = seed;
  scenario.slots = 1 + dice.roll(3);
  scenario.tells = dice.chance(10);
  scenario.has_rules = dice.chance(30);
  if (dice.chance(25)) scenario.cities.assign(std::begin(kCities), std::end(kCities));
  const Taste taste{.rules = scenario.has_rules, .cities = !scenario.cities.empty()};
  std::vector<std::string> outside;
  if (dice.chance(40)) {
    scenario.graphs.push_back(make_graph("up", {}, 1 + dice.roll(3), taste, dice));
    outside = sure_datasets(scenario, scenario.graphs.front());
  }
  const int most = taste.cities ? 4 : 7;
  scenario.graphs.push_back(make_graph("g", outside, 2 + dice.roll(most), taste, dice));
  const int last = static_cast<int>(scenario.graphs.size()) - 1;
  for (int graph = 0; graph <= last; ++graph)
    scenario.rounds.push_back({Round::Kind::run, graph, 0});
  for (int i = dice.roll(4); i > 0; --i) {
    const int graph = dice.roll(last + 1);
    const int jobs = static_cast<int>(scenario.graphs[static_cast<std::size_t>(graph)].jobs.size());
    switch (dice.roll(4)) {
      case 0:
        scenario.rounds.push_back({Round::Kind::fix, last, 0});
        // A rerun leaves out what succeeded, and rules count only what is in the run.
        scenario.rounds.push_back(
            {scenario.has_rules ? Round::Kind::run : Round::Kind::rerun_failed, last, 0});
        break;
      case 1:
        scenario.rounds.push_back({Round::Kind::force, graph, 0});
        break;
      default:
        scenario.rounds.push_back({Round::Kind::edit, graph, dice.roll(jobs)});
        if (graph != last) scenario.rounds.push_back({Round::Kind::run, last, 0});
    }
  }
  return scenario;
}

Scenario make_service_scenario(std::uint64_t seed) {
  Dice dice(seed * 0x2545F4914F6CDD1DU + 2);
  Scenario scenario;
  scenario.seed = seed;
  scenario.slots = 1 + dice.roll(3);
  scenario.tells = dice.chance(10);
  if (dice.chance(20)) scenario.cities.assign(std::begin(kCities), std::end(kCities));
  const Taste taste{.cities = !scenario.cities.empty(), .approvals = true};
  std::vector<std::string> outside;
  for (int i = 0; i < 2 + dice.roll(2); ++i) {
    const std::string name(1, static_cast<char>('p' + i));
    scenario.graphs.push_back(make_graph(name, outside, 1 + dice.roll(4), taste, dice));
    // What a graph makes for sure, it makes also where its jobs are cancelled: in the end.
    scenario.fixed = true;
    for (const std::string& dataset : sure_datasets(scenario, scenario.graphs.back()))
      outside.push_back(dataset);
    scenario.fixed = false;
  }
  return scenario;
}

}  // namespace tallymill::crash
