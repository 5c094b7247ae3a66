#include "scheduler/pinned_files.h"

#include "core/digest.h"
#include "core/error.h"
#include "core/files.h"
#include "core/stored_text.h"
#include "scheduler/job_name.h"

namespace tallymill {
namespace {

PinnedFile keep(const std::string& path, const std::string& text, const StateFolder& state) {
  PinnedFile file{path, sha256_hex(text), {}};
  file.blob = state.blob(file.sha256);
  if (std::filesystem::exists(file.blob)) return file;
  const auto folder = file.blob.parent_path();
  if (std::filesystem::create_directory(folder)) sync_folder(folder.parent_path());
  write_file_durably(file.blob, text, 0444);
  return file;
}

}  // namespace

PinnedFiles pin_files(const Workspace& workspace, const Graph& graph, const StateFolder& state,
                      const TextsInstead& instead) {
  PinnedFiles files;
  // The text that was loaded, not the file as it may look by now.
  files.emplace(graph.file, keep(graph.file, graph.document->text(), state));
  for (const auto& block : graph.block_documents)
    files.emplace(block->file(), keep(block->file(), block->text(), state));
  for (const auto& [path, text] : instead) files.emplace(path, keep(path, text, state));
  const auto pin = [&](const std::string& path) {
    if (!files.contains(path))
      files.emplace(path, keep(path, read_file(workspace.root / path), state));
  };
  for (const JobNode& job : graph.jobs)
    for (const FileUse& use : job.shape.files) pin(use.path);
  for (const JobNode& job : graph.jobs)
    if (job.axis && !job.axis->file.empty()) pin(job.axis->file);
  if (graph.calendar)
    for (const std::string& path : workspace.calendars.at(graph.calendar->name()).files) pin(path);
  return files;
}

PinnedFiles pinned_files(const std::vector<PinnedText>& texts, const StateFolder& state) {
  PinnedFiles files;
  for (const PinnedText& text : texts) {
    const PinnedFile file{text.path, text.sha256, state.blob(text.sha256)};
    if (!std::filesystem::exists(file.blob))
      throw Error(ErrorClass::transient, "the pinned content of '" + text.path +
                                             "' is missing: there is no '" + file.blob.string() +
                                             "'; restore it from a backup, or start a new run "
                                             "with --new");
    files.emplace(text.path, file);
  }
  return files;
}

std::vector<StoredFile> stored_files_of(const std::string& job, const PinnedFiles& files) {
  std::vector<StoredFile> found;
  for (const auto& [folder, path_of] : {std::pair{kCorrectionsFolder, &corrections_path},
                                        std::pair{kHistoryFolder, &history_path}}) {
    const auto first = files.lower_bound(std::string(folder));
    if (first == files.end() || !first->first.starts_with(folder)) continue;
    if (const auto file = files.find(path_of(job)); file != files.end())
      found.push_back({path_of(std::string(split_job_name(job).job)), &file->second});
  }
  return found;
}

std::vector<PinnedText> pinned_texts(const PinnedFiles& files) {
  std::vector<PinnedText> texts;
  for (const auto& [path, file] : files) texts.push_back({path, file.sha256});
  return texts;
}

}  // namespace tallymill
