#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "connectors/connector.h"
#include "connectors/csv/record_splitter.h"
#include "connectors/files/csv_file.h"

namespace tallymill {

/// Reads CSV files, in order of their names, as one source. One cursor at a time reads and scans
/// the next block of whole records; all cursors take theirs apart at once.
class CsvReader final : public RecordReader {
 public:
  /// Opens every file as far as its header. Throws Error(data) naming the file that lacks a wanted
  /// column, and the nearest name it has.
  CsvReader(std::vector<FoundFile> files, csv::Dialect dialect, std::vector<WantedColumn> wanted);

  const std::vector<std::string>& columns() const override { return columns_; }
  std::vector<std::pair<std::string, std::string>> ignored_columns() const override {
    return ignored_;
  }
  const std::vector<std::string>& sources() const override { return sources_; }
  bool is_unchanged(const SourceState& previous) override;
  std::unique_ptr<Cursor> open_cursor() override;
  std::size_t max_threads() const override;
  void finish() override;
  std::int64_t records_read() const override;
  SourceState state() const override;
  json::object report() const override;

 private:
  class CsvCursor;
  /// What is known of one file.
  struct Source {
    std::vector<int> field_of_cell;  ///< where each cell of a record goes; -1: nowhere
    FileStat stat;
    std::string xxh3;  ///< of its bytes, once read
  };

  void map_columns(std::size_t source, const std::vector<std::string>& header);
  bool next_block(CsvBlock& block);

  std::vector<FoundFile> files_;
  csv::Dialect dialect_;
  std::vector<WantedColumn> wanted_;
  std::vector<std::string> columns_;
  std::vector<std::string> sources_;
  std::vector<std::pair<std::string, std::string>> ignored_;
  std::vector<Source> states_;

  std::mutex mutex_;    ///< guards what follows
  std::size_t at_ = 0;  ///< the file being read
  std::unique_ptr<CsvFile> current_;
  std::int64_t record_ends_ = 0;

  std::atomic<std::int64_t> delivered_{0};  ///< records and malformed ones handed to sinks
  std::atomic<std::int64_t> blank_lines_{0};
};

}  // namespace tallymill
