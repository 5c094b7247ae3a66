// Real workflow traces in virtual time: with slots for all, a run takes as long as the trace's
// longest chain; with one slot, as long as all its tasks together.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/folders.h"
#include "tests/outside_data.h"
#include "tests/scheduler/virtual_fixture.h"

using namespace tallymill;

namespace {

/// A workflow of wfcommons.org's format 1.5.
struct Trace {
  std::vector<std::string> ids;
  std::map<std::string, std::vector<std::string>> parents;
  std::map<std::string, std::chrono::microseconds> runtimes;
};

Trace read_trace(const std::filesystem::path& file) {
  const json::value document = parse_json(read_file(file), file.string());
  const json::value& workflow = document.at("workflow");
  Trace trace;
  for (const json::value& task : workflow.at("specification").at("tasks").as_array()) {
    const std::string id(task.at("id").as_string());
    trace.ids.push_back(id);
    for (const json::value& parent : task.at("parents").as_array())
      trace.parents[id].emplace_back(parent.as_string());
  }
  for (const json::value& task : workflow.at("execution").at("tasks").as_array())
    trace.runtimes[std::string(task.at("id").as_string())] = std::chrono::microseconds(
        std::llround(task.at("runtimeInSeconds").to_number<double>() * 1e6));
  return trace;
}

double seconds_with_slots(const Trace& trace, int slots) {
  std::map<std::string, int> numbers;
  for (std::size_t i = 0; i < trace.ids.size(); ++i) numbers[trace.ids[i]] = static_cast<int>(i);
  std::string jobs;
  for (const std::string& id : trace.ids) {
    jobs += "  t" + std::to_string(numbers[id]) + ":\n    type: test\n    timeout: 10d\n";
    const auto parents = trace.parents.find(id);
    if (parents == trace.parents.end()) continue;
    jobs += "    needs: [";
    for (const std::string& parent : parents->second)
      jobs += (parent == parents->second.front() ? "t" : ", t") + std::to_string(numbers[parent]);
    jobs += "]\n";
  }
  const VirtualFixture fixture(slots, jobs);
  const VirtualRun run = fixture.run([&](const Task& task) {
    const auto number = static_cast<std::size_t>(std::stoi(task.job.substr(1)));
    return virtual_success(task, trace.runtimes.at(trace.ids[number]));
  });
  CHECK(run.verdict == RunVerdict::ok);
  CHECK(run.attempts == trace.ids.size());
  return std::chrono::duration<double>(run.took).count();
}

void check_trace(const std::filesystem::path& file, double critical_path, double sum) {
  CAPTURE(file.string());
  const Trace trace = read_trace(file);
  // The facts are rounded to milliseconds.
  const double unlimited = seconds_with_slots(trace, static_cast<int>(trace.ids.size()));
  CHECK(std::abs(unlimited - critical_path) < 0.001);
  CHECK(std::abs(seconds_with_slots(trace, 1) - sum) < 0.001);
}

}  // namespace

TEST_CASE("traces: a small one, kept here, takes its longest chain or the sum of its tasks") {
  const auto file = std::filesystem::path(kSourceFolder) /
                    "tests/data/wfinstances/helloworld-forkjoin-10-chameleon.json";
  check_trace(file, 307.36, 1028.704);
}

TEST_CASE("traces: ten real workflows take their longest chain or the sum of their tasks") {
  const auto facts = outside_data("facts.json");
  const auto folder = outside_data("dag/wfinstances");
  if (!facts || !folder) return;
  int traces = 0;
  const json::value document = parse_json(read_file(*facts), "facts.json");
  for (const json::value& graph : document.at("graphs").as_array()) {
    const std::string name(graph.at("name").as_string());
    if (!name.starts_with("dag/wfinstances/")) continue;
    ++traces;
    check_trace(*folder / std::filesystem::path(name).filename(),
                graph.at("critical_path").to_number<double>(),
                graph.at("sum_runtime").to_number<double>());
  }
  CHECK(traces == 10);
}
