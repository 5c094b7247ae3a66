#include "cli/rule_files.h"

#include <algorithm>

#include "cli/application.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
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

std::vector<PinnedFile> rule_files(const Workspace& workspace, const std::string& name) {
  const FileReader read = [&](const std::string& path) -> std::optional<std::string> {
    const std::filesystem::path file = workspace.root / path;
    if (!std::filesystem::is_regular_file(file)) return std::nullopt;
    return read_file(file);
  };
  Diagnostics diagnostics;
  const auto path = is_identifier(name) ? find_rule_file(name, read, diagnostics) : std::nullopt;
  if (!path && !diagnostics.has_errors()) {
    const std::string meant = did_you_mean(name, rule_names(workspace));
    throw Error(ErrorClass::config, "there is no rule '" + name + "' (rules/" + name + ".lua)" +
                                        (meant.empty() ? "" : "; " + meant));
  }
  std::vector<PinnedFile> files;
  const auto add = [&](const std::string& file) {
    files.push_back({.path = file,
                     .sha256 = sha256_hex(read(file).value_or("")),
                     .blob = workspace.root / file});
  };
  if (path) {
    add(*path);
    for (const FileUse& use : rule_requirements(*path, read(*path).value(), read, diagnostics))
      add(use.path);
  }
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
