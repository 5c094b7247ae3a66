#pragma once

#include <string>
#include <vector>

#include "connectors/table_comparison.h"
#include "datasets/engine.h"
#include "datasets/type.h"

namespace tallymill {

/// A relation of the engine seen through the same hashes as a ComparedTable sees a table.
class ComparedDataset {
 public:
  /// Hashes all rows into a temporary table. `columns` are the compared ones beside `key`.
  ComparedDataset(Engine& engine, const std::string& relation, std::vector<Column> key,
                  std::vector<Column> columns, const std::string& salt);

  std::int64_t rows() const { return rows_; }
  std::vector<SegmentSum> segments(int bits) const;
  /// Relation of key_hash, row_hash of the rows in these segments.
  std::string hashes(int bits, const std::vector<std::int64_t>& segments) const;
  /// As ComparedTable::rows().
  void rows(const std::vector<std::string>& keys, const ComparedTable::TakeRow& take) const;

 private:
  std::string hashed_rows(bool with_values) const;

  Engine& engine_;
  std::string relation_;
  std::vector<Column> key_;
  std::vector<Column> columns_;
  std::string salt_;
  std::int64_t rows_ = 0;
};

/// Makes `name` a table of the engine with these columns of text.
void add_text_table(Engine& engine, const std::string& name,
                    const std::vector<std::string>& columns,
                    std::vector<std::vector<std::optional<std::string>>> rows);

}  // namespace tallymill
