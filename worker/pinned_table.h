#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/diagnostics.h"
#include "core/task.h"

namespace tallymill {

/// The content of a workspace file as the run pinned it; empty if the task does not carry `path`.
/// Throws Error(data) if the blob is not what was pinned.
std::optional<std::string> read_pinned(const Task& task, const std::string& path);

/// A lookup table: a header and rows of as many cells, all text.
struct PinnedTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

/// Reads `text` of the CSV file `file` strictly: UTF-8, commas, quotes doubled inside quotes, a
/// header of distinct names, as many cells in every row. Blank lines are skipped. Problems are
/// reported with their line; the table is then incomplete.
PinnedTable read_pinned_table(const std::string& file, std::string_view text,
                              Diagnostics& diagnostics);

}  // namespace tallymill
