#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/folders.h"
#include "tests/temporary_folder.h"

namespace fs = std::filesystem;

namespace {

using Folders = std::set<std::string>;

/// Whom each folder may include besides itself: docs/architecture.md, section 3.
const std::map<std::string, Folders> kMayInclude{
    {"core", {}},
    {"datasets", {"core"}},
    {"connectors", {"core", "datasets"}},
    {"rules", {"core", "datasets"}},
    {"books", {"core", "datasets"}},
    // Of datasets only the Parquet reader.
    {"verify", {"core", "datasets/engine.h", "datasets/type.h"}},
    {"scheduler", {"core"}},
    {"courier", {"core"}},
    {"jobs", {"core", "datasets", "connectors", "rules", "books"}},
    {"worker", {"core", "datasets", "connectors", "rules", "books", "verify", "jobs"}},
    {"server", {"core", "scheduler"}},
    // The last five for the specs of their units only: explain, schema, validate.
    {"cli", {"core", "scheduler", "server", "jobs", "connectors", "rules", "datasets", "books"}},
};

/// Third-party headers that stand behind our own headers in one place.
const std::vector<std::pair<std::string, Folders>> kBehind{
    {"soci/", {"connectors", "scheduler"}},
    {"sqlite3.h", {"connectors", "scheduler"}},
    {"libpq-fe.h", {"connectors", "scheduler"}},
    {"duckdb.h", {"datasets"}},
    {"lua.hpp", {"rules"}},
    {"lua.h", {"rules"}},
    {"lualib.h", {"rules"}},
    {"lauxlib.h", {"rules"}},
    {"luajit.h", {"rules"}},
    {"yaml-cpp/", {"core"}},
    {"boost/json", {"core"}},
    {"spdlog/", {"core"}},
    {"openssl/", {"core"}},
    {"cctz/", {"core"}},
    {"unicode/", {"core"}},
    {"boost/beast", {"server"}},
    {"curl/", {"courier"}},
    {"minizip/", {"connectors"}},
    {"expat.h", {"connectors", "rules"}},
    {"xlsxwriter.h", {"connectors"}},
};

bool is_source(const fs::path& path) {
  return path.extension() == ".h" || path.extension() == ".cpp";
}

/// What stands behind #include in `line`, brackets or quotes kept; empty if it is no include.
std::string included(std::string line) {
  line.erase(std::remove(line.begin(), line.end(), ' '), line.end());
  if (!line.starts_with("#include")) return {};
  const std::size_t begin = 8;
  if (line.size() <= begin || (line[begin] != '"' && line[begin] != '<')) return {};
  const std::size_t end = line.find(line[begin] == '"' ? '"' : '>', begin + 1);
  return end == std::string::npos ? std::string() : line.substr(begin, end - begin + 1);
}

/// Why a file in `folder` may not include `target`; empty if it may.
std::string objection(const std::string& folder, const Folders& allowed,
                      const std::string& target) {
  const std::string header = target.substr(1, target.size() - 2);
  if (target[0] == '"') {
    const std::size_t slash = header.find('/');
    if (slash == std::string::npos) return "write the path from the project's root";
    const std::string owner = header.substr(0, slash);
    if (owner == folder || allowed.contains(owner) || allowed.contains(header)) return {};
    return folder + "/ may not include " + owner + "/";
  }
  for (const auto& [prefix, folders] : kBehind)
    if (header.starts_with(prefix) && !folders.contains(folder))
      return "this library stands behind a header of " + *folders.begin() + "/";
  return {};
}

void look_into(const fs::path& root, const std::string& folder, const Folders& allowed,
               std::vector<std::string>& violations) {
  for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
    if (!entry.is_regular_file() || !is_source(entry.path())) continue;
    std::ifstream file(entry.path());
    int number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      const std::string target = included(line);
      const std::string problem = target.empty() ? "" : objection(folder, allowed, target);
      if (!problem.empty())
        violations.push_back(fs::relative(entry.path(), root).string() + ":" +
                             std::to_string(number) + ": " + target + ": " + problem);
    }
  }
}

/// Every include below `root` that the table does not allow, as file:line: reason.
std::vector<std::string> violations_in(const fs::path& root) {
  std::vector<std::string> violations;
  for (const auto& [folder, allowed] : kMayInclude)
    if (fs::is_directory(root / folder)) look_into(root, folder, allowed, violations);
  std::sort(violations.begin(), violations.end());
  return violations;
}

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

}  // namespace

TEST_CASE("layers: folders include only what the architecture allows") {
  for (const std::string& violation : violations_in(kSourceFolder)) FAIL_CHECK(violation);
}

TEST_CASE("layers: every folder with C++ in it has its line in the table") {
  const Folders elsewhere{"tests", "bench", "build", "node_modules"};
  for (const auto& entry : fs::directory_iterator(kSourceFolder)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_directory() || name.starts_with(".") || name.starts_with("build") ||
        elsewhere.contains(name))
      continue;
    for (const auto& file : fs::recursive_directory_iterator(entry.path()))
      if (file.is_regular_file() && is_source(file.path()))
        CHECK_MESSAGE(kMayInclude.contains(name), file.path().string());
  }
}

TEST_CASE("layers: a wrong include is named with its file and line") {
  const tallymill::TemporaryFolder folder;
  write(folder.path() / "core/a.h",
        "#pragma once\n#include \"core/b.h\"\n#include \"jobs/job.h\"\n");
  write(folder.path() / "verify/v.cpp", "  #  include \"books/split.h\"\n#include \"v.h\"\n");
  write(folder.path() / "jobs/types/x.cpp",
        "#include <soci/soci.h>\n#include <vector>\n#include \"books/split.h\"\n");
  write(folder.path() / "scheduler/store/s.cpp", "#include <soci/soci.h>\n#include <duckdb.h>\n");
  CHECK(violations_in(folder.path()) ==
        std::vector<std::string>{
            "core/a.h:3: \"jobs/job.h\": core/ may not include jobs/",
            "jobs/types/x.cpp:1: <soci/soci.h>: this library stands behind a header of connectors/",
            "scheduler/store/s.cpp:2: <duckdb.h>: this library stands behind a header of datasets/",
            "verify/v.cpp:1: \"books/split.h\": verify/ may not include books/",
            "verify/v.cpp:2: \"v.h\": write the path from the project's root",
        });
}
