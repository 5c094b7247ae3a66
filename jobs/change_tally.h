#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "datasets/engine.h"

namespace tallymill {

/// Counts changed cells of rows while the rows are written, so that they need not be made a second
/// time for it.
class ChangeTally {
 public:
  /// `flags` are boolean columns that are never null: whether a cell has changed.
  ChangeTally(Engine& engine, std::vector<std::string> flags);

  /// SQL of the same value as `expression`. Each row that it is asked of is counted, so it stands
  /// in the outermost SELECT of a statement that runs once.
  std::string counting(const std::string& expression) const;

  /// Rows so far.
  std::int64_t rows() const;
  /// Of them, those whose flag is true, in the order of the flags.
  std::vector<std::int64_t> changed() const;

 private:
  struct Counts;

  std::vector<std::string> flags_;
  std::string function_;
  std::shared_ptr<Counts> counts_;
};

}  // namespace tallymill
