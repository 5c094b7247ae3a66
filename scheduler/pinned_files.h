#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/task.h"
#include "scheduler/events.h"
#include "scheduler/graph.h"
#include "scheduler/state_folder.h"
#include "scheduler/workspace.h"

namespace tallymill {

/// The workspace files of a run, by path, with their content in <state>/blobs/.
using PinnedFiles = std::map<std::string, PinnedFile>;

/// Texts by path that count instead of the files of that name; see rules_in_effect().
using TextsInstead = std::map<std::string, std::string>;

/// Reads the graph's file, every rule and table its jobs name and its calendar, and keeps a copy of
/// each content (once per content, read-only, fsynced): a run goes on with these whatever is
/// edited. `instead` stands for the files it names; what no job names is pinned, too (shadows).
PinnedFiles pin_files(const Workspace& workspace, const Graph& graph, const StateFolder& state,
                      const TextsInstead& instead = {});

/// The files of a run that was started before. Throws Error(transient) if a content is missing.
PinnedFiles pinned_files(const std::vector<PinnedText>& files, const StateFolder& state);

std::vector<PinnedText> pinned_texts(const PinnedFiles& files);

/// What a run pinned of what the store knows of a job (core/stored_text.h): the file, and the path
/// by which the job asks for it, which names no partition. Mostly nothing, and then it costs
/// little.
struct StoredFile {
  std::string path;
  const PinnedFile* file;
};
std::vector<StoredFile> stored_files_of(const std::string& job, const PinnedFiles& files);

}  // namespace tallymill
