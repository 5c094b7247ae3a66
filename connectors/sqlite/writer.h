#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "connectors/sqlite/database.h"

namespace tallymill {

/// Writes one table of a SQLite file in one transaction, together with the marker in table
/// tallymill_publication that keeps older attempts from overwriting it.
///
/// Money and decimals are stored as TEXT ("12.30"): SQLite would make floating-point numbers of
/// them in a NUMERIC column, and reading back finds that out.
class SqliteWriter final : public RecordWriter {
 public:
  /// `target` names the table for people ("connector/table"). Throws Error(config) if the table
  /// exists but no export made it.
  SqliteWriter(std::filesystem::path file, std::string target, const WriteRequest& request);
  ~SqliteWriter() override;

  void write(std::span<const SourceField> fields) override;
  WriteReceipt read_back() override;
  void commit() override;

 private:
  void check_marker(const std::string& marker_condition);
  void make_table();
  void open_table();
  void prepare_insert();
  void write_marker();
  bool has_table(const std::string& name);
  bool is_ours();
  bool adds_period() const { return !period_column_.empty() && !period_field_; }

  std::filesystem::path file_;
  std::string target_;
  std::string table_;
  std::vector<Column> columns_;
  std::vector<std::string> key_;
  Publication publication_;
  std::string period_column_;                ///< `replace:`; empty: the table is made anew
  std::optional<std::size_t> period_field_;  ///< the dataset column of that name, if it has one
  bool is_new_file_ = false;
  std::unique_ptr<SqliteDatabase> database_;
  std::unique_ptr<SqliteStatement> insert_;
  bool is_committed_ = false;
};

}  // namespace tallymill
