#include "cli/rule_files.h"

#include <algorithm>

#include "core/digest.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"

namespace tallymill {

std::vector<std::string> rule_names(const Workspace& workspace) {
  std::vector<std::string> names;
  std::error_code none;  // a workspace without rules/ has no rules
  for (const auto& entry : std::filesystem::directory_iterator(workspace.root / "rules", none))
    if (entry.path().extension() == ".lua") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

PinnedFile rule_file(const Workspace& workspace, const std::string& name) {
  const std::string path = "rules/" + name + ".lua";
  const std::filesystem::path file = workspace.root / path;
  if (!is_identifier(name) || !std::filesystem::is_regular_file(file)) {
    const std::string meant = did_you_mean(name, rule_names(workspace));
    throw Error(ErrorClass::config, "there is no rule '" + name + "' (" + path + ")" +
                                        (meant.empty() ? "" : "; " + meant));
  }
  return {.path = path, .sha256 = sha256_hex(read_file(file)), .blob = file};
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
