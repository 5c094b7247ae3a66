#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/csv/dialect.h"
#include "connectors/files/found_files.h"
#include "connectors/files/text_stream.h"

namespace tallymill {

/// Whole records of one file, ready to be taken apart by any thread. Reused between blocks.
struct CsvBlock {
  std::vector<char> storage;
  std::size_t size = 0;
  std::int64_t first_line = 1;
  std::size_t source = 0;  ///< index of the file
  bool is_valid = false;   ///< known to be UTF-8
  csv::Syntax syntax;
  std::string_view bytes() const { return {storage.data(), size}; }
};

/// One CSV file, read from front to back: preamble and header when it is opened, then blocks. All
/// line numbers are physical, 1-based. Not thread-safe.
class CsvFile {
 public:
  /// Throws Error(data) if the file is not text or its header is not found.
  CsvFile(const FoundFile& file, const csv::Dialect& dialect);

  /// Column names; how many cells every record has.
  const std::vector<std::string>& header() const { return header_; }
  /// The next block of whole records; false at the end. Throws Error(data) on a line so long that
  /// it cannot be one of a text file.
  bool next_block(CsvBlock& block);
  /// Record ends found so far behind the header, empty lines included.
  std::int64_t record_ends() const { return record_ends_; }
  const TextStream& stream() const { return stream_; }

 private:
  bool read_more(std::size_t bytes);
  void detect_newline();
  std::string_view next_line();
  void skip_preamble(const csv::Dialect& dialect);
  void find_header_line(const csv::Dialect& dialect);
  void read_header(const csv::Dialect& dialect);
  void require_record_size(std::size_t bytes) const;
  std::size_t first_record_end();

  std::string name_;
  TextStream stream_;
  csv::Syntax syntax_;
  std::vector<std::string> header_;
  std::string pending_;  ///< decoded bytes not yet handed out
  bool is_at_end_ = false;
  std::int64_t line_ = 1;  ///< of the first pending byte
  std::int64_t record_ends_ = 0;
};

}  // namespace tallymill
