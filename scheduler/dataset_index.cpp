#include "scheduler/dataset_index.h"

#include <algorithm>
#include <set>

#include "core/text.h"
#include "scheduler/period_choice.h"

namespace tallymill {
namespace {

/// The tag of jobs whose datasets are made for people and need no reader.
constexpr std::string_view kResultTag = "result";
/// A search for near names looks at every name: worth it for the problems people read first.
constexpr int kMostSuggestions = 100;

class Indexer {
 public:
  Indexer(std::span<const GraphDraft> drafts, Diagnostics& diagnostics)
      : drafts_(drafts), diagnostics_(diagnostics) {}

  DatasetIndex index() {
    for_each_job([this](JobRef ref) { add_outputs(ref); });
    for_each_job([this](JobRef ref) { add_inputs(ref); });
    for_each_job([this](JobRef ref) { add_gate(ref); });
    for (auto& [name, entry] : index_) {
      sort_once(entry.readers);
      sort_once(entry.waiting);
      sort_once(entry.gates);
      warn_if_unused(name, entry);
    }
    return std::move(index_);
  }

 private:
  template <class Visit>
  void for_each_job(Visit visit) {
    for (std::uint32_t g = 0; g < drafts_.size(); ++g) {
      if (!drafts_[g].graph) continue;
      for (JobIndex j = 0; j < drafts_[g].graph->jobs.size(); ++j) visit(JobRef{g, j});
    }
  }
  const Graph& graph(JobRef ref) const { return *drafts_[ref.graph].graph; }
  const JobNode& job(JobRef ref) const { return graph(ref).jobs[ref.job]; }
  bool is_sound(JobRef ref) const { return drafts_[ref.graph].is_sound[ref.job]; }

  static void sort_once(std::vector<JobRef>& refs) {
    std::sort(refs.begin(), refs.end());
    refs.erase(std::unique(refs.begin(), refs.end()), refs.end());
  }

  void add_outputs(JobRef ref) {
    const JobNode& node = job(ref);
    if (!is_sound(ref)) {
      has_unsound_job_ = true;
      unsound_names_.insert(node.spec.name);
      unsound_names_.emplace(node.spec.options.node().find("into").text());
    }
    for (const DatasetUse& output : node.shape.outputs) add_output(ref, output, false);
    for (const DatasetUse& output : node.shape.evidence) add_output(ref, output, true);
  }

  void add_output(JobRef ref, const DatasetUse& output, bool evidence) {
    const auto [at, is_new] =
        index_.try_emplace(output.dataset, DatasetEntry{ref, evidence, {}, {}, {}});
    if (is_new) return;
    const JobNode& first = job(at->second.writer);
    // Only the place of the second writer: quoting the first one too would report it twice.
    const bool named_by_job = output.dataset.starts_with(job(ref).spec.name + ".");
    diagnostics_.error(output.where,
                       "dataset '" + output.dataset + "' is already written by job '" +
                           first.spec.name + "' (" + place_of(at->second.writer, output.dataset) +
                           ")",
                       named_by_job ? "give one of the two jobs another name"
                                    : "every dataset has one writer; write 'into:' another name");
  }

  std::string place_of(JobRef ref, const std::string& dataset) const {
    const JobShape& shape = job(ref).shape;
    for (const auto* list : {&shape.outputs, &shape.evidence})
      for (const DatasetUse& use : *list)
        if (use.dataset == dataset) return use.where.text();
    return job(ref).spec.where.text();
  }

  void add_inputs(JobRef ref) {
    for (const DatasetUse& input : job(ref).shape.inputs) {
      const auto at = index_.find(input.dataset);
      if (at == index_.end()) {
        report_unknown(input);
        continue;
      }
      at->second.readers.push_back(ref);
      if (reads_own_period(input)) at->second.waiting.push_back(ref);
    }
  }

  void report_unknown(const DatasetUse& input) {
    // `<job>.rejects` and the `into:` of a job whose options are wrong come with that job.
    const std::string owner = input.dataset.substr(0, input.dataset.find('.'));
    if (unsound_names_.contains(owner) || unsound_names_.contains(input.dataset)) return;
    if (dataset_names_.empty())
      for (const auto& entry : index_) dataset_names_.push_back(entry.first);
    const std::string meant = ++suggestions_ > kMostSuggestions
                                  ? std::string()
                                  : did_you_mean(input.dataset, dataset_names_);
    diagnostics_.error(input.where, "no job writes dataset '" + input.dataset + "'",
                       meant.empty() ? "name a dataset that a job of some graph makes" : meant);
  }

  void add_gate(JobRef ref) {
    const JobShape& shape = job(ref).shape;
    if (shape.gates.empty() || shape.on_fail == OnFail::warn) return;
    const auto at = index_.find(shape.gates);
    if (at == index_.end()) {
      const bool is_input = std::any_of(shape.inputs.begin(), shape.inputs.end(),
                                        [&](auto& use) { return use.dataset == shape.gates; });
      if (!is_input) report_unknown({shape.gates, gate_position(ref)});
      return;
    }
    const Graph& home = graph(at->second.writer);
    if (at->second.writer.graph != ref.graph) {
      diagnostics_.error(gate_position(ref),
                         "job '" + job(ref).spec.name + "' gates dataset '" + shape.gates +
                             "', which graph '" + home.name + "' writes",
                         "move the job to '" + home.file + "', or write 'on_fail: warn'");
      return;
    }
    at->second.gates.push_back(ref);
    if (const auto rest = index_.find(shape.gated_output); rest != index_.end())
      rest->second.gates.push_back(ref);
  }

  SourcePosition gate_position(JobRef ref) const {
    const JobNode& node = job(ref);
    if (node.spec.options.has("gates")) return node.spec.options.position("gates");
    for (const DatasetUse& use : node.shape.inputs)
      if (use.dataset == node.shape.gates) return use.where;
    return node.spec.where;
  }

  void warn_if_unused(const std::string& name, const DatasetEntry& entry) {
    // `<job>.parked` and the like come with the job whether anybody wants them or not.
    if (!entry.readers.empty() || entry.evidence || name.find('.') != std::string::npos) return;
    if (has_unsound_job_) return;  // perhaps that one reads it
    const JobNode& writer = job(entry.writer);
    const YamlNode tags = writer.spec.options.node().find("tags");
    for (std::size_t i = 0; i < tags.size(); ++i)
      if (tags[i].text() == kResultTag) return;
    for (const DatasetUse& output : writer.shape.outputs)
      if (output.dataset == name)
        diagnostics_.warning(output.where, "no job reads dataset '" + name + "'",
                             "if it is made for people to read, write 'tags: [result]'");
  }

  std::span<const GraphDraft> drafts_;
  Diagnostics& diagnostics_;
  DatasetIndex index_;
  bool has_unsound_job_ = false;
  std::set<std::string, std::less<>> unsound_names_;
  std::vector<std::string> dataset_names_;
  int suggestions_ = 0;
};

}  // namespace

DatasetIndex index_datasets(std::span<const GraphDraft> drafts, Diagnostics& diagnostics) {
  return Indexer(drafts, diagnostics).index();
}

}  // namespace tallymill
