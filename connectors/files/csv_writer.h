#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "connectors/connector.h"
#include "core/files.h"

namespace tallymill {

/// How an exported CSV file is written. Byte-identical for the same rows.
struct CsvStyle {
  enum class Encoding { utf8, utf8_bom, gb18030 };
  char delimiter = ',';
  Encoding encoding = Encoding::utf8;
  bool has_header = true;
  /// Text cells that a spreadsheet would run as a formula (= + - @ in front) get a `'` before them.
  bool guards_formulas = false;

  static CsvStyle from(const Options& to);
  static std::vector<OptionSpec> options();
};

/// Writes one CSV file beside its final name, reads it back, and renames it into place.
///
/// A hidden marker file beside the target says which epoch published last; it and the rename are
/// guarded by a lock, so an attempt that lost its right to publish cannot overwrite its successor.
class CsvWriter final : public RecordWriter {
 public:
  CsvWriter(std::string name, std::filesystem::path target, const WriteRequest& request,
            CsvStyle style);
  ~CsvWriter() override;

  void write(std::span<const SourceField> fields) override;
  WriteReceipt read_back() override;
  void commit() override;

 private:
  void append_cell(const SourceField& field, bool is_text);
  void end_record();
  void flush();

  std::string name_;
  std::filesystem::path target_;
  std::filesystem::path part_;  ///< written first, in the same folder
  std::vector<Column> columns_;
  Publication publication_;
  CsvStyle style_;
  UniqueFd fd_;
  std::string record_;
  std::string buffer_;
};

}  // namespace tallymill
