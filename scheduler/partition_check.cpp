#include "scheduler/partition_check.h"

#include <algorithm>

#include "core/text.h"

namespace tallymill {
namespace {

class PartitionCheck {
 public:
  PartitionCheck(std::span<const GraphDraft> drafts, const DatasetIndex& datasets,
                 Diagnostics& diagnostics)
      : drafts_(drafts), datasets_(datasets), diagnostics_(diagnostics) {}

  void check() {
    for (const GraphDraft& draft : drafts_)
      for (JobIndex j = 0; draft.graph && j < draft.graph->jobs.size(); ++j)
        check_job(draft.graph->jobs[j]);
  }

 private:
  const JobNode& job(JobRef ref) const { return drafts_[ref.graph].graph->jobs[ref.job]; }

  void check_job(const JobNode& reader) {
    check_place(reader);
    for (const DatasetUse& use : reader.shape.inputs) {
      const auto found = datasets_.find(use.dataset);
      if (found == datasets_.end()) continue;
      const JobNode& writer = job(found->second.writer);
      if (reader.axis && writer.axis) check_axes(reader, writer, use);
      if (reader.shape.gates == use.dataset && reader.axis && !writer.axis &&
          reader.shape.on_fail != OnFail::warn)
        diagnostics_.error(use.where,
                           "job '" + reader.spec.name + "' judges '" + use.dataset + "' once per " +
                               reader.axis->name + ", but that dataset is not partitioned",
                           "write 'partition: none', or 'on_fail: warn'");
      check_alias(use);
    }
  }

  /// Partitions that write outside must not write over each other.
  void check_place(const JobNode& job) {
    if (!job.axis || !job.shape.has_outside_effect) return;
    const YamlNode path = job.spec.options.node().find("to").find("path");
    if (!path.is_scalar() || path.text().find("partition") != std::string_view::npos) return;
    diagnostics_.error(path.position(),
                       "each " + job.axis->name + " would write over the same file",
                       "name the partition in it: ${partition}");
  }

  void check_axes(const JobNode& reader, const JobNode& writer, const DatasetUse& use) {
    if (reader.axis->name != writer.axis->name)
      return diagnostics_.error(
          use.where,
          "dataset '" + use.dataset + "' is partitioned by " + writer.axis->name + ", but job '" +
              reader.spec.name + "' by " + reader.axis->name,
          "let a job that is not partitioned bring the partitions together first");
    if (writer.axis->is_listed()) return;
    std::vector<std::string> missing;
    for (const std::string& value : reader.axis->values)
      if (!writer.axis->has(value)) missing.push_back(value);
    if (missing.empty()) return;
    diagnostics_.error(use.where,
                       "nobody makes dataset '" + use.dataset + "' for " + reader.axis->name + " " +
                           join(missing, ", "),
                       "add it to 'values' of job '" + writer.spec.name + "'");
  }

  void check_alias(const DatasetUse& use) {
    if (use.as.empty() || use.as == use.dataset || !datasets_.contains(use.as)) return;
    diagnostics_.error(use.where, "'as: " + use.as + "' is the name of a dataset",
                       "call the input something else");
  }

  std::span<const GraphDraft> drafts_;
  const DatasetIndex& datasets_;
  Diagnostics& diagnostics_;
};

}  // namespace

void check_partitions(std::span<const GraphDraft> drafts, const DatasetIndex& datasets,
                      Diagnostics& diagnostics) {
  PartitionCheck(drafts, datasets, diagnostics).check();
}

}  // namespace tallymill
