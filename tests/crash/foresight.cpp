// What a scenario must come to, by the words of docs/flow.md and docs/partitions.md: a second
// reckoning, which shares nothing with the scheduler's.
#include <algorithm>

#include "core/digest.h"
#include "tests/crash/scenario.h"

namespace tallymill::crash {
namespace {

template <class Items, class Item>
bool holds(const Items& items, const Item& item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

/// The cities of a job, or the one that is none.
std::vector<std::string> cities_of(const Scenario& scenario, const LabJob& job) {
  return job.spread ? scenario.cities : std::vector<std::string>{""};
}

/// The partitions of `maker` that a job of `city` comes after.
std::vector<std::string> cities_before(const Scenario& scenario, const LabJob& maker,
                                       const LabJob& job, const std::string& city) {
  if (maker.spread && job.spread) return {city};
  return cities_of(scenario, maker);
}

/// What the jobs before a job have come to, seen from it.
struct Before {
  int total = 0;
  int succeeded = 0;
  int failed = 0;
  int skipped = 0;
  bool data_failed = false;
  bool data_skipped = false;
};

bool has_refused(const Scenario& scenario, const LabJob& gate) {
  return gate.behaviour == Behaviour::refusing && !scenario.fixed;
}

void add_before(const Scenario& scenario, const LabJob& before, const LabJob& job, Fate fate,
                Before& sum) {
  const auto reads = [&](const std::string& dataset) {
    return !dataset.empty() && holds(job.reads, dataset);
  };
  const bool makes = reads(before.output) || reads(before.evidence);
  const bool guards = job.gates.empty() && reads(before.gates);
  if (!makes && !guards && !holds(job.needs, before.name) && job.of != before.name) return;
  if (fate == Fate::good && guards && has_refused(scenario, before)) fate = Fate::failed;
  ++sum.total;
  sum.succeeded += fate == Fate::good;
  sum.skipped += fate == Fate::skipped;
  const bool failed = fate == Fate::failed || fate == Fate::blocked;
  sum.failed += failed;
  if (!makes && !guards) return;
  sum.data_failed = sum.data_failed || failed;
  sum.data_skipped = sum.data_skipped || fate == Fate::skipped;
}

/// good: the rule lets it run.
Fate word_of_rule(const std::string& rule, const Before& sum) {
  if (sum.total == 0) return Fate::good;
  const bool failed = sum.failed > 0;
  const bool skipped = sum.skipped > 0;
  const bool succeeded = sum.succeeded > 0;
  const auto only_if = [](bool met) { return met ? Fate::good : Fate::skipped; };
  const Fate fruitless = failed ? Fate::blocked : Fate::skipped;
  if (rule == "all_failed") return only_if(!succeeded && !skipped);
  if (rule == "all_skipped") return only_if(!succeeded && !failed);
  if (rule == "one_failed") return only_if(failed);
  if (rule == "one_done") return only_if(succeeded || failed);
  if (rule == "none_skipped") return only_if(!skipped);
  if (rule == "all_done" || rule == "always") return Fate::good;
  if (rule == "one_success" || rule == "all_done_min_one_success")
    return succeeded ? Fate::good : fruitless;
  if (failed) return Fate::blocked;  // all_success, none_failed, none_failed_min_one_success
  if (rule == "none_failed") return Fate::good;
  return only_if(rule == "none_failed_min_one_success" ? succeeded : !skipped);
}

/// good: it holds.
Fate word_of_condition(const std::string& asks, Fate of) {
  const auto only_if = [](bool met) { return met ? Fate::good : Fate::skipped; };
  if (asks == "succeeded") return only_if(of == Fate::good);
  if (asks == "failed") return only_if(of == Fate::failed || of == Fate::blocked);
  if (asks == "skipped") return only_if(of == Fate::skipped);
  // rows: of what has no result there is no answer; every job of the lab makes three.
  if (of != Fate::good) return Fate::blocked;
  return only_if(asks == "many_rows");
}

Fate own_end(const Scenario& scenario, const LabJob& job, const std::string& city) {
  if (scenario.fixed || (!job.only.empty() && job.only != city)) return Fate::good;
  if (job.behaviour == Behaviour::broken || job.behaviour == Behaviour::unbalanced)
    return Fate::failed;
  if (job.behaviour == Behaviour::refusing && job.on_fail == "fail") return Fate::failed;
  return Fate::good;
}

bool asks_outcome(const LabJob& job) {
  return job.asks == "succeeded" || job.asks == "failed" || job.asks == "skipped";
}

Fate fate_of(const Scenario& scenario, const LabGraph& graph, const LabJob& job,
             const std::string& city, const std::map<std::string, Fate>& fates) {
  Before sum;
  Fate asked = Fate::good;
  for (const LabJob& before : graph.jobs) {
    if (&before == &job) break;
    for (const std::string& there : cities_before(scenario, before, job, city)) {
      const Fate fate = fates.at(name_of(before.name, there));
      add_before(scenario, before, job, fate, sum);
      if (before.name == job.of) asked = fate;
    }
  }
  const std::string rule = job.when.empty() && asks_outcome(job) ? "all_done" : job.when;
  if (const Fate word = word_of_rule(rule, sum); word != Fate::good) return word;
  if (sum.data_failed) return Fate::blocked;
  if (sum.data_skipped) return Fate::skipped;
  if (!job.of.empty())
    if (const Fate word = word_of_condition(job.asks, asked); word != Fate::good) return word;
  return own_end(scenario, job, city);
}

const LabJob* maker_of(const Scenario& scenario, const std::string& dataset) {
  for (const LabGraph& graph : scenario.graphs)
    for (const LabJob& job : graph.jobs)
      if (job.output == dataset || job.evidence == dataset) return &job;
  return nullptr;
}

/// The lines that test_worker writes about all that it reads.
std::string seen_by(const Scenario& scenario, const LabJob& job, const std::string& city,
                    const std::string& period, const Expectation& expected) {
  std::vector<std::string> reads = job.reads;
  std::sort(reads.begin(), reads.end());
  std::string seen;
  for (const std::string& dataset : reads) {
    const LabJob* maker = maker_of(scenario, dataset);
    if (maker == nullptr) continue;
    for (const std::string& there : cities_before(scenario, *maker, job, city)) {
      const auto digest = expected.visible.find(name_of(dataset, there));
      seen += dataset + "@" + period + (there.empty() ? "" : "/" + there) + "=" +
              (digest == expected.visible.end() ? "" : digest->second) + "\n";
    }
  }
  return seen;
}

}  // namespace

std::string name_of(const std::string& name, const std::string& city) {
  return city.empty() ? name : name + "[" + city + "]";
}

void foresee(const Scenario& scenario, const LabGraph& graph, const std::string& period,
             Expectation& expected) {
  expected.tells = scenario.tells;
  std::map<std::string, Fate>& fates = expected.fates[graph.name];
  fates.clear();
  for (const LabJob& job : graph.jobs)
    for (const std::string& city : cities_of(scenario, job)) {
      const Fate fate = fate_of(scenario, graph, job, city, fates);
      fates[name_of(job.name, city)] = fate;
      if (fate != Fate::good || job.approval) continue;
      expected.results[graph.name].insert(name_of(job.name, city));
      const std::string seen = seen_by(scenario, job, city, period, expected);
      const auto publish = [&](const std::string& dataset, const std::string& text) {
        if (dataset.empty()) return;
        const std::string content = text + "\n" + seen + city;
        expected.visible[name_of(dataset, city)] = "v1:" + sha256_hex(content).substr(0, 16);
        expected.makers[name_of(dataset, city)] = job.name;
      };
      publish(job.output, job.text);
      publish(job.evidence, "none");
    }
}

}  // namespace tallymill::crash
