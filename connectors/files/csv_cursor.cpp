#include <algorithm>

#include "connectors/encoding/gb18030.h"
#include "connectors/files/csv_reader.h"
#include "core/text.h"

namespace tallymill {

namespace {

std::string count(std::size_t number, const char* noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

}  // namespace

/// Takes blocks apart and hands their records on.
class CsvReader::CsvCursor final : public RecordReader::Cursor {
 public:
  explicit CsvCursor(CsvReader& reader) : reader_(reader), fields_(reader.columns_.size()) {}

  bool read(RecordSink& sink) override {
    while (!sink.is_full()) {
      if (!has_block_ && !take_block()) return false;
      if (splitter_.next(record_))
        deliver(sink);
      else
        end_block();
    }
    return true;
  }

 private:
  bool take_block() {
    if (!reader_.next_block(block_)) return false;
    has_block_ = true;
    splitter_.start(block_.bytes(), block_.first_line, block_.syntax);
    is_valid_ = (block_.is_valid || is_valid_utf8(block_.bytes())) &&
                block_.bytes().find('\0') == std::string_view::npos;
    return true;
  }

  void end_block() {
    has_block_ = false;
    reader_.delivered_ += delivered_;
    reader_.blank_lines_ += blank_lines_;
    delivered_ = 0;
    blank_lines_ = 0;
  }

  void deliver(RecordSink& sink) {
    using Kind = csv::Record::Kind;
    if (record_.kind == Kind::blank) {
      ++blank_lines_;
      return;
    }
    ++delivered_;
    if (!is_valid_ && !is_clean(record_.original)) {
      malformed(sink, "invalid_encoding",
                "the line holds bytes that are no text in its file's encoding; they are shown as "
                "\\xHH");
    } else if (record_.kind == Kind::unclosed_quote) {
      malformed(sink, "unclosed_quote",
                "a quote opens here and does not close within 64 KiB and 100 lines");
    } else if (record_.kind == Kind::text_after_quote) {
      malformed(sink, "text_after_quote",
                "text follows a closing quote; a quote within quotes must be doubled" +
                    lines_swallowed());
    } else {
      deliver_cells(sink);
    }
  }

  /// A quote that somebody forgot to close takes the lines up to the next one along.
  std::string lines_swallowed() const {
    const auto lines = std::count(record_.original.begin(), record_.original.end(), '\n');
    if (lines == 0) return {};
    return "; a quote of this line closes in line " + std::to_string(record_.line + lines) +
           ": where it was meant to close before, the lines up to there are records of their own";
  }

  void deliver_cells(RecordSink& sink) {
    const std::vector<int>& field_of_cell = reader_.states_[block_.source].field_of_cell;
    const csv::Dialect& dialect = reader_.dialect_;
    const std::size_t cells = record_.cells.size();
    const std::size_t expected = field_of_cell.size();
    if (cells != expected) {
      if (cells < expected && !dialect.pads_short_records)
        return wrong_count(sink, "too_few_fields");
      if (cells > expected && !(dialect.ignores_extra_empty && are_empty(expected)))
        return wrong_count(sink, "too_many_fields");
      if (cells < expected) fields_.assign(fields_.size(), {{}, true, false});
    }
    for (std::size_t i = 0; i < std::min(cells, expected); ++i) {
      if (field_of_cell[i] < 0) continue;
      const csv::Cell& cell = record_.cells[i];
      SourceField& field = fields_[static_cast<std::size_t>(field_of_cell[i])];
      field.text = cell.text;
      field.is_null = is_null(cell);
    }
    sink.record(block_.source, record_.line, fields_, record_.original);
  }

  bool is_null(const csv::Cell& cell) const {
    const auto& null_values = reader_.dialect_.null_values;
    if (!null_values) return cell.text.empty() && !cell.is_quoted;
    return std::find(null_values->begin(), null_values->end(), cell.text) != null_values->end();
  }

  bool are_empty(std::size_t from) const {
    return std::all_of(record_.cells.begin() + static_cast<std::ptrdiff_t>(from),
                       record_.cells.end(),
                       [](const csv::Cell& cell) { return cell.text.empty(); });
  }

  static bool is_clean(std::string_view text) {
    return is_valid_utf8(text) && text.find('\0') == std::string_view::npos;
  }

  void wrong_count(RecordSink& sink, std::string_view reason) {
    const std::size_t expected = reader_.states_[block_.source].field_of_cell.size();
    malformed(
        sink, reason,
        count(record_.cells.size(), "cell") + " where the file has " + count(expected, "column"));
  }

  void malformed(RecordSink& sink, std::string_view reason, std::string message) {
    const std::string original = is_valid_ ? std::string() : shown_text(record_.original);
    sink.malformed(block_.source, record_.line, reason, std::move(message),
                   is_valid_ ? record_.original : std::string_view(original));
  }

  CsvReader& reader_;
  CsvBlock block_;
  bool has_block_ = false;
  bool is_valid_ = false;  ///< the whole block is UTF-8 without NUL
  csv::RecordSplitter splitter_;
  csv::Record record_;
  std::vector<SourceField> fields_;
  std::int64_t delivered_ = 0;
  std::int64_t blank_lines_ = 0;
};

std::unique_ptr<RecordReader::Cursor> CsvReader::open_cursor() {
  return std::make_unique<CsvCursor>(*this);
}

}  // namespace tallymill
