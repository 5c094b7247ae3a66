#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "core/files.h"
#include "core/text.h"

namespace tallymill {

/// A path below $TALLYMILL_DATA; where it is missing, says so in the words by which the runner
/// counts a test as not run.
inline std::optional<std::filesystem::path> outside_data(const std::string& path) {
  const char* root = std::getenv("TALLYMILL_DATA");
  if (root != nullptr && *root != '\0') {
    const auto found = std::filesystem::path(root) / path;
    if (std::filesystem::exists(found)) return found;
  }
  std::cout << "not run  " << path << ": "
            << (root == nullptr || *root == '\0' ? "TALLYMILL_DATA is not set"
                                                 : "it is not in $TALLYMILL_DATA")
            << '\n';
  return std::nullopt;
}

/// The rows of a tab-separated file below its header.
inline std::vector<std::vector<std::string>> tsv_rows(const std::filesystem::path& file) {
  std::istringstream text(read_file(file));
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(text, line);
  while (std::getline(text, line))
    if (!line.empty()) rows.push_back(split(line, '\t'));
  return rows;
}

}  // namespace tallymill
