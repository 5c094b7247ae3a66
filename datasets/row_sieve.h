#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "datasets/engine.h"

namespace tallymill {

/// Takes some rows out of a statement while the others pass, so that nobody has to make them twice:
/// they are kept as they were, for statements that come later.
class RowSieve {
 public:
  /// Makes the view `name` of the rows that were taken: `columns`, by their SQL identifiers, and
  /// kPlace. What is more than `memory` bytes goes to a file in `folder`.
  RowSieve(Engine& engine, std::string name, std::vector<Column> columns, std::int64_t memory,
           const std::filesystem::path& folder);

  /// The view's column beside these, a number that tells the rows apart.
  static constexpr const char* kPlace = "\"tm:at\"";

  /// FROM clause of those rows of `source`, another one, for which the SQL condition `is_taken` is
  /// not true; reading it takes the others, so a statement reads it once, and whole. `is_taken`
  /// is never null.
  std::string passing(const std::string& source, const std::string& is_taken) const;
  /// Rows that were taken or have passed. To be compared with those there are: the order of
  /// conditions is DuckDB's.
  std::int64_t seen() const;

  /// SQL statement that lets go of the view.
  std::string drop() const { return "DROP VIEW " + name_; }

 private:
  class Taken;

  std::string name_;
  std::string function_;
  std::vector<Column> columns_;
  std::shared_ptr<Taken> taken_;
};

}  // namespace tallymill
