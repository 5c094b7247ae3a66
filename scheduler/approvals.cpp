#include "scheduler/approvals.h"

#include <algorithm>
#include <optional>

namespace tallymill {
namespace {

class Approvals {
 public:
  Approvals(const Graph& graph, StoreView& view, const RunRecord& of,
            const std::vector<PinnedVersion>& replaced, RerunChoice& choice)
      : graph_(graph), view_(view), of_(of), replaced_(replaced), choice_(choice) {}

  std::vector<CarriedApproval> settle() {
    // What one asks again may be what another is about.
    std::vector<CarriedApproval> carried;
    do carried.clear();
    while (ask_one(carried));
    return carried;
  }

 private:
  const std::string& name_of(JobIndex index) const { return graph_.jobs[index].spec.name; }
  bool is_chosen(JobIndex index) const { return choice_.reasons.contains(index); }

  /// Every job that comes before one for which `from` holds, not these themselves.
  std::vector<bool> before(auto from) const {
    std::vector<bool> before(graph_.jobs.size());
    for (auto index = graph_.order.rbegin(); index != graph_.order.rend(); ++index)
      if (before[*index] || from(*index))
        for (const Edge& edge : graph_.jobs[*index].needs) before[edge.from] = true;
    return before;
  }

  /// False: every approval before the chosen jobs is chosen, too, or carried over.
  bool ask_one(std::vector<CarriedApproval>& carried) {
    const std::vector<bool> above = before([&](JobIndex index) { return is_chosen(index); });
    for (const JobIndex index : graph_.order) {
      if (!graph_.jobs[index].shape.waits_for_person || !above[index] || is_chosen(index)) continue;
      const ChoiceReason reason = reason_to_ask(index, carried);
      if (reason.code.empty()) continue;
      choice_.reasons.emplace(index, reason);
      add_between(index, above);
      return true;
    }
    return false;
  }

  /// Jobs wait only for those of their run: what lies between is part of it, too.
  void add_between(JobIndex approval, const std::vector<bool>& above) {
    std::vector<bool> after(graph_.jobs.size());
    after[approval] = true;
    for (const JobIndex index : graph_.order)
      for (const Edge& edge : graph_.jobs[index].needs)
        if (after[edge.from]) after[index] = true;
    for (const JobIndex index : graph_.order)
      if (after[index] && above[index])
        choice_.reasons.emplace(index, ChoiceReason{"after", "after " + name_of(approval)});
  }

  /// The last word about the approval in a run of the graph and period.
  std::optional<JobRunRecord> last_word(JobIndex approval) const {
    std::vector<RunRecord> runs = view_.runs(of_.graph, of_.period);
    for (auto run = runs.rbegin(); run != runs.rend(); ++run)
      for (const JobRunRecord& record : view_.job_runs(run->id))
        if (record.job == name_of(approval) && is_final(record.state) &&
            record.state != JobRunState::cancelled)
          return record;
    return std::nullopt;
  }

  std::int64_t event_of(const JobRunRecord& word) const {
    const auto rows = view_.database().select(
        "select coalesce(max(number), 0) from event where number > :p0 and run = :p1"
        " and job = :p2 and kind in ('job_approved', 'job_marked')",
        "i", {view_.run(word.run)->event, word.run, word.job});
    return rows.at(0).integer(0);
  }

  /// The first dataset of which something was published after `event`; empty: none was.
  std::string published_since(JobIndex approval, std::int64_t event) const {
    const auto is_newer = [&](const std::string& dataset, const std::string& partition) {
      const auto visible = view_.visible(dataset, of_.period, partition);
      return visible && visible->event > event;
    };
    const JobNode& node = graph_.jobs[approval];
    for (const DatasetUse& use : node.shape.inputs)
      if (is_newer(use.dataset, node.partition) || is_newer(use.dataset, "")) return use.dataset;
    const std::vector<bool> above = before([&](JobIndex index) { return index == approval; });
    for (const JobIndex index : graph_.order)
      for (const DatasetUse& use : graph_.jobs[index].shape.outputs)
        if (above[index] && is_newer(use.dataset, graph_.jobs[index].partition)) return use.dataset;
    return {};
  }

  bool looks_at(JobIndex approval, const std::string& dataset) const {
    const std::vector<DatasetUse>& inputs = graph_.jobs[approval].shape.inputs;
    return std::any_of(inputs.begin(), inputs.end(),
                       [&](const DatasetUse& use) { return use.dataset == dataset; });
  }

  /// An empty code: it need not be asked again.
  ChoiceReason reason_to_ask(JobIndex approval, std::vector<CarriedApproval>& carried) const {
    const auto word = last_word(approval);
    if (word && word->state == JobRunState::skipped) return {};
    if (!word) return {"approval_missing", "nobody has approved it"};
    const std::string in_run = " in run " + word->run;
    if (!is_good(word->state)) return {"asked_again", word->reason + in_run};
    const std::vector<bool> above = before([&](JobIndex index) { return index == approval; });
    for (const JobIndex index : graph_.order)
      if (above[index] && is_chosen(index))
        return {"asked_again", "what it is about may change: " + name_of(index)};
    for (const PinnedVersion& version : replaced_)
      if (looks_at(approval, version.dataset))
        return {"asked_again", "what it is about may change: '" + version.dataset + "'"};
    if (const std::string dataset = published_since(approval, event_of(*word)); !dataset.empty())
      return {"asked_again", "'" + dataset + "' has changed since it was " + word->reason + in_run};
    carried.push_back({name_of(approval), word->run, word->reason});
    return {};
  }

  const Graph& graph_;
  StoreView& view_;
  const RunRecord& of_;
  const std::vector<PinnedVersion>& replaced_;
  RerunChoice& choice_;
};

}  // namespace

std::vector<CarriedApproval> ask_again(const Graph& graph, StoreView& view, const RunRecord& of,
                                       const std::vector<PinnedVersion>& replaced,
                                       RerunChoice& choice) {
  const bool has_any = std::any_of(graph.jobs.begin(), graph.jobs.end(),
                                   [](const JobNode& job) { return job.shape.waits_for_person; });
  if (!has_any) return {};
  return Approvals(graph, view, of, replaced, choice).settle();
}

}  // namespace tallymill
