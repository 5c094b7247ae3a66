#pragma once

#include <memory>
#include <optional>
#include <string>

#include "scheduler/clock.h"
#include "scheduler/folder_watch.h"
#include "scheduler/service_log.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// Reads the workspace anew when its YAML was edited: all of it or nothing. While it is wrong the
/// version before stays, and the log says what is wrong and where.
class WorkspaceWatch {
 public:
  WorkspaceWatch(std::shared_ptr<const Workspace> current, const JobCatalog& catalog, Clock& clock,
                 ServiceLog& log);

  int ready_fd() const { return watch_.ready_fd(); }
  /// When editors will have written what they write together; empty: nothing was edited.
  std::optional<BootTime> next() const { return edited_until_; }
  /// The workspace as edited, if that changes it and it is sound.
  std::shared_ptr<const Workspace> take_new();

 private:
  bool is_of_workspace(const std::filesystem::path& file) const;
  std::shared_ptr<const Workspace> load();
  void watch_folders();

  std::shared_ptr<const Workspace> current_;
  const JobCatalog& catalog_;
  Clock& clock_;
  ServiceLog& log_;
  FolderWatch watch_;
  std::optional<BootTime> edited_until_;
  std::string content_;  ///< digest of what current_ was read from
  std::string refused_;  ///< what was said of the last version that is wrong
};

}  // namespace tallymill
