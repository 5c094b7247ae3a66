#include "scheduler/dependencies.h"

#include <algorithm>
#include <optional>

#include "core/text.h"
#include "core/text_problem.h"
#include "scheduler/job_order.h"

namespace tallymill {
namespace {

/// A search for near names looks at every name: worth it for the problems people read first.
constexpr int kMostSuggestions = 100;

class Linker {
 public:
  Linker(std::span<GraphDraft> drafts, const DatasetIndex& datasets, Diagnostics& diagnostics)
      : drafts_(drafts), datasets_(datasets), diagnostics_(diagnostics) {
    for (std::uint32_t g = 0; g < drafts_.size(); ++g) {
      first_.push_back(static_cast<std::uint32_t>(owner_.size()));
      owner_.resize(owner_.size() + (drafts_[g].graph ? drafts_[g].graph->jobs.size() : 0), g);
    }
  }

  void link() {
    for (std::uint32_t g = 0; g < drafts_.size(); ++g)
      if (drafts_[g].graph) add_needs(g);
    for (std::uint32_t g = 0; g < drafts_.size(); ++g)
      if (drafts_[g].graph) add_lists(g);
    for (const auto& [name, entry] : datasets_)
      for (JobRef reader : entry.waiting) add_edge(entry.writer, reader, EdgeKind::data, name);
    for (std::uint32_t g = 0; g < drafts_.size(); ++g)
      if (drafts_[g].graph) add_blocks(g);
    // Gates go last: who must not wait for a gate follows from the other edges.
    Ordering ordering = order_nodes(successors());
    const bool has_gates = std::any_of(datasets_.begin(), datasets_.end(), [](const auto& entry) {
      return !entry.second.gates.empty();
    });
    if (ordering.cycles.empty() && has_gates) {
      add_gates(ordering.order);
      ordering = order_nodes(successors());
    }
    for (const auto& cycle : ordering.cycles) report_cycle(cycle);
    for (std::uint32_t node : ordering.order)
      drafts_[owner_[node]].graph->order.push_back(node - first_[owner_[node]]);
    for (GraphDraft& draft : drafts_)
      if (draft.graph) finish(*draft.graph);
  }

 private:
  std::uint32_t number(JobRef ref) const { return first_[ref.graph] + ref.job; }
  const JobNode& job(std::uint32_t node) const {
    return drafts_[owner_[node]].graph->jobs[node - first_[owner_[node]]];
  }
  JobNode& job(JobRef ref) { return drafts_[ref.graph].graph->jobs[ref.job]; }

  /// Edges within a graph become JobNode::needs; those between graphs count for cycles only: at
  /// run time the version's visibility takes their place.
  void add_edge(JobRef from, JobRef to, EdgeKind kind, const std::string& dataset) {
    if (from.graph == to.graph)
      job(to).needs.push_back({from.job, kind, dataset});
    else
      between_graphs_.push_back({number(from), number(to)});
  }

  static std::optional<JobIndex> index_of(const Graph& graph, std::string_view name) {
    const JobNode* job = graph.find(name);
    if (!job) return std::nullopt;
    return static_cast<JobIndex>(job - graph.jobs.data());
  }

  void add_needs(std::uint32_t g) {
    Graph& graph = *drafts_[g].graph;
    graph.index_names();
    std::vector<bool> is_block_end(graph.jobs.size(), false);
    for (const BlockNode& block : graph.blocks) is_block_end[block.end] = true;
    for (JobIndex j = 0; j < graph.jobs.size(); ++j) {
      if (is_block_end[j]) continue;  // the block's begin waits for what the node waits for
      const YamlNode needs = graph.jobs[j].spec.options.node().find("needs");
      const std::size_t count = needs.is_scalar() ? 1 : needs.size();
      graph.jobs[j].needs.reserve(count);
      for (std::size_t i = 0; i < count; ++i) {
        const YamlNode name = needs.is_scalar() ? needs : needs[i];
        if (!name.is_scalar()) continue;  // reported
        const std::string& inside = graph.jobs[j].inside;
        if (const auto before = inside.empty() ? index_of(graph, name.text())
                                               : index_of(graph, inside + std::string(name.text())))
          add_edge({g, *before}, {g, j}, EdgeKind::job, {});
        else
          report_unknown_job(graph, name.text(), name.position(), "'needs'");
      }
      if (graph.jobs[j].when.condition) add_condition(g, j);
    }
  }

  /// A partition comes after the list that names it.
  void add_lists(std::uint32_t g) {
    const std::vector<JobNode>& jobs = drafts_[g].graph->jobs;
    for (JobIndex list = 0; list < jobs.size(); ++list)
      for (JobIndex j = 0; jobs[list].spec.type == kPartitionListType && j < jobs.size(); ++j)
        if (jobs[j].axis && jobs[j].axis->list_job == jobs[list].spec.name)
          add_edge({g, list}, {g, j}, EdgeKind::job, {});
  }

  /// What waits for nothing else inside a block waits for its begin, its end waits for all of it.
  void add_blocks(std::uint32_t g) {
    const Graph& graph = *drafts_[g].graph;
    for (const BlockNode& block : graph.blocks) {
      for (JobIndex j = block.begin + 1; j < block.end; ++j) {
        const auto& needs = graph.jobs[j].needs;
        const bool is_first = std::none_of(needs.begin(), needs.end(), [&](const Edge& edge) {
          return edge.from > block.begin && edge.from < block.end;
        });
        if (is_first) add_edge({g, block.begin}, {g, j}, EdgeKind::job, {});
        add_edge({g, j}, {g, block.end}, EdgeKind::job, {});
      }
      if (block.end == block.begin + 1)
        add_edge({g, block.begin}, {g, block.end}, EdgeKind::job, {});
    }
  }

  /// A job that a condition asks about is waited for, as if `needs:` named it.
  void add_condition(std::uint32_t g, JobIndex asking) {
    const Graph& graph = *drafts_[g].graph;
    const When& when = graph.jobs[asking].when;
    for (const ConditionJob& asked : when.condition->jobs()) {
      const SourcePosition where = place_within(when.text, asked.offset, asked.length);
      const auto before = index_of(graph, asked.job);
      if (!before) {
        report_unknown_job(graph, asked.job, where, "a condition");
        continue;
      }
      add_edge({g, *before}, {g, asking}, EdgeKind::job, {});
      if (asked.asks_gate && graph.jobs[*before].shape.gates.empty())
        diagnostics_.error(where, "job '" + asked.job + "' is no gate",
                           "passed() asks jobs with 'on_fail: block' or 'fail'; ask for "
                           "findings(" +
                               asked.job + ") == 0");
    }
  }

  void report_unknown_job(const Graph& graph, std::string_view name, const SourcePosition& where,
                          const std::string& who) {
    std::vector<std::string> names;
    if (++suggestions_ <= kMostSuggestions)
      for (const JobNode& node : graph.jobs) names.push_back(node.spec.name);
    const std::string meant = did_you_mean(name, names);
    diagnostics_.error(where, "graph '" + graph.name + "' has no job '" + std::string(name) + "'",
                       meant.empty() ? who + " names jobs of the same graph" : meant);
  }

  Successors successors() const {
    std::vector<Successors::Edge> edges;
    for (std::uint32_t node = 0; node < owner_.size(); ++node)
      for (const Edge& edge : job(node).needs)
        edges.push_back({first_[owner_[node]] + edge.from, node});
    edges.insert(edges.end(), between_graphs_.begin(), between_graphs_.end());
    return {owner_.size(), edges};
  }

  void add_gates(const std::vector<std::uint32_t>& order) {
    std::vector<std::uint32_t> place(order.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) place[order[i]] = i;
    std::vector<std::uint32_t> before_gate(order.size(), 0);  // number of the last gated dataset
    std::uint32_t count = 0;
    for (const auto& [name, entry] : datasets_) {
      if (entry.gates.empty()) continue;
      ++count;
      mark_before_gates(entry, place, count, before_gate);
      for (JobRef gate : entry.gates)
        for (JobRef reader : entry.waiting) {
          // A reader in another graph waits at run time, even one the gate depends on: that shows
          // as a cycle.
          const bool runs_before = before_gate[number(reader)] == count;
          const bool is_gate = std::binary_search(entry.gates.begin(), entry.gates.end(), reader);
          if (reader.graph != gate.graph || (!runs_before && !is_gate))
            add_edge(gate, reader, EdgeKind::gate, name);
        }
    }
  }

  /// Marks what the gates of `entry` depend on. Readers of the dataset come after its writer, so
  /// the search does not go further back than that.
  void mark_before_gates(const DatasetEntry& entry, const std::vector<std::uint32_t>& place,
                         std::uint32_t mark, std::vector<std::uint32_t>& before_gate) const {
    const std::uint32_t writer = place[number(entry.writer)];
    std::vector<std::uint32_t> open;
    for (JobRef gate : entry.gates) open.push_back(number(gate));
    while (!open.empty()) {
      const std::uint32_t node = open.back();
      open.pop_back();
      for (const Edge& edge : job(node).needs) {
        const std::uint32_t from = first_[owner_[node]] + edge.from;
        if (edge.kind == EdgeKind::gate || place[from] <= writer || before_gate[from] == mark)
          continue;
        before_gate[from] = mark;
        open.push_back(from);
      }
    }
  }

  void report_cycle(const std::vector<std::uint32_t>& cycle) {
    const bool crosses = std::any_of(cycle.begin(), cycle.end(), [&](std::uint32_t node) {
      return owner_[node] != owner_[cycle.front()];
    });
    std::string text = "jobs form a cycle: ";
    for (std::uint32_t node : cycle) text += label(node, crosses) + " -> ";
    text += label(cycle.front(), crosses);
    diagnostics_.error(position_of_need(cycle.back(), cycle.front()), std::move(text),
                       "an arrow points to the job that waits; remove one of them");
  }

  std::string label(std::uint32_t node, bool with_graph) const {
    const JobSpec& spec = job(node).spec;
    return with_graph ? spec.graph + "." + spec.name : spec.name;
  }

  /// Where job `to` says that it waits for job `from`.
  SourcePosition position_of_need(std::uint32_t from, std::uint32_t to) const {
    const JobSpec& spec = job(to).spec;
    const YamlNode needs = spec.options.node().find("needs");
    for (std::size_t i = 0; i < needs.size(); ++i)
      if (owner_[from] == owner_[to] && needs[i].text() == job(from).spec.name)
        return needs[i].position();
    if (owner_[from] == owner_[to] && needs.text() == job(from).spec.name && needs.is_scalar())
      return needs.position();
    if (const When& when = job(to).when; when.condition && owner_[from] == owner_[to])
      for (const ConditionJob& asked : when.condition->jobs())
        if (asked.job == job(from).spec.name)
          return place_within(when.text, asked.offset, asked.length);
    for (const DatasetUse& use : job(to).shape.inputs) {
      const auto it = datasets_.find(use.dataset);
      if (it == datasets_.end()) continue;
      if (number(it->second.writer) == from) return use.where;
      for (JobRef gate : it->second.gates)
        if (number(gate) == from) return use.where;
    }
    return spec.where;
  }

  /// Sorts needs, and fills dependents from them.
  static void finish(Graph& graph) {
    std::vector<std::uint32_t> waiting(graph.jobs.size(), 0);
    for (const JobNode& job : graph.jobs)
      for (const Edge& edge : job.needs) ++waiting[edge.from];
    for (JobIndex j = 0; j < graph.jobs.size(); ++j) graph.jobs[j].dependents.reserve(waiting[j]);
    for (JobIndex j = 0; j < graph.jobs.size(); ++j) {
      auto& needs = graph.jobs[j].needs;
      const auto key = [](const Edge& edge) {
        return std::tie(edge.from, edge.kind, edge.dataset);
      };
      std::sort(needs.begin(), needs.end(),
                [&](const Edge& a, const Edge& b) { return key(a) < key(b); });
      needs.erase(std::unique(needs.begin(), needs.end(),
                              [&](const Edge& a, const Edge& b) { return key(a) == key(b); }),
                  needs.end());
      for (const Edge& edge : needs) {
        auto& dependents = graph.jobs[edge.from].dependents;
        if (dependents.empty() || dependents.back() != j) dependents.push_back(j);
      }
    }
  }

  std::span<GraphDraft> drafts_;
  const DatasetIndex& datasets_;
  Diagnostics& diagnostics_;
  std::vector<std::uint32_t> first_;  ///< number of a graph's first job
  std::vector<std::uint32_t> owner_;  ///< a job number's graph
  std::vector<Successors::Edge> between_graphs_;
  int suggestions_ = 0;
};

}  // namespace

void link_jobs(std::span<GraphDraft> drafts, const DatasetIndex& datasets,
               Diagnostics& diagnostics) {
  Linker(drafts, datasets, diagnostics).link();
}

}  // namespace tallymill
