#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/stored_text.h"

namespace tallymill {

/// The dataset of the rows that a job turned away, of whatever partition.
std::string rejects_dataset(const std::string& job);

/// The dataset in which a job says what became of its corrections.
std::string corrections_dataset(const std::string& job);

/// What a person says instead of some cells of one row, as the row came to a job.
struct Correction {
  /// Which row: its values of `_source` and `_line`, or of its key, as text.
  std::map<std::string, std::string> place;
  /// Digest of the row as it was when the person saw it: a row that has changed since is another
  /// question, and keeps its new values.
  std::string original;
  /// Values by column, as text; nothing stands for a null. Without cells an earlier correction of
  /// the row is taken back.
  std::map<std::string, std::optional<std::string>> cells;

  friend bool operator==(const Correction&, const Correction&) = default;
};

/// Corrections in order of their places, as the store keeps them and runs pin them: equal
/// corrections are equal text.
std::string corrections_text(std::vector<Correction> corrections);

/// Reads corrections_text(). Throws Error(data) naming `origin` if it is none.
std::vector<Correction> corrections_from(const std::string& text, const std::string& origin);

/// All of them together: the later word about a row counts, whatever the row was at the time.
std::vector<Correction> merged_corrections(std::vector<Correction> earlier,
                                           std::vector<Correction> later);

/// The version in what a person saw: before the '+' stands which attempt made the rows, behind it
/// what had been said of them. "v1" of "v1" and of "v1+17".
std::string stamped_version(std::string_view stamp);

}  // namespace tallymill
