#include "cli/graph_drawing.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/text.h"

namespace tallymill {
namespace {

std::string names_of(const std::vector<DatasetUse>& uses) {
  std::vector<std::string> names;
  for (const DatasetUse& use : uses)
    if (std::find(names.begin(), names.end(), use.dataset) == names.end())
      names.push_back(use.dataset);
  return join(names, ", ");
}

bool is_gate(const JobNode& job) {
  return !job.shape.gates.empty() && job.shape.on_fail != OnFail::warn;
}

std::string_view word(EdgeKind kind) {
  constexpr std::array<std::string_view, 3> kWords{"job", "data", "gate"};
  return kWords[static_cast<std::size_t>(kind)];
}

/// Calls visit(from, edge, to) for every edge, jobs in running order.
template <class Visit>
void for_each_edge(const Graph& graph, Visit visit) {
  for (JobIndex to : graph.order)
    for (const Edge& edge : graph.jobs[to].needs)
      visit(graph.jobs[edge.from].spec.name, edge, graph.jobs[to].spec.name);
}

}  // namespace

std::string draw_text(const Graph& graph) {
  std::size_t name_width = 0;
  std::size_t type_width = 0;
  for (const JobNode& job : graph.jobs) {
    name_width = std::max(name_width, job.spec.name.size());
    type_width = std::max(type_width, job.spec.type.size());
  }
  std::string text = graph.name + ", per " + std::string(to_string(graph.period));
  if (!graph.description.empty()) text += ": " + graph.description;
  text += "\n";
  for (JobIndex index : graph.order) {
    const JobNode& job = graph.jobs[index];
    std::string line = "  " + job.spec.name;
    line.append(name_width + 4 - line.size(), ' ');
    line += job.spec.type;
    line.append(name_width + type_width + 6 - line.size(), ' ');
    line += names_of(job.shape.inputs);
    if (!job.shape.outputs.empty()) line += " -> " + names_of(job.shape.outputs);
    if (is_gate(job)) line += "  [gate of " + job.shape.gates + "]";
    std::vector<std::string> after;
    for (const Edge& edge : job.needs)
      if (edge.kind == EdgeKind::job) after.push_back(graph.jobs[edge.from].spec.name);
    if (!after.empty()) line += "  [after " + join(after, ", ") + "]";
    while (line.ends_with(' ')) line.pop_back();
    text += line + "\n";
  }
  return text;
}

std::string draw_dot(const Graph& graph) {
  std::string text = "digraph \"" + graph.name + "\" {\n  rankdir=LR;\n  node [shape=box];\n";
  for (JobIndex index : graph.order) {
    const JobSpec& spec = graph.jobs[index].spec;
    text += "  \"" + spec.name + "\" [label=\"" + spec.name + "\\n" + spec.type + "\"];\n";
  }
  for_each_edge(graph, [&](const std::string& from, const Edge& edge, const std::string& to) {
    text += "  \"" + from + "\" -> \"" + to + "\"";
    if (edge.kind == EdgeKind::data) text += " [label=\"" + edge.dataset + "\"]";
    if (edge.kind == EdgeKind::gate)
      text += " [label=\"gate of " + edge.dataset + "\", style=dashed]";
    text += ";\n";
  });
  return text + "}\n";
}

std::string draw_mermaid(const Graph& graph) {
  // "end" and the like are words of Mermaid: numbered ids cannot collide with them.
  std::vector<std::string> ids(graph.jobs.size());
  std::string text = "flowchart LR\n";
  for (JobIndex index : graph.order) {
    const JobSpec& spec = graph.jobs[index].spec;
    ids[index] = "j" + std::to_string(index);
    text += "  " + ids[index] + "[\"" + spec.name + "<br/>" + spec.type + "\"]\n";
  }
  for (JobIndex to : graph.order)
    for (const Edge& edge : graph.jobs[to].needs) {
      text += "  " + ids[edge.from];
      if (edge.kind == EdgeKind::job) text += " --> ";
      if (edge.kind == EdgeKind::data) text += " -->|" + edge.dataset + "| ";
      if (edge.kind == EdgeKind::gate) text += " -.->|gate of " + edge.dataset + "| ";
      text += ids[to] + "\n";
    }
  return text;
}

json::object graph_json(const Graph& graph) {
  json::array jobs;
  for (JobIndex index : graph.order) {
    const JobNode& job = graph.jobs[index];
    json::array inputs, outputs, evidence;
    for (const DatasetUse& use : job.shape.inputs) inputs.emplace_back(use.dataset);
    for (const DatasetUse& use : job.shape.outputs) outputs.emplace_back(use.dataset);
    for (const DatasetUse& use : job.shape.evidence) evidence.emplace_back(use.dataset);
    jobs.push_back({{"job", job.spec.name},
                    {"type", job.spec.type},
                    {"inputs", std::move(inputs)},
                    {"outputs", std::move(outputs)},
                    {"evidence", std::move(evidence)},
                    {"gates", is_gate(job) ? job.shape.gates : std::string()}});
  }
  json::array edges;
  for_each_edge(graph, [&](const std::string& from, const Edge& edge, const std::string& to) {
    edges.push_back(
        {{"from", from}, {"to", to}, {"kind", word(edge.kind)}, {"dataset", edge.dataset}});
  });
  return {{"graph", graph.name},
          {"description", graph.description},
          {"period", to_string(graph.period)},
          {"jobs", std::move(jobs)},
          {"edges", std::move(edges)}};
}

}  // namespace tallymill
