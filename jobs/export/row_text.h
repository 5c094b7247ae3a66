#pragma once

#include <span>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "datasets/engine.h"

namespace tallymill {

/// Rows of a chunk as canonical text: 12.30, 2026-01-31, 2026-01-31T08:05:00Z, true. What our own
/// parsers read back to the same value.
class RowText {
 public:
  explicit RowText(std::vector<Type> types);
  /// The fields of one row; valid until the next call and as long as the chunk.
  std::span<const SourceField> row(std::span<const ColumnView> columns, std::size_t row);

 private:
  std::vector<Type> types_;
  std::vector<std::string> texts_;
  std::vector<SourceField> fields_;
};

}  // namespace tallymill
