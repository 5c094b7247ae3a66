#include "connectors/files/csv_file.h"

#include <algorithm>
#include <cstring>

#include "connectors/csv/record_scanner.h"
#include "connectors/csv/record_splitter.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill {

namespace {

// Small enough to stay in a core's cache from the read to the last cell, large enough that taking
// the lock for it costs nothing.
constexpr std::size_t kBlockBytes = 512 * 1024;
constexpr std::size_t kFirstBytes = 64 * 1024;
constexpr std::size_t kMaxRecordBytes = 16 * 1024 * 1024;
constexpr std::size_t kMaxPreambleBytes = 1024 * 1024;

}  // namespace

CsvFile::CsvFile(const FoundFile& file, const csv::Dialect& dialect)
    : name_(file.name), stream_(file.path, file.name, dialect.encoding), syntax_(dialect.syntax) {
  read_more(kFirstBytes);
  if (pending_.starts_with(kUtf8Bom)) pending_.erase(0, kUtf8Bom.size());
  detect_newline();
  skip_preamble(dialect);
  read_header(dialect);
}

/// Reads until `bytes` are pending; false if the file ends before.
bool CsvFile::read_more(std::size_t bytes) {
  while (pending_.size() < bytes && !is_at_end_) {
    const std::size_t had = pending_.size();
    pending_.resize(std::max(bytes, had));
    const std::size_t size = stream_.read(pending_.data() + had, pending_.size() - had);
    pending_.resize(had + size);
    is_at_end_ = size == 0;
  }
  return pending_.size() >= bytes;
}

/// Old Macintosh files end lines with CR alone; everything else ends them with LF or CR LF.
void CsvFile::detect_newline() {
  if (pending_.find('\n') == std::string::npos && pending_.find('\r') != std::string::npos)
    syntax_.newline = '\r';
}

/// Takes the next physical line, without its end, from the pending bytes.
std::string_view CsvFile::next_line() {
  std::size_t end = pending_.find(syntax_.newline);
  while (end == std::string::npos && read_more(pending_.size() + kFirstBytes))
    end = pending_.find(syntax_.newline);
  return std::string_view(pending_).substr(0, end);
}

void CsvFile::skip_preamble(const csv::Dialect& dialect) {
  for (std::int64_t i = 0; i < dialect.skip_lines; ++i) {
    const std::size_t size = next_line().size();
    if (size == pending_.size())
      throw Error(ErrorClass::data, name_ + " has only " + std::to_string(i + 1) +
                                        " lines; skip_lines is " +
                                        std::to_string(dialect.skip_lines));
    pending_.erase(0, size + 1);
    ++line_;
  }
  if (!dialect.header_starts_with.empty()) find_header_line(dialect);
}

void CsvFile::find_header_line(const csv::Dialect& dialect) {
  std::size_t skipped = 0;
  while (true) {
    const std::string_view line = next_line();
    std::string_view start = trim(line);
    if (syntax_.has_quotes() && start.starts_with(syntax_.quote)) start.remove_prefix(1);
    if (start.starts_with(dialect.header_starts_with)) return;
    skipped += line.size() + 1;
    if (line.size() == pending_.size() || skipped > kMaxPreambleBytes)
      throw Error(ErrorClass::data, name_ + ": none of its first " +
                                        std::to_string(line_ - (line.empty() ? 1 : 0)) +
                                        " lines starts with '" + dialect.header_starts_with +
                                        "' (header_starts_with), so its header is not found");
    pending_.erase(0, line.size() + 1);
    ++line_;
  }
}

/// Gives up on a record that has not ended after `bytes`.
void CsvFile::require_record_size(std::size_t bytes) const {
  if (bytes >= kMaxRecordBytes)
    throw Error(ErrorClass::data, name_ + ":" + std::to_string(line_) +
                                      ": the line is over 16 MiB long; this is no CSV file");
}

/// Where the first pending record ends; reads as much as that takes.
std::size_t CsvFile::first_record_end() {
  while (true) {
    const csv::RecordEnd end = csv::find_record_end(pending_, 0, is_at_end_, syntax_);
    if (end.kind != csv::RecordEnd::Kind::unfinished) return end.end;
    require_record_size(pending_.size());
    read_more(pending_.size() + kFirstBytes);
  }
}

void CsvFile::read_header(const csv::Dialect& dialect) {
  if (dialect.header == csv::Header::declared) {
    header_ = dialect.names;
    return;
  }
  csv::RecordSplitter splitter;
  csv::Record record;
  while (true) {
    const std::size_t end = first_record_end();
    splitter.start(std::string_view(pending_).substr(0, end), line_, syntax_);
    if (!splitter.next(record)) {
      if (dialect.header == csv::Header::none) return;
      throw Error(ErrorClass::data, name_ + " is empty; expected a header with column names");
    }
    if (record.kind != csv::Record::Kind::blank) break;
    line_ += std::count(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(end),
                        syntax_.newline);
    pending_.erase(0, end);
  }
  const bool is_header = dialect.header == csv::Header::first_record;
  if (is_header && record.kind != csv::Record::Kind::record)
    throw Error(ErrorClass::data,
                name_ + ":" + std::to_string(line_) + ": the header has a broken quote");
  for (std::size_t i = 0; i < record.cells.size(); ++i)
    header_.push_back(is_header ? shown_text(record.cells[i].text)
                                : "column" + std::to_string(i + 1));
  if (!is_header) return;
  const std::size_t end = first_record_end();
  line_ += std::count(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(end),
                      syntax_.newline);
  pending_.erase(0, end);
}

bool CsvFile::next_block(CsvBlock& block) {
  block.storage.resize(std::max({block.storage.size(), kBlockBytes, 2 * pending_.size()}));
  std::memcpy(block.storage.data(), pending_.data(), pending_.size());
  std::size_t size = pending_.size();
  csv::Scan scan;
  while (true) {
    while (size < block.storage.size() && !is_at_end_) {
      const std::size_t more =
          stream_.read(block.storage.data() + size, block.storage.size() - size);
      size += more;
      is_at_end_ = more == 0;
    }
    scan = csv::scan_records({block.storage.data(), size}, is_at_end_, syntax_);
    if (scan.bytes > 0 || is_at_end_) break;
    require_record_size(size);
    block.storage.resize(2 * size);
  }
  pending_.assign(block.storage.data() + scan.bytes, size - scan.bytes);
  block.size = scan.bytes;
  block.first_line = line_;
  block.is_valid = stream_.is_valid_so_far();
  block.syntax = syntax_;
  line_ += static_cast<std::int64_t>(scan.lines);
  record_ends_ += static_cast<std::int64_t>(scan.records);
  return scan.bytes > 0;
}

}  // namespace tallymill
