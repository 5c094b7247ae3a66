#include "tests/crash/scenario.h"

#include <algorithm>
#include <set>

#include "core/digest.h"
#include "core/text.h"

namespace tallymill::crash {
namespace {

/// Enough for every death of a worker that a scenario or the lab brings about.
constexpr int kRetries = 9;

std::string list_of(const std::vector<std::string>& names) { return "[" + join(names, ", ") + "]"; }

/// What a worker does on the way to its end; nothing of it changes the end.
std::string adventures(Dice& dice) {
  switch (dice.roll(12)) {
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

/// A gate of `dataset`, which nothing has read yet.
LabJob gate_of(const std::string& name, const std::string& dataset, Dice& dice) {
  LabJob gate{.name = name, .text = {}, .reads = {dataset}};
  gate.gates = dataset;
  gate.on_fail = dice.chance(70) ? "block" : "fail";
  if (dice.chance(25)) gate.behaviour = Behaviour::refusing;
  gate.actions = adventures(dice);
  return gate;
}

LabJob data_job(const std::string& name, const std::vector<std::string>& datasets,
                const std::vector<LabJob>& before, Dice& dice) {
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
  return job;
}

LabGraph make_graph(const std::string& name, std::vector<std::string> datasets, int jobs,
                    Dice& dice) {
  LabGraph graph{name, {}};
  for (int i = 0; static_cast<int>(graph.jobs.size()) < jobs; ++i) {
    const LabJob job = data_job(name + std::to_string(i), datasets, graph.jobs, dice);
    graph.jobs.push_back(job);
    if (dice.chance(20)) graph.jobs.push_back(gate_of("gate_" + job.name, job.output, dice));
    datasets.push_back(job.output);
    if (!job.evidence.empty()) datasets.push_back(job.evidence);
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
  for (const LabJob& job : graph.jobs)
    if (!job.output.empty() && expected.fates[graph.name][job.name] == Fate::good &&
        !refused.contains(job.output))
      sure.push_back(job.output);
  // A gate of such a dataset that is itself blocked leaves it ungated: then nobody may read it.
  for (const LabJob& job : graph.jobs)
    if (!job.gates.empty() && expected.fates[graph.name][job.name] != Fate::good)
      std::erase(sure, job.gates);
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
      return "fail_unless: { file: fixed, class: data, message: broken }";
    case Behaviour::unbalanced:
      return "unbalanced_unless: fixed";
    default:
      return "say: done";
  }
}

Fate fate_of(const Scenario& scenario, const LabGraph& graph, const LabJob& job,
             const std::map<std::string, Fate>& fates) {
  const auto stops = [&](const LabJob& before) {
    const auto fate = fates.find(before.name);
    return fate != fates.end() && fate->second != Fate::good;
  };
  for (const LabJob& before : graph.jobs) {
    if (&before == &job) break;
    const auto reads = [&](const std::string& dataset) {
      return !dataset.empty() &&
             std::find(job.reads.begin(), job.reads.end(), dataset) != job.reads.end();
    };
    const bool needed =
        std::find(job.needs.begin(), job.needs.end(), before.name) != job.needs.end();
    if ((needed || reads(before.output) || reads(before.evidence)) && stops(before))
      return Fate::blocked;
    if (job.gates.empty() && reads(before.gates) &&
        (stops(before) || (before.behaviour == Behaviour::refusing && !scenario.fixed)))
      return Fate::blocked;
  }
  if (scenario.fixed) return Fate::good;
  if (job.behaviour == Behaviour::broken || job.behaviour == Behaviour::unbalanced)
    return Fate::failed;
  if (job.behaviour == Behaviour::refusing && job.on_fail == "fail") return Fate::failed;
  return Fate::good;
}

}  // namespace

std::uint64_t Dice::next() {
  std::uint64_t value = state_ += 0x9E3779B97F4A7C15U;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31U);
}

std::string Scenario::workspace_yaml() const {
  return "workspace: lab\nslots: " + std::to_string(slots) + "\n";
}

std::string Scenario::graph_yaml(const LabGraph& graph) const {
  std::string yaml = "graph: " + graph.name +
                     "\nperiod: month\ndefaults: { retries: " + std::to_string(kRetries) +
                     ", backoff: { first: 1ms, max: 1ms } }\njobs:\n";
  for (const LabJob& job : graph.jobs) {
    yaml += "  " + job.name + ": { type: test";
    if (!job.reads.empty()) yaml += ", reads: " + list_of(job.reads);
    if (!job.needs.empty()) yaml += ", needs: " + list_of(job.needs);
    if (!job.output.empty()) yaml += ", outputs: { " + job.output + ": " + quoted(job.text) + " }";
    if (!job.evidence.empty()) yaml += ", evidence: { " + job.evidence + ": none }";
    if (!job.gates.empty()) yaml += ", gates: " + job.gates + ", on_fail: " + job.on_fail;
    yaml += ", do: [ledger: closed, " + job.actions + end_actions(job, fixed) + "] }\n";
  }
  return yaml;
}

Scenario make_scenario(std::uint64_t seed) {
  Dice dice(seed * 0x2545F4914F6CDD1DU + 1);
  Scenario scenario;
  scenario.seed = seed;
  scenario.slots = 1 + dice.roll(3);
  std::vector<std::string> outside;
  if (dice.chance(40)) {
    scenario.graphs.push_back(make_graph("up", {}, 1 + dice.roll(3), dice));
    outside = sure_datasets(scenario, scenario.graphs.front());
  }
  scenario.graphs.push_back(make_graph("g", outside, 2 + dice.roll(7), dice));
  const int last = static_cast<int>(scenario.graphs.size()) - 1;
  for (int graph = 0; graph <= last; ++graph)
    scenario.rounds.push_back({Round::Kind::run, graph, 0});
  for (int i = dice.roll(4); i > 0; --i) {
    const int graph = dice.roll(last + 1);
    const int jobs = static_cast<int>(scenario.graphs[static_cast<std::size_t>(graph)].jobs.size());
    switch (dice.roll(4)) {
      case 0:
        scenario.rounds.push_back({Round::Kind::fix, last, 0});
        scenario.rounds.push_back({Round::Kind::rerun_failed, last, 0});
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

void foresee(const Scenario& scenario, const LabGraph& graph, const std::string& period,
             Expectation& expected) {
  std::map<std::string, Fate>& fates = expected.fates[graph.name];
  fates.clear();
  for (const LabJob& job : graph.jobs) {
    const Fate fate = fates[job.name] = fate_of(scenario, graph, job, fates);
    if (fate != Fate::good) continue;
    expected.results[graph.name][job.name] = !job.output.empty();
    std::vector<std::string> reads = job.reads;
    std::sort(reads.begin(), reads.end());
    std::string seen;
    for (const std::string& dataset : reads)
      seen += dataset + "@" + period + "=" + expected.visible[dataset] + "\n";
    const auto publish = [&](const std::string& dataset, const std::string& text) {
      if (dataset.empty()) return;
      expected.visible[dataset] = "v1:" + sha256_hex(text + "\n" + seen).substr(0, 16);
      expected.makers[dataset] = job.name;
    };
    publish(job.output, job.text);
    publish(job.evidence, "none");
  }
}

}  // namespace tallymill::crash
