#include "worker/workbook_relation.h"

#include <algorithm>

#include "connectors/xlsx/workbook_reader.h"
#include "core/text.h"

namespace tallymill {
namespace {

const std::string kTable = "tm_workbook";
constexpr std::size_t kRowsAtOnce = 500;

/// Names of the columns, by their place in the sheet.
std::vector<std::string> header_of(const xlsx::Row& row) {
  std::vector<std::string> names;
  for (const xlsx::Cell& cell : row.cells) {
    names.resize(std::max(names.size(), cell.column + 1));
    names[cell.column] = cell.text;
  }
  return names;
}

class TableFiller {
 public:
  TableFiller(Engine& engine, std::size_t columns) : engine_(engine), columns_(columns) {}

  void add(const xlsx::Row& row) {
    std::string values = "(" + std::to_string(row.number);
    for (std::size_t column = 0; column < columns_; ++column) {
      const xlsx::Cell* cell = row.at(column);
      values += cell == nullptr ? ", NULL" : ", " + quote_literal(cell->text);
    }
    rows_.push_back(values + ")");
    if (rows_.size() == kRowsAtOnce) flush();
  }
  void flush() {
    if (!rows_.empty()) engine_.execute("INSERT INTO " + kTable + " VALUES " + join(rows_, ", "));
    rows_.clear();
  }

 private:
  Engine& engine_;
  std::size_t columns_;
  std::vector<std::string> rows_;
};

}  // namespace

FileRelation read_workbook_relation(JobContext& context, const std::filesystem::path& path,
                                    const std::string& file) {
  FileRelation sheet{.relation = kTable, .schema = {}, .malformed = {}};
  xlsx::WorkbookReader reader(path);
  xlsx::Row row;
  const auto report = [&](const std::string& what, const std::string& hint) {
    context.diagnostics().error({.file = file, .line = static_cast<int>(row.number)}, what, hint);
  };
  if (!reader.next(row)) {
    report("sheet '" + reader.sheet() + "' is empty", "its first row names the columns");
    return sheet;
  }
  std::string columns = "\"_line\" BIGINT";
  for (const std::string& name : header_of(row)) {
    if (name.empty() || sheet.schema.find(name) != nullptr) {
      report(name.empty() ? "a column has no name" : "two columns are named '" + name + "'",
             "the first row names the columns");
      return sheet;
    }
    sheet.schema.columns.push_back({.name = name, .type = Type::text()});
    columns += ", " + quote_identifier(name) + " VARCHAR";
  }
  Engine& engine = context.engine();
  engine.execute("CREATE TEMP TABLE " + kTable + " (" + columns + ")");
  const std::size_t width = sheet.schema.columns.size();
  TableFiller filler(engine, width);
  while (reader.next(row)) {
    for (const xlsx::Cell& cell : row.cells) {
      const std::string at = xlsx::cell_name(cell.column, row.number);
      if (cell.column >= width)
        report("cell " + at + " stands in a column without a name", "the first row names them");
      else if (cell.kind == xlsx::CellKind::error)
        report("cell " + at + " holds the error " + cell.text, "mend it in the spreadsheet");
      else if (cell.is_inexact)
        report("cell " + at + " holds " + cell.text + ", which is only near a decimal number",
               "write it as text, with the digits that are meant");
    }
    filler.add(row);
  }
  filler.flush();
  return sheet;
}

}  // namespace tallymill
