#include "cli/rule_files.h"

#include <algorithm>

#include "cli/application.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "rules/param_table.h"
#include "rules/rule_requirements.h"

namespace tallymill {

std::vector<std::string> rule_names(const Workspace& workspace) {
  std::vector<std::string> names;
  std::error_code none;  // a workspace without rules/ has no rules
  for (const auto& entry : std::filesystem::directory_iterator(workspace.root / "rules", none))
    if (std::string name = rule_name_of("rules/" + entry.path().filename().string()); !name.empty())
      names.push_back(std::move(name));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

FileReader reader_of(const Workspace& workspace) {
  return [&workspace](const std::string& path) -> std::optional<std::string> {
    const std::filesystem::path file = workspace.root / path;
    if (!std::filesystem::is_regular_file(file)) return std::nullopt;
    return read_file(file);
  };
}

namespace {

PinnedFile as_it_stands(const Workspace& workspace, const std::string& path) {
  const std::filesystem::path file = workspace.root / path;
  return {.path = path, .sha256 = sha256_hex(read_file(file)), .blob = file};
}

std::string file_of_table(const Workspace& workspace, const std::string& subject) {
  Diagnostics diagnostics;
  const auto file = find_param_table(subject.substr(kParamFolder.size()), {.file = subject},
                                     reader_of(workspace), diagnostics);
  if (!file) throw InvalidInput(std::move(diagnostics));
  return *file;
}

std::string file_of_rule(const Workspace& workspace, const std::string& name) {
  Diagnostics diagnostics;
  const auto path =
      is_identifier(name) ? find_rule_file(name, reader_of(workspace), diagnostics) : std::nullopt;
  if (diagnostics.has_errors()) throw InvalidInput(std::move(diagnostics));
  if (path) return *path;
  const std::string meant = did_you_mean(name, rule_names(workspace));
  throw Error(ErrorClass::config, "there is no rule '" + name + "' (rules/" + name + ".lua)" +
                                      (meant.empty() ? "" : "; " + meant));
}

}  // namespace

std::vector<PinnedFile> rule_files(const Workspace& workspace, const std::string& name) {
  const std::string path = name.starts_with(kParamFolder) ? file_of_table(workspace, name)
                                                          : file_of_rule(workspace, name);
  std::vector<PinnedFile> files{as_it_stands(workspace, path)};
  for (PinnedFile& file : files_behind(workspace, path, read_file(files.front().blob)))
    files.push_back(std::move(file));
  return files;
}

std::vector<PinnedFile> files_behind(const Workspace& workspace, const std::string& file,
                                     const std::string& text) {
  std::vector<PinnedFile> files;
  if (rule_name_of(file).empty()) {
    for (const std::string& path : param_table_files(file, text))
      if (std::filesystem::is_regular_file(workspace.root / path))
        files.push_back(as_it_stands(workspace, path));
    return files;
  }
  Diagnostics diagnostics;
  for (const FileUse& use : rule_requirements(file, text, reader_of(workspace), diagnostics))
    files.push_back(as_it_stands(workspace, use.path));
  if (diagnostics.has_errors()) throw InvalidInput(std::move(diagnostics));
  return files;
}

namespace {

constexpr std::string_view kTableEnd = "_test.yaml";

}  // namespace

std::optional<PinnedFile> rule_test_table(const Workspace& workspace, const std::string& name) {
  const std::string path = "tests/rules/" + name + std::string(kTableEnd);
  const std::filesystem::path file = workspace.root / path;
  if (!std::filesystem::is_regular_file(file)) return std::nullopt;
  return PinnedFile{.path = path, .sha256 = sha256_hex(read_file(file)), .blob = file};
}

std::vector<std::string> tested_rule_names(const Workspace& workspace) {
  std::vector<std::string> names;
  std::error_code none;  // most workspaces have no tables
  for (const auto& entry :
       std::filesystem::directory_iterator(workspace.root / "tests" / "rules", none)) {
    const std::string file = entry.path().filename().string();
    if (file.ends_with(kTableEnd)) names.push_back(file.substr(0, file.size() - kTableEnd.size()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace tallymill
