#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "datasets/engine.h"
#include "datasets/row_bytes.h"
#include "datasets/type.h"

namespace tallymill {

/// Hashes the keys of a chunk of rows, a column at a time: equal keys of the same types have equal
/// hashes, and a null equals a null. For the memory of one run: what is stored is hashed by
/// row_bytes.h.
class KeyHasher {
 public:
  explicit KeyHasher(const std::vector<Column>& key);
  /// `hashes` has room for `rows`.
  void hash(std::span<const ColumnView> key, std::size_t rows, std::uint64_t* hashes) const;

 private:
  std::vector<ColumnEncoding> encodings_;
};

}  // namespace tallymill
