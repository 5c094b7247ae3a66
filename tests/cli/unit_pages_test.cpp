#include <doctest/doctest.h>

#include <filesystem>

#include "cli/unit_page.h"
#include "core/files.h"

using namespace tallymill;

namespace {

namespace fs = std::filesystem;

/// Where the units of a kind have their pages and tests, below docs/ and tests/.
struct UnitFolders {
  std::string kind;
  std::string docs;
  std::string tests;
  std::string test_suffix;
};

const std::vector<UnitFolders> kFolders{
    {"check", "checks", "rules/checks", "_test.cpp"},
    {"job", "jobs", "jobs/types", "_test.cpp"},
    {"step", "steps", "jobs/steps", "_test.cpp"},
    {"connector", "connectors", "contract", ".cpp"},
};

const fs::path kRoot = TALLYMILL_SOURCE_DIR;

template <class Visit>
void for_each_unit(const Visit& visit) {
  for (const UnitPage& page : unit_pages(UnitCatalog()))
    for (const UnitFolders& folders : kFolders)
      if (folders.kind == page.kind) visit(page, folders);
}

fs::path page_file(const UnitPage& page, const UnitFolders& folders) {
  return kRoot / "docs" / folders.docs / (page.name + ".md");
}

}  // namespace

TEST_CASE("every unit has a page") {
  for_each_unit([](const UnitPage& page, const UnitFolders& folders) {
    const std::string file = page_file(page, folders).string();
    CAPTURE(file);
    CHECK(fs::exists(file));
  });
}

TEST_CASE("every unit has a test") {
  for_each_unit([](const UnitPage& page, const UnitFolders& folders) {
    const std::string file =
        (kRoot / "tests" / folders.tests / (page.name + folders.test_suffix)).string();
    CAPTURE(file);
    CHECK(fs::exists(file));
  });
}

TEST_CASE("the options of a page are those of its unit") {
  for_each_unit([](const UnitPage& page, const UnitFolders& folders) {
    const fs::path file = page_file(page, folders);
    if (!fs::exists(file)) return;  // reported by the case of pages
    CAPTURE(file.string());
    CHECK(read_file(file).find(page_markdown(page)) != std::string::npos);
  });
}

TEST_CASE("a check's page answers the same five questions in order") {
  for_each_unit([](const UnitPage& page, const UnitFolders& folders) {
    const fs::path file = page_file(page, folders);
    if (page.kind != "check" || !fs::exists(file)) return;
    CAPTURE(file.string());
    const std::string text = read_file(file);
    std::size_t at = 0;
    for (const char* heading : {"\n## What it asks\n", "\n## Example\n", "\n## Options\n",
                                "\n## What counts as a failure\n", "\n## Source and see also\n"}) {
      at = text.find(heading, at);
      REQUIRE(at != std::string::npos);
    }
  });
}
