#include "scheduler/reference_check.h"

#include <algorithm>
#include <unordered_set>

#include "core/files.h"
#include "core/text.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

class ReferenceCheck {
 public:
  ReferenceCheck(const Workspace& workspace, const JobCatalog& catalog,
                 std::span<GraphDraft> drafts, Diagnostics& diagnostics)
      : workspace_(workspace),
        catalog_(catalog),
        root_(workspace.root),
        drafts_(drafts),
        diagnostics_(diagnostics) {
    for (const auto& entry : workspace.connectors) connectors_.push_back(entry.first);
  }

  void check() {
    for (GraphDraft& draft : drafts_) {
      if (!draft.graph) continue;
      for (JobNode& job : draft.graph->jobs) {
        take_in_files(job.shape);
        check_files(job.shape);
        for (const DatasetUse& use : job.shape.connectors) check_connector(use);
      }
    }
  }

 private:
  /// Puts in the place of each file what is behind it; many jobs name the same ones.
  void take_in_files(JobShape& shape) {
    std::vector<FileUse> files;
    for (const FileUse& use : shape.files) {
      const auto [known, is_new] = behind_.try_emplace(use.path);
      if (is_new)
        known->second = catalog_.files_behind(
            use, [this](const std::string& path) { return read(path); }, workspace_.currency_scale,
            diagnostics_);
      for (const FileUse& file : known->second) {
        const bool is_named = std::any_of(files.begin(), files.end(), [&](const FileUse& other) {
          return other.path == file.path;
        });
        // Its own place is where the job names it; what it depends on is named in files.
        if (!is_named || file.path == use.path)
          files.push_back({file.path, &file == &known->second.front() ? use.where : file.where});
      }
    }
    shape.files = std::move(files);
  }

  /// A run that goes on has pinned where a rule or a parameter table stands.
  std::optional<std::string> read(const std::string& path) const {
    const auto& pinned = workspace_.instead;
    if (const auto text = pinned.find(path); text != pinned.end()) return text->second;
    const fs::path file(path);
    const fs::path folder = file.parent_path();
    if (folder == "rules" || folder == "params")
      for (const char* ending : {".lua", ".yaml", ".csv"})
        if (pinned.contains((folder / (file.stem().string() + ending)).string()))
          return std::nullopt;
    if (!fs::is_regular_file(root_ / path)) return std::nullopt;
    return read_file(root_ / path);
  }

  void check_files(JobShape& shape) {
    std::erase_if(shape.files, [&](const FileUse& use) {
      if (exists(use.path)) return false;
      if (const std::string dataset = table_name(use.path); is_made(dataset)) {
        // However many checks compare with it: an input named twice would be read twice.
        const bool is_input =
            std::any_of(shape.inputs.begin(), shape.inputs.end(),
                        [&](const DatasetUse& input) { return input.name() == dataset; });
        if (!is_input) shape.inputs.push_back({dataset, use.where});
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
    if (is_new)
      known->second = workspace_.instead.contains(path) || fs::is_regular_file(root_ / path);
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

  const Workspace& workspace_;
  const JobCatalog& catalog_;
  const fs::path& root_;
  std::span<GraphDraft> drafts_;
  Diagnostics& diagnostics_;
  std::vector<std::string> connectors_;  ///< sorted
  std::map<std::string, bool> exists_;
  std::map<std::string, std::vector<FileUse>> behind_;
  std::unordered_set<std::string> made_;
};

}  // namespace

void check_references(const Workspace& workspace, const JobCatalog& catalog,
                      std::span<GraphDraft> drafts, Diagnostics& diagnostics) {
  ReferenceCheck(workspace, catalog, drafts, diagnostics).check();
}

}  // namespace tallymill
