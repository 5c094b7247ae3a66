// Holds what people read against what the program is: every unit has a page and a test of its name,
// its page shows its options as they are, and its example comes from a workspace that tests run.
#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cli/unit_page.h"
#include "command_line.h"
#include "core/files.h"
#include "core/text.h"
#include "tests/folders.h"

using namespace tallymill;

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = kSourceFolder;

/// Where the units of a kind have their pages and tests, and what a page says, in order.
struct UnitFolders {
  std::string docs;
  std::string tests;
  std::string test_ending;
  std::vector<std::string> headings;
  std::string in_example;  ///< stands before the unit's name wherever the unit is used
};

const std::map<std::string, UnitFolders> kFolders{
    {"check",
     {"docs/checks",
      "tests/rules/checks",
      "_test.cpp",
      {"What it asks", "Example", "Options", "What counts as a failure", "Source and see also"},
      "- "}},
    {"job",
     {"docs/jobs",
      "tests/jobs/types",
      "_test.cpp",
      {"What it does", "Example", "Options", "Books", "Source and see also"},
      "type: "}},
    {"step",
     {"docs/steps",
      "tests/jobs/steps",
      "_test.cpp",
      {"What it does", "Example", "Options", "What leaves", "Source and see also"},
      "- "}},
    {"connector",
     {"docs/connectors",
      "tests/contract",
      ".cpp",
      {"What it is", "Example", "Options", "Reading and writing", "Source and see also"},
      "type: "}},
};

/// A page under docs/ with the unit it is about.
struct Page {
  UnitPage unit;
  UnitFolders folders;
  std::string file;  ///< relative to the repository
  std::string text = {};

  bool exists() const { return fs::exists(kRoot / file); }
  /// What stands under `## heading`; empty if there is no such heading.
  std::string section(const std::string& heading) const {
    const std::string title = "\n## " + heading + "\n";
    const std::size_t begin = text.find(title);
    if (begin == std::string::npos) return {};
    const std::size_t from = begin + title.size();
    const std::size_t end = text.find("\n## ", from);
    return text.substr(from, end == std::string::npos ? end : end - from + 1);
  }
  std::vector<std::string> headings() const {
    std::vector<std::string> found;
    for (const std::string& line : split(text, '\n'))
      if (line.starts_with("## ")) found.push_back(line.substr(3));
    return found;
  }
};

std::vector<Page> pages() {
  std::vector<Page> result;
  for (UnitPage& unit : unit_pages(UnitCatalog())) {
    const auto folders = kFolders.find(unit.kind);
    if (folders == kFolders.end()) continue;  // files of a workspace are no units
    const std::string file = folders->second.docs + "/" + unit.name + ".md";
    result.push_back({std::move(unit), folders->second, file});
    if (result.back().exists()) result.back().text = read_file(kRoot / file);
  }
  return result;
}

/// The pages that exist; the case about pages reports the others.
std::vector<Page> written_pages() {
  std::vector<Page> result = pages();
  std::erase_if(result, [](const Page& page) { return !page.exists(); });
  return result;
}

/// The first generated line the page lacks and the first table row it has instead; empty if the
/// page shows the options as generated.
std::string options_difference(const Page& page) {
  const std::string generated = page_markdown(page.unit);
  const std::string shown = page.section("Options");
  if (shown.find(generated) != std::string::npos) return {};
  std::string message;
  for (const std::string& line : split(generated, '\n'))
    if (shown.find(line) == std::string::npos && message.empty())
      message = "\n  the unit says: " + line;
  for (const std::string& line : split(shown, '\n'))
    if (line.starts_with("|") && generated.find(line) == std::string::npos) {
      message += "\n  the page says: " + line;
      break;
    }
  return message.empty() ? "\n  the rows stand in another order" : message;
}

/// PATH of every `<!-- file: PATH ... -->` in `text`.
std::vector<std::string> quoted_files(const std::string& text) {
  const std::string opening = "<!-- file: ";
  std::vector<std::string> files;
  for (const std::string& line : split(text, '\n'))
    if (line.starts_with(opening))
      files.push_back(line.substr(opening.size(), line.find(' ', opening.size()) - opening.size()));
  return files;
}

/// Whether a test runs the workspace that `file` lies in: a case of its own, or the demo.
bool is_run_by_a_test(const std::string& file) {
  for (fs::path folder = (kRoot / file).parent_path();
       folder != kRoot && folder.has_relative_path(); folder = folder.parent_path()) {
    if (!fs::exists(folder / "tallymill.yaml")) continue;
    if (fs::exists(folder / "demo.sh")) return true;
    if (!fs::is_directory(folder / "tests")) return false;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder / "tests"))
      if (fs::exists(entry.path() / "case.yaml")) return true;
    return false;
  }
  return false;
}

}  // namespace

TEST_CASE("unit pages: every check, job type, step and connector has a page") {
  for (const Page& page : pages())
    if (!page.exists())
      FAIL_CHECK(page.file, " is missing: write the page of the ", page.unit.kind, " '",
                 page.unit.name, "' like its neighbours in ", page.folders.docs);
}

TEST_CASE("unit pages: every check, job type, step and connector has a test file of its name") {
  for (const Page& page : pages()) {
    const std::string file = page.folders.tests + "/" + page.unit.name + page.folders.test_ending;
    if (!fs::exists(kRoot / file))
      FAIL_CHECK(file, " is missing: write the test of the ", page.unit.kind, " '", page.unit.name,
                 "'");
  }
}

TEST_CASE("unit pages: every command has a test file of its name and a line in help") {
  Registry<Command> commands;
  register_all_commands(commands);
  const std::string help = run_tallymill({"help"}).out;
  for (const auto& [name, command] : commands) {
    std::string stem = name;  // "rules test" is the unit rules_test
    for (char& c : stem)
      if (c == ' ') c = '_';
    const std::string file = "tests/cli/" + stem + "_test.cpp";
    if (!fs::exists(kRoot / file))
      FAIL_CHECK(file, " is missing: write the test of the command '", name, "'");
    if (help.find("  " + name + " ") == std::string::npos ||
        help.find(command.summary) == std::string::npos)
      FAIL_CHECK("'tallymill help' does not show the command '", name, "' with its summary");
  }
}

TEST_CASE("unit pages: no page is about a unit that does not exist") {
  std::map<std::string, bool> known;
  for (const Page& page : pages()) known[page.file] = true;
  for (const auto& [kind, folders] : kFolders)
    for (const fs::directory_entry& entry : fs::directory_iterator(kRoot / folders.docs)) {
      const std::string file = folders.docs + "/" + entry.path().filename().string();
      if (!known.contains(file))
        FAIL_CHECK(file, " is the page of no ", kind, ": rename or remove it");
    }
}

TEST_CASE("unit pages: a page is named like its unit and has the five headings of its kind") {
  for (const Page& page : written_pages()) {
    if (!page.text.starts_with("# " + page.unit.name + "\n"))
      FAIL_CHECK(page.file, " does not begin with '# ", page.unit.name, "'");
    if (page.headings() != page.folders.headings)
      FAIL_CHECK(page.file, " has the headings '", join(page.headings(), "', '"), "'; expected '",
                 join(page.folders.headings, "', '"), "', and ### below them for the rest");
  }
}

TEST_CASE("unit pages: a page shows the options as its unit declares them") {
  for (const Page& page : written_pages())
    if (const std::string difference = options_difference(page); !difference.empty())
      FAIL_CHECK(page.file, ": the options differ from those of the ", page.unit.kind, " '",
                 page.unit.name, "'", difference, "\n  put in what this prints: tallymill explain ",
                 page.unit.kind, " ", page.unit.name, " --markdown");
}

TEST_CASE("unit pages: the example is quoted from a workspace that a test runs") {
  for (const Page& page : written_pages()) {
    const std::string example = page.section("Example");
    const std::vector<std::string> files = quoted_files(example);
    if (files.empty())
      FAIL_CHECK(page.file,
                 ": the example quotes no file; write '<!-- file: PATH line TEXT -->' "
                 "before the block (tests/docs_test.lua compares them)");
    for (const std::string& file : files)
      if (!is_run_by_a_test(file))
        FAIL_CHECK(page.file, ": no test runs ", file,
                   "; quote a workspace with tests/<case>/case.yaml, e.g. tests/cases/handbook");
    const std::string use = page.folders.in_example + page.unit.name;
    if (example.find(use) == std::string::npos)
      FAIL_CHECK(page.file, ": the example does not show '", use, "'");
  }
}
