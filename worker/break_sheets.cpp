#include "worker/break_sheets.h"

#include "books/break_life.h"
#include "core/text.h"

namespace tallymill {
namespace {

using xlsx::OutCell;
using xlsx::OutColumn;

/// Texts are columns of text; everything else counts.
OutColumn::Kind kind_of(const std::string& sql_type) {
  return sql_type == "VARCHAR" ? OutColumn::Kind::text : OutColumn::Kind::number;
}

void write_rows(const std::string& sheet, const Rows& rows, xlsx::SheetWriter& writer) {
  std::vector<OutColumn> columns;
  for (std::size_t c = 0; c < rows.columns.size(); ++c)
    columns.push_back({.name = rows.columns[c], .kind = kind_of(rows.types[c])});
  writer.begin_sheet(sheet, std::move(columns));
  for (const auto& row : rows.cells) {
    std::vector<OutCell> cells;
    for (const auto& cell : row)
      cells.push_back(
          {.text = cell ? std::string_view(*cell) : std::string_view(), .is_null = !cell});
    writer.write(cells);
  }
}

/// Objects with the same keys, as a report has them.
void write_objects(const std::string& sheet, const json::array& objects,
                   xlsx::SheetWriter& writer) {
  std::vector<OutColumn> columns;
  for (const auto& [key, value] : objects.front().as_object())
    columns.push_back({.name = std::string(key),
                       .kind = key == "class" || key == "currency" ? OutColumn::Kind::text
                                                                   : OutColumn::Kind::number});
  writer.begin_sheet(sheet, columns);
  for (const json::value& object : objects) {
    std::vector<std::string> texts;
    for (const OutColumn& column : columns) {
      const json::value* value = object.as_object().if_contains(column.name);
      texts.push_back(value == nullptr     ? std::string()
                      : value->is_string() ? std::string(value->as_string())
                                           : json::serialize(*value));
    }
    std::vector<OutCell> cells;
    for (const std::string& text : texts) cells.push_back({.text = text});
    writer.write(cells);
  }
}

}  // namespace

void add_break_sheets(WorkerContext& context, xlsx::SheetWriter& writer) {
  const json::object& question = context.task().spec.as_object();
  Engine& engine = context.engine();
  const std::string currency =
      books::tells_currency(context.schema(json_text(question, "rejects"))) ? "currency, " : "";
  write_rows(
      "statement",
      engine.query("SELECT " + currency + "line, breaks, amount FROM " +
                   context.relation(json_text(question, "statement")) + " ORDER BY position"),
      writer);
  write_rows(
      "summary",
      engine.query("SELECT " + currency +
                   "class, lifecycle, bucket, count(*) AS breaks, sum(difference) AS "
                   "difference, count(*) FILTER (closed_in IS NULL) AS open, count(*) "
                   "FILTER (is_pending) AS pending FROM " +
                   context.relation(json_text(question, "rejects")) + " GROUP BY " + currency +
                   "class, lifecycle, bucket ORDER BY " + currency + "class, lifecycle, min(age)"),
      writer);
  const json::value* classes = question.if_contains("classes");
  if (classes != nullptr && !classes->as_array().empty())
    write_objects("classes", classes->as_array(), writer);
}

}  // namespace tallymill
