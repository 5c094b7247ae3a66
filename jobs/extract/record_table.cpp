#include "jobs/extract/record_table.h"

#include <cstring>

#include "core/text.h"

namespace tallymill {

namespace {

constexpr std::size_t kShownBytes = 60;

/// "'abc' is not a number": what a field is and what was expected.
std::string_view complaint(ParseProblem problem) {
  switch (problem) {
    case ParseProblem::empty:
      return "is an empty text; if that means missing, declare null_values";
    case ParseProblem::not_a_number:
      return "is not a plain number";
    case ParseProblem::surplus_fraction_digits:
      return "has more digits behind the point than its type";
    case ParseProblem::exponent:
      return "is written with an exponent";
    case ParseProblem::out_of_range:
      return "is out of range";
    case ParseProblem::not_a_date:
      return "is not a date in the declared format";
    case ParseProblem::not_a_timestamp:
      return "is not a timestamp in the declared format";
    case ParseProblem::not_a_boolean:
      return "is not true, false, 1 or 0";
    case ParseProblem::not_in_set:
      return "is not one of the declared values";
    default:
      return "cannot be read";
  }
}

bool is_exact_kind(TypeKind kind) {
  return kind == TypeKind::integer || kind == TypeKind::money || kind == TypeKind::decimal ||
         kind == TypeKind::ratio;
}

}  // namespace

std::string record_text(std::span<const SourceField> fields) {
  std::string text;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) text += ',';
    const std::string_view field = fields[i].text;
    const bool is_quoted =
        !fields[i].is_null && (field.empty() || field.find_first_of(",\"\n\r") != field.npos);
    if (!is_quoted) {
      text += field;
      continue;
    }
    text += '"';
    for (char c : field) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    text += '"';
  }
  return text;
}

/// Fills one chunk after the other. A record is parsed as a whole before any of it is written.
class RecordTable::RecordCursor final : public TableSource::Cursor, private RecordSink {
 public:
  explicit RecordCursor(RecordTable& table)
      : table_(table),
        cursor_(table.reader_.open_cursor()),
        cells_(table.columns_.size()),
        sums_(table.columns_.size()) {
    for (const ExtractColumn& column : table.columns_)
      is_summable_.push_back(column.column.type.is_summable());
  }

  std::size_t fill(std::span<ColumnWriter> columns, std::size_t capacity) override {
    columns_ = columns;
    capacity_ = capacity;
    row_ = 0;
    if (!is_done_) is_done_ = !cursor_->read(*this);
    rows_ += static_cast<std::int64_t>(row_);
    report(is_done_);
    return row_;
  }

 private:
  struct Cell {
    ParsedValue value;
    bool is_null = false;
  };
  struct Defect {
    std::size_t column;
    std::string_view reason;
    std::string_view complaint;
  };

  bool is_full() const override { return row_ == capacity_; }

  void record(std::size_t source, std::int64_t line, std::span<const SourceField> fields,
              std::string_view original) override {
    if (table_.corrections_.empty()) return take(source, line, fields, original);
    const std::string text = original.empty() ? record_text(fields) : std::string(original);
    if (table_.corrections_.correct(source, line, fields, text, corrected_))
      take(source, line, corrected_, text);
    else
      take(source, line, fields, original);
  }

  void take(std::size_t source, std::int64_t line, std::span<const SourceField> fields,
            std::string_view original) {
    ++records_;
    defects_.clear();
    for (std::size_t i = 0; i < fields.size(); ++i) parse(i, fields[i]);
    add_sums();
    if (!defects_.empty()) return reject(source, line, fields, original);
    for (std::size_t i = 0; i < fields.size(); ++i) write(i);
    columns_[fields.size()].as<std::int64_t>()[row_] = static_cast<std::int64_t>(source);
    columns_[fields.size() + 1].as<std::int64_t>()[row_] = line;
    ++row_;
  }

  void malformed(std::size_t source, std::int64_t line, std::string_view reason,
                 std::string message, std::string_view original) override {
    if (!table_.corrections_.empty() &&
        table_.corrections_.correct(source, line, {}, original, corrected_))
      return take(source, line, corrected_, original);
    ++records_;
    for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i].unparsable += is_summable_[i] ? 1 : 0;
    table_.rejects_.add({source,
                         line,
                         {},
                         std::string(reason),
                         std::string(reason),
                         std::move(message),
                         std::string(original)});
  }

  void parse(std::size_t i, const SourceField& field) {
    Cell& cell = cells_[i];
    cell.is_null = field.is_null;
    const ExtractColumn& column = table_.columns_[i];
    if (field.is_null) {
      if (column.column.required)
        defects_.push_back({i, "missing", "is missing, but the column is required"});
      return;
    }
    if (field.is_inexact && !column.takes_inexact && is_exact_kind(column.column.type.kind)) {
      defects_.push_back(
          {i, "not_exact",
           "is a floating-point number in the source, so its exact amount is not "
           "known; store it as text or integer there, or declare inexact: shortest"});
      return;
    }
    const ParseProblem problem = table_.parsers_[i].parse(field.text, cell.value);
    if (problem != ParseProblem::none)
      defects_.push_back({i, to_string(problem), complaint(problem)});
  }

  bool is_defective(std::size_t column) const {
    for (const Defect& defect : defects_)
      if (defect.column == column) return true;
    return false;
  }

  void add_sums() {
    const bool is_reject = !defects_.empty();
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (!is_summable_[i]) continue;
      if (is_reject && is_defective(i)) {
        sums_[i].unparsable += cells_[i].is_null ? 0 : 1;
        continue;
      }
      if (cells_[i].is_null) continue;
      const Int128 value = exact_number(table_.parsers_[i], cells_[i].value);
      sums_[i].read += value;
      if (is_reject) sums_[i].rejected += value;
    }
  }

  void write(std::size_t i) {
    const Cell& cell = cells_[i];
    ColumnWriter& column = columns_[i];
    if (cell.is_null) return column.set_null(row_);
    switch (table_.parsers_[i].layout()) {
      case ValueParser::Layout::text:
        return column.set_text(row_, cell.value.text);
      case ValueParser::Layout::wide:
        // DuckDB's 16-byte values are not always aligned to 16.
        std::memcpy(column.as<char>() + row_ * sizeof(Int128), &cell.value.wide, sizeof(Int128));
        return;
      case ValueParser::Layout::number:
        break;
    }
    switch (table_.parsers_[i].type().kind) {
      case TypeKind::date:
        column.as<std::int32_t>()[row_] = static_cast<std::int32_t>(cell.value.number);
        return;
      case TypeKind::boolean:
        column.as<bool>()[row_] = cell.value.number != 0;
        return;
      default:
        column.as<std::int64_t>()[row_] = cell.value.number;
    }
  }

  void reject(std::size_t source, std::int64_t line, std::span<const SourceField> fields,
              std::string_view original) {
    Reject reject{.source = source, .line = line};
    reject.column = table_.columns_[defects_[0].column].column.name;
    reject.reason = defects_[0].reason;
    for (const Defect& defect : defects_) {
      const Column& column = table_.columns_[defect.column].column;
      const SourceField& field = fields[defect.column];
      if (!reject.reasons.empty()) {
        reject.reasons += ';';
        reject.message += "; ";
      }
      reject.reasons += defect.reason;
      reject.message += column.name + ": ";
      if (!field.is_null) reject.message += shown(column, field.text) + " ";
      reject.message += defect.complaint;
    }
    reject.original = original.empty() ? record_text(fields) : std::string(original);
    table_.rejects_.add(reject);
  }

  static std::string shown(const Column& column, std::string_view text) {
    if (column.sensitive) return std::string(kMaskedValue);
    if (text.size() <= kShownBytes) return "'" + std::string(text) + "'";
    std::size_t size = kShownBytes;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    return "'" + std::string(text.substr(0, size)) + "...'";
  }

  /// Hands counts over now and then, and at the end.
  void report(bool is_last) {
    constexpr std::int64_t kEvery = 100'000;
    if (!is_last && records_ < kEvery) return;
    table_.merge(records_, rows_, sums_);
    records_ = 0;
    rows_ = 0;
    sums_.assign(sums_.size(), {});
  }

  RecordTable& table_;
  std::unique_ptr<RecordReader::Cursor> cursor_;
  bool is_done_ = false;
  std::span<ColumnWriter> columns_;
  std::size_t capacity_ = 0;
  std::size_t row_ = 0;
  std::vector<Cell> cells_;
  std::vector<bool> is_summable_;
  std::vector<Defect> defects_;
  std::vector<SourceField> corrected_;
  std::int64_t records_ = 0;
  std::int64_t rows_ = 0;
  std::vector<Sums> sums_;
};

RecordTable::RecordTable(RecordReader& reader, const std::vector<ExtractColumn>& columns,
                         RecordCorrections& corrections, RejectLog& rejects,
                         std::function<void(std::int64_t)> on_progress)
    : reader_(reader),
      columns_(columns),
      corrections_(corrections),
      rejects_(rejects),
      on_progress_(std::move(on_progress)) {
  for (const ExtractColumn& column : columns_) {
    parsers_.emplace_back(column.column.type, column.pattern);
    if (column.column.type.is_summable()) sums_[column.column.name] = {};
  }
}

RecordTable::~RecordTable() = default;

std::unique_ptr<TableSource::Cursor> RecordTable::open_cursor() {
  return std::make_unique<RecordCursor>(*this);
}

std::vector<Column> RecordTable::table_columns() const {
  std::vector<Column> result;
  for (const ExtractColumn& column : columns_) result.push_back(column.column);
  result.push_back({.name = std::string(kSourceColumn), .type = Type::integer()});
  result.push_back({.name = std::string(kLineColumn), .type = Type::integer()});
  return result;
}

void RecordTable::merge(std::int64_t records, std::int64_t rows, const std::vector<Sums>& sums) {
  const std::lock_guard guard(mutex_);
  records_ += records;
  rows_ += rows;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (!columns_[i].column.type.is_summable()) continue;
    Sums& total = sums_[columns_[i].column.name];
    total.read += sums[i].read;
    total.rejected += sums[i].rejected;
    total.unparsable += sums[i].unparsable;
  }
  if (on_progress_) on_progress_(records_);
}

}  // namespace tallymill
