#include "scheduler/workspace_watch.h"

#include "core/digest.h"
#include "core/error.h"
#include "core/files.h"
#include "scheduler/workspace_file.h"

namespace tallymill {
namespace {

/// Edits that come together are read together.
constexpr auto kTogether = std::chrono::milliseconds(100);

/// Everything the workspace is read from; two that are equal need no reload.
std::string content_of(const Workspace& workspace) {
  Fingerprint fingerprint;
  fingerprint.add(read_file(workspace.root / kWorkspaceFile));
  for (const auto& [name, calendar] : workspace.calendars)
    for (const std::string& file : calendar.files)
      fingerprint.add(file).add(read_file(workspace.root / file));
  for (const auto& [name, graph] : workspace.graphs)
    fingerprint.add(graph->file).add(graph->content_hash());
  return fingerprint.hex();
}

}  // namespace

WorkspaceWatch::WorkspaceWatch(std::shared_ptr<const Workspace> current, const JobCatalog& catalog,
                               Clock& clock, ServiceLog& log)
    : current_(std::move(current)), catalog_(catalog), clock_(clock), log_(log) {
  watch_folders();
  content_ = content_of(*current_);
  edited_until_ = clock_.now();  // it may have been edited between its reading and this watch
}

void WorkspaceWatch::watch_folders() {
  std::set<std::filesystem::path> folders{current_->root};
  for (const char* name : {"graphs", "blocks", "calendars", "rules", "tables", "params"})
    if (std::filesystem::is_directory(current_->root / name)) folders.insert(current_->root / name);
  watch_.set(folders);
}

bool WorkspaceWatch::is_of_workspace(const std::filesystem::path& file) const {
  if (file == current_->root) return true;
  if (file.parent_path() != current_->root)
    return file.extension() == ".yaml" || file.extension() == ".yml" ||
           file.extension() == ".csv" || !refused_.empty();  // a table may list partitions
  // The root holds much else; a folder of graphs may appear in it.
  return file.filename() == kWorkspaceFile || file.filename() == "graphs" ||
         file.filename() == "blocks" || file.filename() == "calendars";
}

std::shared_ptr<const Workspace> WorkspaceWatch::take_new() {
  for (const auto& file : watch_.take())
    if (is_of_workspace(file)) edited_until_ = clock_.now() + kTogether;
  if (!edited_until_ || clock_.now() < *edited_until_) return nullptr;
  edited_until_.reset();
  watch_folders();
  return load();
}

std::shared_ptr<const Workspace> WorkspaceWatch::load() {
  const BootTime began = clock_.now();
  std::string problem;
  std::string content;
  std::shared_ptr<const Workspace> loaded;
  try {
    Diagnostics diagnostics;
    loaded =
        std::make_shared<const Workspace>(Workspace::load(current_->root, catalog_, diagnostics));
    if (diagnostics.has_errors()) problem = diagnostics.render();
    content = content_of(*loaded);
  } catch (const Error& error) {
    problem = std::string(error.what()) + "\n";  // a file that went away in the middle, say
  }
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - began).count();
  if (!problem.empty()) {
    if (problem != refused_) {
      log_.error("reload_refused",
                 {{"took_ms", std::to_string(took)}, {"note", "the version before stays live"}});
      log_.text(problem);
    }
    refused_ = problem;
    return nullptr;
  }
  refused_.clear();
  if (content == content_) return nullptr;
  if (loaded->state != current_->state) {
    log_.error("reload_refused", {{"note", "'state:' has changed; restart the scheduler for it"}});
    return nullptr;
  }
  log_.info("reloaded",
            {{"graphs", std::to_string(loaded->graphs.size())}, {"took_ms", std::to_string(took)}});
  current_ = loaded;
  content_ = content;
  return loaded;
}

}  // namespace tallymill
