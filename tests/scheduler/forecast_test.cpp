#include "scheduler/forecast.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

using namespace tallymill;

namespace {

using std::chrono::milliseconds;

struct Sketch {
  Graph graph;
  ForecastRequest request;

  JobIndex job(const std::string& name, std::vector<std::int64_t> history,
               const std::vector<JobIndex>& after = {}, const std::string& pool = "cpu") {
    const auto index = static_cast<JobIndex>(graph.jobs.size());
    JobNode& node = graph.jobs.emplace_back();
    node.spec.name = name;
    node.resource_pool = pool;
    for (const JobIndex before : after) {
      node.needs.push_back({before, EdgeKind::job, {}});
      graph.jobs[before].dependents.push_back(index);
    }
    ForecastJob asked{.job = index, .history = {}};
    for (const std::int64_t sample : history) asked.history.emplace_back(sample);
    request.jobs.push_back(std::move(asked));
    return index;
  }
  Forecast play(int slots) {
    request.graph = &graph;
    request.slots = slots;
    return forecast(request);
  }
};

}  // namespace

TEST_CASE("forecast: jobs that always take as long end when the slots allow it") {
  Sketch sketch;
  const JobIndex a = sketch.job("a", {100});
  const JobIndex b = sketch.job("b", {300}, {a});
  const JobIndex c = sketch.job("c", {50}, {a});
  const JobIndex d = sketch.job("d", {10}, {b, c});
  const Forecast wide = sketch.play(4);
  CHECK(wide.p50 == milliseconds(410));
  CHECK(wide.p90 == milliseconds(410));
  CHECK(wide.critical_path == std::vector<JobIndex>{a, b, d});
  CHECK(wide.jobs[c].p50 == milliseconds(150));
  CHECK(wide.jobs[c].critical_ratio == 0);
  CHECK(wide.jobs[b].critical_ratio == 1);
  const Forecast narrow = sketch.play(1);
  CHECK(narrow.p50 == milliseconds(460));
  CHECK(narrow.critical_path == std::vector<JobIndex>{a, b, c, d});
}

TEST_CASE("forecast: half of the runs end by P50, nine tenths by P90") {
  Sketch sketch;
  sketch.job("a", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  const Forecast outlook = sketch.play(1);
  CHECK(outlook.trials == 1000);
  CHECK(outlook.p50 >= milliseconds(4));
  CHECK(outlook.p50 <= milliseconds(6));
  CHECK(outlook.p90 >= milliseconds(8));
  CHECK(outlook.p90 <= milliseconds(10));
}

TEST_CASE("forecast: a deadline is missed as often as the job takes longer") {
  Sketch sketch;
  const JobIndex a = sketch.job("a", {10, 10, 10, 90});
  sketch.request.jobs[a].deadlines = {milliseconds(5), milliseconds(50), milliseconds(100)};
  const JobOutlook outlook = sketch.play(1).jobs[a];
  REQUIRE(outlook.missed_ratios.size() == 3);
  CHECK(outlook.missed_ratios[0] == 1);
  CHECK(outlook.missed_ratios[1] > 0.2);
  CHECK(outlook.missed_ratios[1] < 0.3);
  CHECK(outlook.missed_ratios[2] == 0);
}

TEST_CASE("forecast: what is at work counts from when it began, what is unknown as the middle") {
  Sketch sketch;
  const JobIndex a = sketch.job("a", {100, 200});
  sketch.request.jobs[a].is_running = true;
  sketch.request.jobs[a].ran = milliseconds(150);
  CHECK(sketch.play(1).p50 == milliseconds(50));
  sketch.request.jobs[a].ran = milliseconds(500);
  CHECK(sketch.play(1).p50 == milliseconds(50));
  sketch.job("b", {}, {a});
  const Forecast outlook = sketch.play(1);
  CHECK(outlook.jobs[1].samples == 0);
  CHECK(outlook.p50 == milliseconds(150));
}

TEST_CASE("forecast: a pool of one lets its jobs go one by one") {
  Sketch sketch;
  for (int i = 0; i < 4; ++i) sketch.job("db" + std::to_string(i), {100}, {}, "db");
  sketch.job("free", {100});
  sketch.request.pools = {{"db", 1}};
  CHECK(sketch.play(8).p50 == milliseconds(400));
  sketch.request.pools.clear();
  CHECK(sketch.play(8).p50 == milliseconds(100));
}

TEST_CASE("forecast: the same request has the same forecast, within the bounds of any schedule") {
  CHECK(rc::check([](const std::vector<std::uint16_t>& shape, std::uint64_t seed) {
    Sketch sketch;
    std::vector<std::int64_t> longest;
    std::int64_t all = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(shape.size(), 30); ++i) {
      std::vector<JobIndex> after;
      std::int64_t before = 0;
      for (std::size_t back = 1; back <= 3 && back <= i; ++back)
        if (shape[i] >> back & 1) {
          after.push_back(static_cast<JobIndex>(i - back));
          before = std::max(before, longest[i - back]);
        }
      const std::int64_t length = shape[i] % 50;
      sketch.job("j" + std::to_string(i), {length}, after);
      longest.push_back(before + length);
      all += length;
    }
    sketch.request.seed = seed;
    sketch.request.most_trials = 20;
    const int slots = 1 + static_cast<int>(seed % 4);
    const Forecast first = sketch.play(slots);
    const Forecast again = sketch.play(slots);
    RC_ASSERT(first.p50 == again.p50);
    RC_ASSERT(first.critical_path == again.critical_path);
    const std::int64_t path =
        longest.empty() ? 0 : *std::max_element(longest.begin(), longest.end());
    RC_ASSERT(first.p50.count() >= path);
    RC_ASSERT(first.p50.count() >= all / slots);
    RC_ASSERT(first.p50.count() <= all);
    RC_ASSERT(sketch.play(64).p50.count() == path);
    RC_ASSERT(sketch.play(1).p50.count() == all);
  }));
}
