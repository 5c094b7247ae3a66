// Laws of whole runs in virtual time: the loop, the store and the folders are the real ones.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "tests/scheduler/virtual_fixture.h"

using namespace tallymill;
using std::chrono::microseconds;

namespace {

/// A random graph: what each job reads, and with which class it fails for good, if it does.
struct Drawn {
  std::vector<std::vector<int>> reads;
  std::vector<bool> fails;
};

Drawn draw_graph(int most) {
  Drawn graph;
  const int jobs = *rc::gen::inRange(1, most + 1);
  for (int i = 0; i < jobs; ++i) {
    std::vector<int> reads;
    for (int k = *rc::gen::inRange(0, 4); k > 0 && i > 0; --k)
      reads.push_back(*rc::gen::inRange(0, i));
    std::sort(reads.begin(), reads.end());
    reads.erase(std::unique(reads.begin(), reads.end()), reads.end());
    graph.reads.push_back(reads);
    graph.fails.push_back(*rc::gen::inRange(0, 8) == 0);
  }
  return graph;
}

std::string name(int job) { return "j" + std::to_string(job); }

/// `priorities`: of the jobs; they change the order only.
std::string yaml_of(const Drawn& graph, const std::vector<int>& priorities) {
  std::string yaml;
  for (std::size_t i = 0; i < graph.reads.size(); ++i) {
    const int job = static_cast<int>(i);
    yaml += "  " + name(job) + ":\n    type: test\n    priority: " + std::to_string(priorities[i]) +
            "\n    outputs: { d" + name(job) + ": " + name(job) + " }\n    tags: [result]\n";
    if (graph.reads[i].empty()) continue;
    yaml += "    reads: [";
    for (const int read : graph.reads[i])
      yaml += (read == graph.reads[i].front() ? "d" : ", d") + name(read);
    yaml += "]\n";
  }
  return yaml;
}

int number_of(const Task& task) { return std::stoi(task.job.substr(1)); }
int attempt_of(const Task& task) { return std::stoi(task.folder.extension().string().substr(1)); }

VirtualEnd failure(ErrorClass error_class, microseconds takes) {
  VirtualEnd end{.takes = takes, .result = {}};
  end.result.outcome = TaskOutcome::failed;
  end.result.error_class = error_class;
  end.result.error = "it fails";
  return end;
}

std::vector<int> draw_numbers(std::size_t count, int below) {
  return *rc::gen::container<std::vector<int>>(count, rc::gen::inRange(0, below));
}

/// The graph with its own failures only, in whatever order these durations make.
VirtualRun run_in_order(const Drawn& graph) {
  const std::vector<int> durations = draw_numbers(graph.reads.size(), 50);
  const VirtualFixture fixture(*rc::gen::inRange(1, 6),
                               yaml_of(graph, draw_numbers(graph.reads.size(), 4)));
  return fixture.run([&](const Task& task) {
    const auto job = static_cast<std::size_t>(number_of(task));
    const microseconds takes(durations[job]);
    return graph.fails[job] ? failure(ErrorClass::data, takes) : virtual_success(task, takes);
  });
}

}  // namespace

TEST_CASE("virtual run: time passes as the work says, and slots are never exceeded") {
  const VirtualFixture fixture(2, yaml_of({{{}, {}, {}, {0, 1, 2}}, {}}, {0, 0, 0, 0}));
  const VirtualRun run =
      fixture.run([](const Task& task) { return virtual_success(task, std::chrono::minutes(30)); });
  CHECK(run.verdict == RunVerdict::ok);
  CHECK(run.took == std::chrono::minutes(90));
  CHECK(run.most_at_once == 2);
}

TEST_CASE("virtual run: the order of independent jobs does not matter") {
  CHECK(rc::check("order", [] {
    const Drawn graph = draw_graph(12);
    const VirtualRun first = run_in_order(graph);
    const VirtualRun second = run_in_order(graph);
    RC_ASSERT(first.states == second.states);
    RC_ASSERT(first.digests == second.digests);
    RC_ASSERT(first.verdict == second.verdict);
  }));
}

TEST_CASE("virtual run: a retried job leaves what it would have left at once") {
  CHECK(rc::check("retries", [] {
    const Drawn graph = draw_graph(8);
    const VirtualRun undisturbed = run_in_order(graph);
    const std::vector<int> tries = draw_numbers(graph.reads.size(), 4);
    const std::vector<int> manners = draw_numbers(graph.reads.size(), 3);
    const VirtualFixture fixture(2, yaml_of(graph, draw_numbers(graph.reads.size(), 1)),
                                 "defaults: { retries: 3, backoff: { first: 1s } }\n");
    const VirtualRun run = fixture.run([&](const Task& task) {
      const auto job = static_cast<std::size_t>(number_of(task));
      if (attempt_of(task) <= tries[job]) {
        if (manners[job] == 0) return failure(ErrorClass::transient, microseconds(1));
        // It dies: with its data staged, or even with all of it, the result but not written.
        VirtualEnd end = virtual_success(task, microseconds(1));
        end.leaves_no_result = true;
        if (manners[job] == 1) end.files.clear();
        return end;
      }
      return graph.fails[job] ? failure(ErrorClass::data, microseconds(1))
                              : virtual_success(task, microseconds(1));
    });
    RC_ASSERT(run.states == undisturbed.states);
    RC_ASSERT(run.digests == undisturbed.digests);
    for (const auto& [dataset, versions] : run.versions) RC_ASSERT(versions == 1);
  }));
}

TEST_CASE("virtual run: a result of another epoch is never published") {
  CHECK(rc::check("epochs", [] {
    const int wrong = *rc::gen::inRange(0, 4);
    const VirtualFixture fixture(1, yaml_of({{{}, {0}}, {}}, {0, 0}));
    const auto zombie = [&](const Task& task) {
      VirtualEnd end = virtual_success(task, microseconds(1));
      end.result.attempt = task.attempt;
      end.result.epoch = task.epoch;
      if (wrong == 0) end.result.attempt += "x";
      if (wrong == 1) --end.result.epoch.number;
      if (wrong == 2) end.result.epoch.nonce = std::string(32, '0');
      if (wrong == 3) end.result.epoch.store_id = std::string(32, '0');
      return end;
    };
    const VirtualRun run = fixture.run(zombie);
    RC_ASSERT(run.verdict == RunVerdict::failed);
    RC_ASSERT(run.digests.empty());
    RC_ASSERT(!std::filesystem::exists(fixture.state() / "datasets" / "dj0"));
    // The next run is none the worse for it.
    const VirtualRun next =
        fixture.run([](const Task& task) { return virtual_success(task, microseconds(1)); });
    RC_ASSERT(next.verdict == RunVerdict::ok);
    RC_ASSERT(next.digests.size() == 2U);
  }));
}

TEST_CASE("virtual run: what a late zombie writes into its old folder changes nothing") {
  const VirtualFixture fixture(2, yaml_of({{{}, {0}}, {}}, {0, 0}),
                               "defaults: { retries: 1, timeout: 10s, backoff: { first: 1s } }\n");
  VirtualEnd late;
  std::filesystem::path old_folder;
  const VirtualRun run = fixture.run([&](const Task& task) {
    if (number_of(task) == 0 && attempt_of(task) == 1) {
      // Ended by its timeout, it comes back while its successor works.
      late = virtual_success(task, std::chrono::hours(1));
      late.result.attempt = task.attempt;
      late.result.epoch = task.epoch;
      old_folder = task.folder;
      return virtual_success(task, std::chrono::hours(1));
    }
    if (number_of(task) == 0)
      write_all(open_for_appending(old_folder / "result.json"),
                json::serialize(late.result.to_json()), old_folder);
    return virtual_success(task, std::chrono::seconds(5));
  });
  CHECK(run.verdict == RunVerdict::ok);
  CHECK(run.attempts == 3);
  CHECK(run.versions.at("dj0") == 1);
  CHECK(run.took == std::chrono::seconds(10 + 1 + 5 + 5));
}

TEST_CASE("virtual run: nothing is left to do the second time") {
  const VirtualFixture fixture(3, yaml_of({{{}, {0}, {0}, {1, 2}}, {}}, {0, 0, 0, 0}));
  const auto work = [](const Task& task) { return virtual_success(task, microseconds(7)); };
  const VirtualRun first = fixture.run(work);
  const VirtualRun second = fixture.run(work);
  CHECK(second.attempts == 0);
  CHECK(second.digests == first.digests);
  CHECK(second.states.at("j3") == JobRunState::up_to_date);
}

TEST_CASE("virtual run: a graph of 100,000 jobs runs through") {
  // A sanitizer takes ten times as long for each.
  constexpr int kJobs = kIsSanitized ? 5'000 : 100'000;
  constexpr int kWidth = 316;
  std::string jobs;
  for (int i = 0; i < kJobs; ++i) {
    jobs += "  " + name(i) + ":\n    type: test\n";
    if (i >= kWidth)
      jobs += "    needs: [" + name((i / kWidth - 1) * kWidth + (i * 7919) % kWidth) + "]\n";
  }
  const VirtualFixture fixture(64, jobs);
  const VirtualRun run =
      fixture.run([](const Task& task) { return virtual_success(task, std::chrono::minutes(1)); });
  CHECK(run.verdict == RunVerdict::ok);
  CHECK(run.attempts == kJobs);
  CHECK(run.most_at_once == 64);
}
