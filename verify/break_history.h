#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/correction.h"
#include "verify/published_rows.h"
#include "verify/recorded_job.h"

namespace tallymill::verify {

/// What a row says of a break, as far as its life follows from it.
struct BreakSeen {
  UInt128 cells = 0;       ///< hash of all columns of a break
  UInt128 difference = 0;  ///< hash of what may change: difference, class, what is compared
  Int128 amount = 0;       ///< the difference
};

/// A break as the state of the period before knows it.
struct BreakKnown {
  BreakSeen seen = {};
  std::string lifecycle = {};
  std::optional<std::string> first_seen = {};
  std::optional<std::string> opened_in = {};
  std::optional<std::string> closed_in = {};
  std::optional<std::string> closed_by = {};
  std::int64_t age = 0;
};

/// What a person said of a break.
struct BreakSaid {
  std::string seen;  ///< digest of the difference that was looked at
  std::optional<std::string> resolution = {};
  std::string by = {};
  std::string in = {};  ///< the period it was said of
  std::optional<std::string> owner = {};
  std::optional<std::string> note = {};
  std::optional<std::string> pending_until = {};
};

/// The columns of breaks, in the order in which a state has them first.
class BreakShape {
 public:
  explicit BreakShape(const Schema& breaks);

  const std::vector<Column>& columns() const { return columns_; }
  /// Of a row that has columns() first.
  BreakSeen seen(const Row& row) const;
  /// The digest of the difference that people see.
  std::string digest(const Row& row) const;
  std::size_t place(const std::string& name) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::size_t> compared_;  ///< columns of what is compared beside the amount
};

/// What people said, by break. Throws Error(data) if what the run pinned is no such text.
std::map<std::string, BreakSaid> words_of(const RecordedJob& job);

}  // namespace tallymill::verify
