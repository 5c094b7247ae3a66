#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "books/near_miss.h"
#include "books/tolerance.h"
#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill::books {

/// More breaks of keys that others do not know than this have no candidates: whoever has a million
/// of them looks for a wrong key, not for a wrong row.
inline constexpr std::int64_t kMostCandidates = 1'000'000;

/// Keys that only some of several parties know: two sides, or systems. Numbered from 1 in the order
/// they are taken.
class AloneRows {
 public:
  AloneRows(std::vector<Column> key, Tolerance tolerance, int scale);

  /// What take() reads: the parties that know the key (a bit each), its amount, its parts as text.
  std::vector<Type> columns() const;
  void take(std::span<const ColumnView> columns, std::size_t rows);

  /// Makes table function `name`: tm_row, tm_candidate (numbers), tm_failed, tm_distance. Of every
  /// row the nearest one that none of its own parties knows, what of key and amount failed, and by
  /// how much.
  void make_candidates(Engine& engine, const std::string& name) const;

 private:
  struct Known {
    std::vector<CascadeRow> rows = {};
    std::vector<std::int64_t> numbers = {};
  };

  std::int32_t number_of(std::size_t part, std::string_view value);
  const Known& strangers_of(std::int64_t parties, Known& mixed) const;

  std::vector<Column> key_;
  Tolerance tolerance_;
  int scale_;
  std::vector<std::unordered_map<std::string, std::int32_t>> values_;
  std::map<std::int64_t, Known> by_parties_;
  std::int64_t last_row_ = 0;
};

}  // namespace tallymill::books
