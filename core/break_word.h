#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/correction.h"

namespace tallymill {

// What people say of breaks. It is kept like corrections of rows: the place is the break's id, the
// cells are those below, and the original is the digest of the difference they saw.

/// The dataset of what became of the breaks of a job, of whatever partition.
std::string open_breaks_dataset(const std::string& job);
/// The dataset of their movements: opening, what came, what went, closing.
std::string break_statement_dataset(const std::string& job);

inline constexpr const char* kBreakId = "break_id";

// Cells of a word.
inline constexpr const char* kOwner = "owner";
inline constexpr const char* kNote = "note";
inline constexpr const char* kPendingUntil = "pending_until";  ///< a date
inline constexpr const char* kResolution = "resolution";       ///< one of resolutions(), or nothing
// Cells that are added when words are gathered: of the resolution, who gave it and for which
// period.
inline constexpr const char* kResolvedBy = "resolved_by";
inline constexpr const char* kResolvedIn = "resolved_in";

/// The cells people may write, in the order of sheets.
const std::vector<std::string>& word_cells();

/// accepted, explained and written_off close a break as long as its difference stays; open keeps
/// rules from closing it, and opens it again.
const std::vector<std::string>& resolutions();
inline constexpr const char* kAccepted = "accepted";
inline constexpr const char* kExplained = "explained";
inline constexpr const char* kWrittenOff = "written_off";
inline constexpr const char* kOpen = "open";

/// What has been said of the breaks of one job: of each cell the last word counts.
class BreakWords {
 public:
  /// Words are added in the order in which they were said.
  void add(const std::vector<Correction>& said, const std::string& who, const std::string& period);
  bool empty() const { return by_break_.empty(); }
  std::vector<Correction> standing() const;

 private:
  std::map<std::map<std::string, std::string>, Correction> by_break_;
};

}  // namespace tallymill
