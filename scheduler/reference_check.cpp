#include "scheduler/reference_check.h"

#include <algorithm>
#include <unordered_set>

#include "core/text.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

class ReferenceCheck {
 public:
  ReferenceCheck(const Workspace& workspace, std::span<GraphDraft> drafts, Diagnostics& diagnostics)
      : root_(workspace.root), drafts_(drafts), diagnostics_(diagnostics) {
    for (const auto& entry : workspace.connectors) connectors_.push_back(entry.first);
  }

  void check() {
    for (GraphDraft& draft : drafts_) {
      if (!draft.graph) continue;
      for (JobNode& job : draft.graph->jobs) {
        check_files(job.shape);
        for (const DatasetUse& use : job.shape.connectors) check_connector(use);
      }
    }
  }

 private:
  void check_files(JobShape& shape) {
    std::erase_if(shape.files, [&](const FileUse& use) {
      if (exists(use.path)) return false;
      if (const std::string dataset = table_name(use.path); is_made(dataset)) {
        shape.inputs.push_back({dataset, use.where});
        return true;
      }
      const std::vector<std::string> siblings = files_beside(use.path);
      const std::string meant = did_you_mean(use.path, siblings);
      diagnostics_.error(use.where, "there is no file '" + use.path + "' in the workspace",
                         meant.empty() ? "make it, or name one that exists" : meant);
      return false;
    });
  }

  bool exists(const std::string& path) {
    const auto [known, is_new] = exists_.try_emplace(path, false);
    if (is_new) known->second = fs::is_regular_file(root_ / path);
    return known->second;
  }

  /// "org" of "tables/org.csv"; empty for other paths.
  static std::string table_name(const std::string& path) {
    constexpr std::string_view kFolder = "tables/";
    constexpr std::string_view kEnding = ".csv";
    if (!path.starts_with(kFolder) || !path.ends_with(kEnding)) return {};
    return path.substr(kFolder.size(), path.size() - kFolder.size() - kEnding.size());
  }

  bool is_made(const std::string& dataset) {
    if (made_.empty())
      for (const GraphDraft& draft : drafts_) {
        if (!draft.graph) continue;
        for (const JobNode& job : draft.graph->jobs)
          for (const auto* uses : {&job.shape.outputs, &job.shape.evidence})
            for (const DatasetUse& use : *uses) made_.insert(use.dataset);
      }
    return made_.contains(dataset);
  }

  std::vector<std::string> files_beside(const std::string& path) const {
    const fs::path folder = fs::path(path).parent_path();
    const std::string ending = fs::path(path).extension().string();
    std::vector<std::string> names;
    std::error_code ignored;  // no folder: no names
    for (const auto& entry : fs::directory_iterator(root_ / folder, ignored))
      if (entry.path().extension() == ending)
        names.push_back((folder / entry.path().filename()).string());
    std::sort(names.begin(), names.end());
    return names;
  }

  void check_connector(const DatasetUse& use) {
    if (std::binary_search(connectors_.begin(), connectors_.end(), use.dataset)) return;
    const std::string meant = did_you_mean(use.dataset, connectors_);
    diagnostics_.error(use.where, "unknown connector '" + use.dataset + "'",
                       meant.empty() ? "declare it under 'connectors:' in tallymill.yaml" : meant);
  }

  const fs::path& root_;
  std::span<GraphDraft> drafts_;
  Diagnostics& diagnostics_;
  std::vector<std::string> connectors_;  ///< sorted
  std::map<std::string, bool> exists_;
  std::unordered_set<std::string> made_;
};

}  // namespace

void check_references(const Workspace& workspace, std::span<GraphDraft> drafts,
                      Diagnostics& diagnostics) {
  ReferenceCheck(workspace, drafts, diagnostics).check();
}

}  // namespace tallymill
