// Trigger rules over whole graphs: what a run comes to is a function of what its jobs come to.
#include "scheduler/live_run.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

using namespace tallymill;

namespace {

/// A graph whose job i waits for some of those before it, by some rule, some of them for data.
std::shared_ptr<Graph> random_graph(const std::vector<std::uint32_t>& seeds) {
  auto graph = std::make_shared<Graph>();
  graph->name = "g";
  for (JobIndex i = 0; i < seeds.size(); ++i) {
    JobNode& node = graph->jobs.emplace_back();
    node.spec.name = "j" + std::to_string(1000 + i);
    node.when.rule = static_cast<TriggerRule>(seeds[i] % trigger_rule_names().size());
    for (JobIndex from = i > 5 ? i - 5 : 0; from < i; ++from) {
      const std::uint32_t bits = seeds[i] >> (4 + 2 * (i - from)) & 3;
      if (bits == 0) continue;
      node.needs.push_back({from, bits == 3 ? EdgeKind::data : EdgeKind::job, "d"});
    }
    for (const Edge& edge : node.needs) graph->jobs[edge.from].dependents.push_back(i);
    graph->order.push_back(i);
  }
  graph->index_names();
  return graph;
}

std::vector<std::string> names_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const JobNode& job : graph.jobs) names.push_back(job.spec.name);
  return names;
}

void advance(LiveRun& run, JobIndex index, bool fails, std::vector<JobIndex>& open) {
  if (run.trigger(index) == Trigger::skip) {
    run.move(index, JobRunState::skipped);
  } else {
    run.move(index, JobRunState::ready);
    run.move(index, JobRunState::running);
    run.move(index, fails ? JobRunState::failed : JobRunState::succeeded);
  }
  for (const JobIndex next : run.settle(index)) open.push_back(next);
}

/// What every job came to when those that can go on do so in an order that `picks` gives.
std::vector<std::string> outcome(const std::shared_ptr<Graph>& graph,
                                 const std::vector<std::uint32_t>& seeds,
                                 const std::vector<std::uint32_t>& picks) {
  LiveRun run(graph, {}, names_of(*graph));
  std::vector<JobIndex> open = run.start();
  for (std::size_t turn = 0; !open.empty(); ++turn) {
    const std::size_t at = (picks.empty() ? 0 : picks[turn % picks.size()]) % open.size();
    const JobIndex index = open[at];
    open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
    advance(run, index, seeds[index] >> 2 & 1, open);
  }
  RC_ASSERT(run.unfinished() == 0u);
  std::vector<std::string> states;
  for (JobIndex i = 0; i < run.size(); ++i)
    states.push_back(run.job(i).blocked ? "blocked" : std::string(to_string(run.job(i).state)));
  return states;
}

}  // namespace

TEST_CASE("live run: every job comes to an end or is blocked, the same in every order") {
  CHECK(rc::check(
      [](const std::vector<std::uint32_t>& seeds, const std::vector<std::uint32_t>& picks) {
        const auto graph = random_graph(seeds);
        std::vector<std::uint32_t> reversed(picks.rbegin(), picks.rend());
        RC_ASSERT(outcome(graph, seeds, picks) == outcome(graph, seeds, {}));
        RC_ASSERT(outcome(graph, seeds, reversed) == outcome(graph, seeds, {}));
      }));
}

TEST_CASE("live run: a run restored half-way goes on as if it had never stopped") {
  CHECK(rc::check([](const std::vector<std::uint32_t>& seeds, std::uint32_t stop) {
    const auto graph = random_graph(seeds);
    const auto expected = outcome(graph, seeds, {});
    LiveRun first(graph, {}, names_of(*graph));
    std::vector<JobIndex> open = first.start();
    for (std::size_t turn = 0; !open.empty() && turn < stop % (seeds.size() + 1); ++turn) {
      const JobIndex index = open.front();
      open.erase(open.begin());
      advance(first, index, seeds[index] >> 2 & 1, open);
    }
    LiveRun second(graph, {}, names_of(*graph));
    for (JobIndex i = 0; i < first.size(); ++i) second.restore(i, first.job(i).state);
    open = second.start();
    while (!open.empty()) {
      const JobIndex index = open.back();
      open.pop_back();
      advance(second, index, seeds[index] >> 2 & 1, open);
    }
    for (JobIndex i = 0; i < second.size(); ++i)
      RC_ASSERT((second.job(i).blocked ? "blocked" : std::string(to_string(second.job(i).state))) ==
                expected[i]);
  }));
}
