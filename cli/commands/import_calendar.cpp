#include <algorithm>
#include <filesystem>
#include <map>

#include "cli/application.h"
#include "cli/invocation.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "core/time/calendar_file.h"
#include "core/time/holiday_cn.h"

namespace tallymill {
namespace {

namespace fs = std::filesystem;

struct Imported {
  std::string name;
  std::vector<CalendarYear> years;
  std::string yaml;
  Diagnostics warnings;
};

std::string name_of(const Invocation& invocation) {
  const fs::path out = invocation.text("out");
  const std::string by_file = out.empty() ? "" : calendar_name(out.filename().string());
  if (!out.empty() && by_file.empty())
    throw Error(ErrorClass::config, "'" + out.string() +
                                        "' is no name of a calendar's file; write it to "
                                        "calendars/<name>.yaml or calendars/<name>.<year>.yaml");
  std::string name = invocation.text("name", by_file);
  if (!is_identifier(name))
    throw Error(ErrorClass::config,
                name.empty()
                    ? "a calendar needs a name; give --name, or --out calendars/<name>.yaml"
                    : "a calendar's name is letters, digits and '_', not '" + name + "'");
  if (!by_file.empty() && name != by_file)
    throw Error(ErrorClass::config, "calendar '" + name + "' cannot stand in '" + out.string() +
                                        "'; it is called '" + by_file + "' there");
  return name;
}

/// The files that were named, and the *.json of the folders that were.
std::vector<fs::path> files_of(const Invocation& invocation) {
  std::vector<fs::path> files;
  for (const std::string& text : invocation.texts("PATH")) {
    if (!fs::is_directory(text)) {
      if (!fs::is_regular_file(text))
        throw Error(ErrorClass::config, "there is no file or folder '" + text + "'");
      files.emplace_back(text);
      continue;
    }
    const std::size_t before = files.size();
    for (const auto& entry : fs::directory_iterator(text))
      if (entry.is_regular_file() && entry.path().extension() == ".json")
        files.push_back(entry.path());
    if (files.size() == before)
      throw Error(ErrorClass::config,
                  "folder '" + text + "' holds no *.json; a year of holiday-cn is <year>.json");
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
  }
  return files;
}

/// A sound calendar of all files, or all that is wrong with them.
Imported import(const std::string& name, const std::string& description,
                const std::vector<fs::path>& files) {
  Imported imported{.name = name, .years = {}, .yaml = {}, .warnings = {}};
  Diagnostics problems;
  std::map<int, std::string> read;
  for (const fs::path& file : files) {
    const std::string text = read_file(file);
    try {
      CalendarYear year = parse_holiday_cn(text, file.string());
      const auto [at, is_new] = read.emplace(year.year, file.string());
      if (is_new)
        imported.years.push_back(std::move(year));
      else
        problems.error({file.string(), 1, 1},
                       "year " + std::to_string(at->first) + " is in '" + at->second + "', too",
                       "give one file per year");
    } catch (const Error& error) {
      if (error.error_class() != ErrorClass::data) throw;
      problems.add_source(file.string(), std::make_shared<const std::string>(text));
      problems.error(error.where().is_known() ? error.where() : SourcePosition{file.string(), 1, 1},
                     error.message());
    }
  }
  if (problems.has_errors()) throw InvalidInput(std::move(problems));
  std::sort(imported.years.begin(), imported.years.end(),
            [](const auto& a, const auto& b) { return a.year < b.year; });
  imported.yaml = calendar_yaml(name, description, {}, imported.years);
  const CalendarText written{"the imported calendar", imported.yaml};
  Diagnostics found;
  read_calendar(name, std::span(&written, 1), found);
  found.add_source(written.file, std::make_shared<const std::string>(imported.yaml));
  if (found.has_errors()) throw InvalidInput(std::move(found));
  imported.warnings = std::move(found);
  return imported;
}

json::value as_json(const Imported& imported, const std::string& out) {
  json::array years;
  for (const CalendarYear& year : imported.years) {
    const auto off = std::count_if(year.days.begin(), year.days.end(), [](const auto& day) {
      return day.special.kind == Calendar::DayKind::holiday;
    });
    years.push_back({{"year", year.year},
                     {"holidays", off},
                     {"workdays", static_cast<std::int64_t>(year.days.size()) - off}});
  }
  return {{"calendar", imported.name},
          {"file", out},
          {"years", std::move(years)},
          {"warnings", imported.warnings.to_json()}};
}

std::string as_text(const Imported& imported) {
  std::string text = imported.warnings.render();
  for (const CalendarYear& year : imported.years) {
    const auto off = std::count_if(year.days.begin(), year.days.end(), [](const auto& day) {
      return day.special.kind == Calendar::DayKind::holiday;
    });
    text += std::to_string(year.year) + ": " + std::to_string(off) + " holidays, " +
            std::to_string(static_cast<std::ptrdiff_t>(year.days.size()) - off) +
            " days worked instead\n";
  }
  return text;
}

Exit run_import_calendar(const Invocation& invocation) {
  const std::string name = name_of(invocation);
  const fs::path out = invocation.text("out");
  if (!out.empty() && fs::exists(out))
    throw Error(ErrorClass::config,
                "'" + out.string() +
                    "' exists, and an import does not replace what somebody may have edited; put "
                    "later years beside it, in " +
                    name + ".<year>.yaml");
  const Imported imported = import(name, invocation.text("description"), files_of(invocation));
  const std::string report =
      invocation.json() ? pretty_json(as_json(imported, out.string())) : as_text(imported);
  if (out.empty()) {
    invocation.out() << imported.yaml;
    invocation.err() << report;
    return Exit::ok;
  }
  if (out.has_parent_path()) fs::create_directories(out.parent_path());
  write_file_durably(out, imported.yaml);
  invocation.out() << report;
  if (!invocation.json()) invocation.out() << "wrote " << out.string() << "\n";
  return Exit::ok;
}

}  // namespace

void register_import_calendar(Registry<Command>& commands) {
  commands.add({
      .name = "import calendar",
      .summary = "Writes years of holidays and make-up work days (holiday-cn's files) as a "
                 "calendar.",
      .example = "tallymill import calendar holiday-cn/2020.json --out calendars/cn.2020.yaml",
      .arguments = {{.name = "PATH",
                     .summary = "A year's JSON file, or a folder of them.",
                     .repeated = true}},
      .flags = {{.name = "out",
                 .value = "FILE",
                 .summary = "Where the calendar is written; default: to the standard output."},
                {.name = "name",
                 .value = "NAME",
                 .summary = "The calendar's name; default: the file's."},
                {.name = "description", .value = "TEXT", .summary = "Whose days these are."},
                {.name = "json", .summary = "Print the report as JSON."}},
      .run = run_import_calendar,
      .in_workspace = false,
  });
}

}  // namespace tallymill
