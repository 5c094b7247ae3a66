#include "scheduler/plan.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/text.h"

namespace tallymill {
namespace {

std::string_view word(EdgeKind kind) {
  switch (kind) {
    case EdgeKind::job:
      return "job";
    case EdgeKind::data:
      return "data";
    case EdgeKind::gate:
      break;
  }
  return "gate";
}

using Row = std::array<std::string, 5>;

/// Columns as wide as their widest cell; the last one is not padded, empty columns are left out.
std::string table(const std::vector<Row>& rows) {
  std::array<std::size_t, 5> width{};
  std::array<bool, 5> is_used{};
  std::size_t bytes = 0;
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      width[i] = std::max(width[i], display_width(row[i]));
      is_used[i] = is_used[i] || (&row != &rows.front() && !row[i].empty());
      bytes += row[i].size();
    }
  std::string text;
  text.reserve(bytes + rows.size() * 16);
  for (const Row& row : rows) {
    // Blanks are written when something comes after them.
    std::size_t blanks = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!is_used[i]) continue;
      blanks += 2;
      if (row[i].empty()) {
        blanks += width[i];
        continue;
      }
      text.append(blanks, ' ').append(row[i]);
      blanks = width[i] - display_width(row[i]);
    }
    text += '\n';
  }
  return text;
}

}  // namespace

Plan make_plan(std::shared_ptr<const Graph> graph, const Period& period, const PlanJudge& judge) {
  if (period.kind() != graph->period)
    throw Error(ErrorClass::config,
                "graph '" + graph->name + "' runs per " + std::string(to_string(graph->period)) +
                    ", and '" + period.text() + "' is a " + std::string(to_string(period.kind())));
  Plan plan{std::move(graph), period, {}};
  plan.entries.reserve(plan.graph->order.size());
  for (JobIndex job : plan.graph->order)
    plan.entries.push_back(judge ? judge(job) : PlanEntry{.job = job, .reason = {}});
  return plan;
}

std::vector<std::string> waits_for(const Graph& graph, JobIndex job) {
  std::vector<std::string> names;
  for (const Edge& edge : graph.jobs[job].needs) {
    std::string name = graph.jobs[edge.from].spec.name;
    if (edge.kind == EdgeKind::gate) name += " (gate of " + edge.dataset + ")";
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
  }
  return names;
}

std::string plan_text(const Plan& plan) {
  std::vector<Row> rows{{"job", "type", "waits for", "action", "reason"}};
  rows.reserve(1 + plan.entries.size());
  for (const PlanEntry& entry : plan.entries) {
    const JobSpec& spec = plan.graph->jobs[entry.job].spec;
    rows.push_back({spec.name, spec.type, join(waits_for(*plan.graph, entry.job), ", "),
                    entry.action, entry.reason});
  }
  const std::string count = std::to_string(plan.entries.size());
  return plan.graph->name + " " + plan.period.text() + ": " + count +
         (plan.entries.size() == 1 ? " job" : " jobs") + "\n" + table(rows);
}

json::object plan_json(const Plan& plan) {
  json::array jobs;
  for (const PlanEntry& entry : plan.entries) {
    const JobNode& node = plan.graph->jobs[entry.job];
    json::array needs;
    for (const Edge& edge : node.needs) {
      json::object need{{"job", plan.graph->jobs[edge.from].spec.name}, {"kind", word(edge.kind)}};
      if (!edge.dataset.empty()) need["dataset"] = edge.dataset;
      needs.push_back(std::move(need));
    }
    json::object job{{"job", node.spec.name},
                     {"type", node.spec.type},
                     {"waits_for", std::move(needs)},
                     {"action", entry.action},
                     {"reason", entry.reason}};
    if (!node.partition.empty()) job["partition"] = node.partition;
    jobs.push_back(std::move(job));
  }
  return {{"graph", plan.graph->name}, {"period", plan.period.text()}, {"jobs", std::move(jobs)}};
}

}  // namespace tallymill
