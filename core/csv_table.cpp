#include "core/csv_table.h"

#include <algorithm>

#include "core/text.h"

namespace tallymill {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Takes CSV records apart one by one.
class CsvReader {
 public:
  CsvReader(const std::string& file, std::string_view text, Diagnostics& diagnostics,
            int first_line, CellPlaces places)
      : file_(file),
        text_(text),
        diagnostics_(diagnostics),
        keeps_places_(places == CellPlaces::keep),
        line_(first_line),
        record_line_(first_line) {}

  bool at_end() const { return at_ >= text_.size(); }
  int line() const { return record_line_; }
  SourcePosition position() const { return {file_, record_line_, 1}; }

  /// The cells of the next record; a blank line is a record of one empty cell.
  std::vector<std::string> next() {
    record_line_ = line_;
    places_.clear();
    std::vector<std::string> cells;
    cells.reserve(last_cells_);
    for (;;) {
      const std::size_t start = at_;
      if (keeps_places_) places_.push_back({line_, characters(line_start_, start) + 1, 1});
      cells.push_back(here() == '"' ? quoted_cell() : plain_cell());
      if (keeps_places_)
        places_.back().length = std::max(1, characters(start, std::min(at_, text_.size())));
      if (here() == ',') {
        ++at_;
        continue;
      }
      end_line();
      last_cells_ = cells.size();
      return cells;
    }
  }

  /// Of the cells that next() gave last.
  const std::vector<CsvTable::Place>& places() const { return places_; }

 private:
  char here() const { return at_ < text_.size() ? text_[at_] : '\n'; }

  std::string plain_cell() {
    const std::size_t start = at_;
    at_ = std::min(text_.find_first_of(",\n\"", at_), text_.size());
    std::string cell(text_.substr(start, at_ - start));
    if (here() == '"') {
      report("a quote inside a cell that does not start with one",
             "put the whole cell in quotes and double the inner ones");
      skip_cell();
    }
    if (here() == '\n' && cell.ends_with('\r')) cell.pop_back();
    return cell;
  }

  std::string quoted_cell() {
    std::string cell;
    ++at_;
    for (;;) {
      const std::size_t quote = text_.find('"', at_);
      if (quote == std::string_view::npos) {
        report("a quote is never closed", "");
        at_ = text_.size();
        return cell;
      }
      const std::string_view part = text_.substr(at_, quote - at_);
      cell += part;
      line_ += static_cast<int>(std::count(part.begin(), part.end(), '\n'));
      if (const std::size_t last = part.rfind('\n'); last != std::string_view::npos)
        line_start_ = at_ + last + 1;
      at_ = quote + 1;
      if (at_ < text_.size() && text_[at_] == '"') {
        cell += '"';
        ++at_;
        continue;
      }
      if (here() == '\r') ++at_;
      if (here() != ',' && here() != '\n') {
        report("text after a closing quote", "put the whole cell in quotes");
        skip_cell();
      }
      return cell;
    }
  }

  void skip_cell() { at_ = std::min(text_.find_first_of(",\n", at_), text_.size()); }

  void end_line() {
    ++at_;
    ++line_;
    line_start_ = at_;
  }

  /// Characters of a part of the text: bytes that do not go on with one.
  int characters(std::size_t from, std::size_t to) const {
    return static_cast<int>(
        std::count_if(text_.begin() + static_cast<std::ptrdiff_t>(from),
                      text_.begin() + static_cast<std::ptrdiff_t>(std::max(from, to)),
                      [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
  }

  void report(std::string message, std::string hint) {
    diagnostics_.error({file_, line_, 1}, std::move(message), std::move(hint));
  }

  const std::string& file_;
  std::string_view text_;
  Diagnostics& diagnostics_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::size_t last_cells_ = 0;
  std::vector<CsvTable::Place> places_;
  bool keeps_places_;
  int line_ = 1;
  int record_line_ = 1;
};

void check_header(const std::vector<std::string>& columns, const SourcePosition& where,
                  Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].empty())
      diagnostics.error(where, "column " + std::to_string(i + 1) + " has no name",
                        "the first line names the columns");
    else if (std::find(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(i),
                       columns[i]) != columns.begin() + static_cast<std::ptrdiff_t>(i))
      diagnostics.error(where, "column '" + columns[i] + "' is named twice");
  }
}

}  // namespace

CsvTable read_csv_table(const std::string& file, std::string_view text, Diagnostics& diagnostics,
                        int first_line, CellPlaces places) {
  CsvTable table;
  if (!is_valid_utf8(text)) {
    diagnostics.error({file, first_line, 1}, "the file is not UTF-8", "save it as UTF-8");
    return table;
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  CsvReader reader(file, text, diagnostics, first_line, places);
  if (reader.at_end()) {
    diagnostics.error({file, first_line, 1}, "the file is empty",
                      "the first line names the columns");
    return table;
  }
  table.columns = reader.next();
  table.column_places = reader.places();
  check_header(table.columns, reader.position(), diagnostics);
  while (!reader.at_end()) {
    std::vector<std::string> cells = reader.next();
    if (cells.size() == 1 && cells[0].empty()) continue;
    if (cells.size() == table.columns.size()) {
      table.rows.push_back(std::move(cells));
      if (places == CellPlaces::keep) table.places.push_back(reader.places());
    } else {
      diagnostics.error(reader.position(), "expected " + std::to_string(table.columns.size()) +
                                               " cells, found " + std::to_string(cells.size()));
    }
  }
  return table;
}

}  // namespace tallymill
