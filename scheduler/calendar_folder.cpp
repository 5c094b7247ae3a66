#include "scheduler/calendar_folder.h"

#include <algorithm>

#include "core/files.h"
#include "core/text.h"
#include "core/time/calendar_file.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFolder = "calendars";

/// Sorted, so that `cn.yaml` stands before or after `cn.2026.yaml` always alike.
std::vector<std::string> yaml_files(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;  // no folder: no calendars
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

void read_calendars(const fs::path& root, Workspace& workspace, Diagnostics& diagnostics) {
  std::map<std::string, std::vector<CalendarText>> texts;
  for (const std::string& file_name : yaml_files(root / kFolder)) {
    const std::string file = std::string(kFolder) + "/" + file_name;
    if (const std::string name = calendar_name(file_name); !name.empty())
      texts[name].push_back({file, read_file(root / file)});
    else
      diagnostics.warning({file}, "this file is not read",
                          "a calendar's file is called <name>.yaml or <name>.<year>.yaml");
  }
  for (const auto& [name, files] : texts) {
    WorkspaceCalendar& entry = workspace.calendars[name];
    entry.calendar = read_calendar(name, files, diagnostics);
    for (const CalendarText& file : files) entry.files.push_back(file.file);
  }
  const std::string& wanted = workspace.default_calendar;
  if (wanted.empty() || workspace.calendars.contains(wanted)) return;
  diagnostics.error(workspace.default_calendar_place, "there is no calendar '" + wanted + "'",
                    calendar_hint(workspace, wanted));
}

std::string calendar_hint(const Workspace& workspace, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& entry : workspace.calendars) names.push_back(entry.first);
  if (names.empty()) return "make calendars/" + name + ".yaml";
  const std::string meant = did_you_mean(name, names);
  return meant.empty() ? "the calendars are " + join(names, ", ") : meant;
}

}  // namespace tallymill
