#include "rules/table_text.h"

#include <algorithm>

#include "core/csv_table.h"
#include "core/text.h"

namespace tallymill {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

SourcePosition position(const std::string& file, const CsvTable::Place& place) {
  return {file, place.line, place.column, place.length};
}

/// The leading lines that begin with '#', with a blank in its place; spreadsheets put commas and
/// quotes around what they take for cells.
struct CsvHead {
  std::string yaml;
  std::size_t length = 0;
  int lines = 0;
};

CsvHead head_of(std::string_view text) {
  CsvHead head;
  if (text.starts_with(kByteOrderMark)) head.length = kByteOrderMark.size();
  while (head.length < text.size() && text[head.length] == '#') {
    const std::size_t end = std::min(text.find('\n', head.length), text.size());
    std::string line(text.substr(head.length, end - head.length));
    line.front() = ' ';
    while (!line.empty() && (line.back() == ',' || line.back() == '\r')) line.pop_back();
    head.yaml += line + "\n";
    head.length = std::min(end + 1, text.size());
    ++head.lines;
  }
  return head;
}

std::optional<TableText> read_csv(const std::string& file, const std::string& text,
                                  Diagnostics& diagnostics) {
  TableText table;
  const CsvHead head = head_of(text);
  if (head.lines > 0) {
    table.document = YamlDocument::parse(file, head.yaml, diagnostics);
    if (table.document == nullptr) return std::nullopt;
    table.head = table.document->root();
  }
  // The head's text has other line ends than the file's; what is quoted is the file.
  diagnostics.add_source(file, std::make_shared<const std::string>(text));
  Diagnostics found;
  CsvTable cells =
      read_csv_table(file, std::string_view(text).substr(head.length), found, head.lines + 1);
  diagnostics.add_all(found);
  if (found.has_errors()) return std::nullopt;
  for (std::size_t i = 0; i < cells.columns.size(); ++i)
    table.columns.push_back({.text = std::string(trim(cells.columns[i])),
                             .is_given = true,
                             .where = position(file, cells.column_places[i])});
  for (std::size_t r = 0; r < cells.rows.size(); ++r) {
    TextRow row{position(file, cells.places[r].front()), {}};
    for (std::size_t i = 0; i < cells.rows[r].size(); ++i) {
      const std::string_view cell = trim(cells.rows[r][i]);
      row.cells.push_back({.text = std::string(cell),
                           .is_given = !cell.empty(),
                           .where = position(file, cells.places[r][i])});
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// Reads rows of a YAML document.
class YamlRows {
 public:
  YamlRows(TableText& table, Diagnostics& diagnostics) : table_(table), diagnostics_(diagnostics) {}

  void read() {
    const YamlNode columns = table_.head.find("columns");
    if (columns) read_columns(columns);
    const YamlNode rows = table_.head.find("rows");
    if (!rows) return;
    if (!rows.is_sequence()) {
      diagnostics_.error(rows.position(),
                         "rows must be a list, got " + std::string(rows.kind_name()));
      return;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) read_row(rows[i], static_cast<bool>(columns));
    for (TextRow& row : table_.rows) row.cells.resize(table_.columns.size());
  }

 private:
  void read_columns(YamlNode columns) {
    if (!columns.is_sequence()) {
      diagnostics_.error(columns.position(), "columns must be a list of names, got " +
                                                 std::string(columns.kind_name()));
      return;
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const TextCell cell = cell_of(columns[i]);
      if (table_.column(cell.text))
        diagnostics_.error(cell.where, "column '" + cell.text + "' is named twice");
      table_.columns.push_back(cell);
    }
  }

  void read_row(YamlNode node, bool has_columns) {
    TextRow row{node.position(), {}};
    if (has_columns && node.is_sequence()) {
      if (node.size() != table_.columns.size())
        diagnostics_.error(node.position(), "expected " + std::to_string(table_.columns.size()) +
                                                " cells, found " + std::to_string(node.size()));
      for (std::size_t i = 0; i < node.size(); ++i) row.cells.push_back(cell_of(node[i]));
    } else if (node.is_mapping()) {
      read_mapping(node, has_columns, row);
    } else {
      diagnostics_.error(node.position(),
                         std::string("a row must be a ") +
                             (has_columns ? "list of cells" : "mapping of columns to cells") +
                             ", got " + std::string(node.kind_name()));
      return;
    }
    table_.rows.push_back(std::move(row));
  }

  void read_mapping(YamlNode node, bool has_columns, TextRow& row) {
    for (std::size_t i = 0; i < node.size(); ++i) {
      const TextCell key = cell_of(node.key(i));
      std::optional<std::size_t> column = table_.column(key.text);
      if (!column && has_columns) {
        diagnostics_.error(key.where, "the table has no column '" + key.text + "'");
        continue;
      }
      if (!column) {
        column = table_.columns.size();
        table_.columns.push_back(key);
      }
      if (row.cells.size() <= *column) row.cells.resize(*column + 1);
      row.cells[*column] = cell_of(node[i]);
    }
  }

  TextCell cell_of(YamlNode node) {
    TextCell cell{.text = std::string(node.text()),
                  .is_given = node.is_scalar() || node.is_sequence(),
                  .is_quoted = node.is_quoted(),
                  .where = node.position()};
    if (node.is_mapping())
      diagnostics_.error(cell.where, "a cell must be a text or a list, got a mapping");
    for (std::size_t i = 0; node.is_sequence() && i < node.size(); ++i)
      cell.items.push_back(cell_of(node[i]));
    return cell;
  }

  TableText& table_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::optional<std::size_t> TableText::column(std::string_view name) const {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (columns[i].text == name) return i;
  return std::nullopt;
}

std::optional<TableText> read_table_text(const std::string& file, const std::string& text,
                                         Diagnostics& diagnostics) {
  if (file.ends_with(".csv")) return read_csv(file, text, diagnostics);
  TableText table;
  table.document = YamlDocument::parse(file, text, diagnostics);
  if (table.document == nullptr) return std::nullopt;
  table.head = table.document->root();
  if (!table.head.is_mapping()) {
    diagnostics.error({file, 1, 1, 1},
                      "expected a mapping with 'rows', got " + std::string(table.head.kind_name()));
    return std::nullopt;
  }
  YamlRows(table, diagnostics).read();
  return table;
}

}  // namespace tallymill
