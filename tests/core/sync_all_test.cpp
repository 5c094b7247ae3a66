#include "core/sync_all.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/error.h"
#include "core/files.h"
#include "tests/temporary_folder.h"

using namespace tallymill;
namespace fs = std::filesystem;

TEST_CASE("sync all: a tree is its files, its folders and itself, but not what links point to") {
  const TemporaryFolder folder;
  fs::create_directories(folder / "a/b");
  write_file_durably(folder / "a/b/one", "1");
  write_file_durably(folder / "two", "2");
  fs::create_symlink("/nowhere", folder / "link");
  std::vector<fs::path> paths = tree_of(folder.path());
  std::sort(paths.begin(), paths.end());
  CHECK(paths == std::vector<fs::path>{folder.path(), folder / "a", folder / "a/b",
                                       folder / "a/b/one", folder / "two"});
  CHECK_NOTHROW(sync_all(paths));
  CHECK_NOTHROW(sync_all({}));
}

TEST_CASE("sync all: of many paths the first that cannot be synced is named") {
  const TemporaryFolder folder;
  std::vector<fs::path> paths;
  for (int i = 0; i < 100; ++i) {
    paths.push_back(folder / std::to_string(i));
    if (i != 40 && i != 70) write_file_durably(paths.back(), "x");
  }
  try {
    sync_all(paths);
    FAIL("two of them are not there");
  } catch (const Error& error) {
    CHECK(error.error_class() == ErrorClass::transient);
    CHECK(error.message().find("cannot sync '" + paths[40].string() + "'") == 0);
  }
}
