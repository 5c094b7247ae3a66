#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "connectors/files/byte_stream.h"
#include "connectors/sqlite/database.h"

namespace tallymill {

/// Reads a table or view of a SQLite file within one read transaction, in the order of its rowid
/// (or primary key, or for a view all columns), so that row numbers mean the same in every run.
class SqliteReader final : public RecordReader {
 public:
  /// `source` is what rows name as `_source`. Throws Error(config) naming the table or column that
  /// is not there and the nearest that is.
  SqliteReader(std::filesystem::path file, std::string source, const ReadRequest& request);

  const std::vector<std::string>& columns() const override { return columns_; }
  std::vector<std::pair<std::string, std::string>> ignored_columns() const override {
    return ignored_;
  }
  const std::vector<std::string>& sources() const override { return sources_; }
  bool is_unchanged(const SourceState& previous) override;
  std::unique_ptr<Cursor> open_cursor() override;
  std::size_t max_threads() const override { return 1; }
  void finish() override;
  std::int64_t records_read() const override { return records_; }
  SourceState state() const override;
  json::object report() const override { return {{"rows", records_}}; }

 private:
  class SqliteCursor;
  class EmptyCursor;
  /// The database file and its write-ahead log; the log counts as empty if there is none.
  struct Content {
    FileStat file;
    FileStat wal;
    std::string file_xxh3;
    std::string wal_xxh3;
  };

  void find_table(const SourcePosition& where);
  void find_columns(const ReadRequest& request);
  void prepare_where(const ReadRequest& request);
  std::string order() const;
  Content look() const;
  void hash(Content& content) const;
  void bind_parameters(SqliteStatement& statement) const;
  void begin();

  std::filesystem::path file_;
  std::string table_;
  std::vector<std::string> sources_;
  std::vector<std::string> all_columns_;
  std::vector<std::string> columns_;
  std::vector<std::pair<std::string, std::string>> ignored_;
  std::string where_;  ///< " where (...)" or empty
  SourcePosition where_position_;
  std::vector<SourceParameter> parameters_;
  SqliteDatabase database_;
  Content content_;
  bool has_cursor_ = false;
  std::int64_t records_ = 0;
};

}  // namespace tallymill
