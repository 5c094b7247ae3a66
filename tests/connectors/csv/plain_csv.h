#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/csv/record_scanner.h"
#include "connectors/csv/record_splitter.h"

namespace tallymill::csv {

/// A record as tests compare it.
struct PlainRecord {
  Record::Kind kind = Record::Kind::record;
  std::int64_t line = 0;
  std::string original;
  std::vector<std::string> cells;

  friend bool operator==(const PlainRecord&, const PlainRecord&) = default;
};

/// The rules of the scan and the splitter once more, one byte at a time, as slow and as plain as
/// can be: what both must agree with.
class PlainCsv {
 public:
  PlainCsv(std::string_view text, const Syntax& syntax) : text_(text), syntax_(syntax) {
    for (char c : text_)
      line_ends_before_.push_back(line_ends_before_.back() + (c == syntax_.newline ? 1 : 0));
  }

  std::vector<PlainRecord> read() {
    std::vector<PlainRecord> records;
    while (at_ < text_.size()) records.push_back(next());
    return records;
  }

 private:
  PlainRecord next() {
    begin_ = at_;
    PlainRecord record{Record::Kind::record, line_, {}, {}};
    const std::size_t lines_before = line_end_count(begin_);
    while (true) {
      if (!read_cell(record)) {
        at_ = std::min(text_.find(syntax_.newline, begin_), text_.size());
        record.kind = Record::Kind::unclosed_quote;
        record.cells.clear();
        break;
      }
      if (at_ == text_.size() || text_[at_] == syntax_.newline) break;
      ++at_;
    }
    record.original = without_cr(text_.substr(begin_, at_ - begin_));
    at_ = std::min(at_ + 1, text_.size());
    line_ += static_cast<std::int64_t>(line_end_count(at_) - lines_before);
    if (record.kind == Record::Kind::record && record.cells.size() == 1 &&
        record.cells[0].empty() && !was_quoted_) {
      record.kind = Record::Kind::blank;
      record.cells.clear();
    }
    return record;
  }

  /// Leaves at_ on the delimiter or line end behind the cell; false: its quote does not close.
  bool read_cell(PlainRecord& record) {
    std::size_t start = at_;
    while (syntax_.is_padded && start < text_.size() && syntax_.is_padding(text_[start])) ++start;
    was_quoted_ = syntax_.has_quotes() && start < text_.size() && text_[start] == syntax_.quote;
    if (!was_quoted_) {
      std::string cell = rest_of_cell();
      if (at_ == text_.size() || text_[at_] == syntax_.newline) cell = without_cr(cell);
      record.cells.push_back(trimmed(cell));
      return true;
    }
    std::string cell;
    for (std::size_t i = start + 1;; ++i) {
      if (i >= text_.size() || i - begin_ >= syntax_.max_quoted_bytes ||
          line_end_count(i) - line_end_count(begin_) >= syntax_.max_quoted_lines)
        return false;
      if (text_[i] == syntax_.quote) {
        if (i + 1 == text_.size() || text_[i + 1] != syntax_.quote) {
          at_ = i + 1;
          break;
        }
        ++i;
      }
      cell += text_[i];
    }
    std::string behind = rest_of_cell();
    if (at_ == text_.size() || text_[at_] == syntax_.newline) behind = without_cr(behind);
    if (!trimmed(behind).empty()) record.kind = Record::Kind::text_after_quote;
    record.cells.push_back(trimmed(cell));
    return true;
  }

  std::string rest_of_cell() {
    std::string cell;
    while (at_ < text_.size() && text_[at_] != syntax_.delimiter && text_[at_] != syntax_.newline)
      cell += text_[at_++];
    return cell;
  }
  std::string trimmed(std::string text) const {
    if (!syntax_.is_padded) return text;
    while (!text.empty() && syntax_.is_padding(text.front())) text.erase(0, 1);
    while (!text.empty() && syntax_.is_padding(text.back())) text.pop_back();
    return text;
  }
  std::string without_cr(std::string_view text) const {
    if (syntax_.newline == '\n' && text.ends_with('\r')) text.remove_suffix(1);
    return std::string(text);
  }
  std::size_t line_end_count(std::size_t before) const { return line_ends_before_[before]; }

  std::string_view text_;
  Syntax syntax_;
  std::vector<std::size_t> line_ends_before_{0};
  std::size_t at_ = 0;
  std::size_t begin_ = 0;
  std::int64_t line_ = 1;
  bool was_quoted_ = false;
};

/// What a reader of files does: windows of at least `window` bytes are scanned, whole records taken
/// apart, the rest is kept for the next window. `record_ends` receives what the scan counted.
inline std::vector<PlainRecord> read_in_blocks(std::string_view text, std::size_t window,
                                               const Syntax& syntax, std::size_t& record_ends) {
  std::vector<PlainRecord> records;
  RecordSplitter splitter;
  Record record;
  record_ends = 0;
  std::int64_t line = 1;
  std::size_t at = 0;
  std::size_t size = window;
  while (at < text.size()) {
    const bool is_last = size >= text.size() - at;
    const Scan scan = scan_records(text.substr(at, size), is_last, syntax);
    if (scan.bytes == 0) {
      size *= 2;
      continue;
    }
    splitter.start(text.substr(at, scan.bytes), line, syntax);
    while (splitter.next(record)) {
      PlainRecord& plain = records.emplace_back();
      plain.kind = record.kind;
      plain.line = record.line;
      plain.original = record.original;
      for (const Cell& cell : record.cells) plain.cells.emplace_back(cell.text);
    }
    record_ends += scan.records;
    line += static_cast<std::int64_t>(scan.lines);
    at += scan.bytes;
    size = window;
  }
  return records;
}

}  // namespace tallymill::csv
