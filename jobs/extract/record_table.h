#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "core/money.h"
#include "datasets/engine.h"
#include "jobs/extract/extract_spec.h"
#include "jobs/extract/record_corrections.h"
#include "jobs/extract/reject_log.h"

namespace tallymill {

/// Fields of a source that has no text form of its own, as a CSV record.
std::string record_text(std::span<const SourceField> fields);

/// A source's records as typed rows: each field goes through the strict parser of its column
/// straight into DuckDB's vectors; a record with any defect goes to the reject log, once, with all
/// its reasons. Columns: the declared ones, then _source (an index into the sources), _line.
class RecordTable final : public TableSource {
 public:
  /// Sums of a summable column over all records, and over the rejected ones; values that do not
  /// parse are in neither.
  struct Sums {
    Int128 read = 0;
    Int128 rejected = 0;
    std::int64_t unparsable = 0;
  };

  /// Everything given must outlive the table. `on_progress` is called by any thread, one at a
  /// time, with the number of records so far.
  RecordTable(RecordReader& reader, const std::vector<ExtractColumn>& columns,
              RecordCorrections& corrections, RejectLog& rejects,
              std::function<void(std::int64_t)> on_progress);
  ~RecordTable() override;

  std::unique_ptr<Cursor> open_cursor() override;
  std::size_t max_threads() const override { return reader_.max_threads(); }

  /// Names and types of the columns, for Engine::add_source().
  std::vector<Column> table_columns() const;
  /// After the scan.
  std::int64_t rows() const { return rows_; }
  const std::map<std::string, Sums>& sums() const { return sums_; }

 private:
  class RecordCursor;

  void merge(std::int64_t records, std::int64_t rows, const std::vector<Sums>& sums);

  RecordReader& reader_;
  const std::vector<ExtractColumn>& columns_;
  RecordCorrections& corrections_;
  RejectLog& rejects_;
  std::function<void(std::int64_t)> on_progress_;
  std::vector<ValueParser> parsers_;

  std::mutex mutex_;
  std::int64_t records_ = 0;  ///< as reported to on_progress_
  std::int64_t rows_ = 0;
  std::map<std::string, Sums> sums_;
};

}  // namespace tallymill
