#include "jobs/cleanse_changes.h"

#include <algorithm>

#include "core/text.h"

namespace tallymill {
namespace {

std::string text_of(const std::string& value) { return "CAST(" + value + " AS VARCHAR)"; }

std::string line_of(const CleanseFlow::CellStage& cell) {
  const auto shown = [&](const std::string& value) {
    if (!cell.is_sensitive) return text_of(value);
    return "CASE WHEN " + value + " IS NOT NULL THEN " + quote_literal(kMaskedValue) + " END";
  };
  return "CASE WHEN " + cell.changed + " THEN {'column': " + quote_literal(cell.column) +
         ", 'before': " + shown(cell.before) + ", 'after': " + shown(cell.after) +
         ", 'step': " + quote_literal(cell.step) + "} END";
}

}  // namespace

std::string row_text_sql(const Schema& schema) {
  std::vector<std::string> names;
  for (const std::string& name : schema.key)
    if (!is_provenance(name)) names.push_back(name);
  if (names.empty() && schema.has_provenance) return "_source || ':' || _line";
  if (names.empty()) names = schema.names();
  std::vector<std::string> parts;
  for (const std::string& name : names)
    parts.push_back(schema.find(name)->sensitive
                        ? quote_literal(kMaskedValue)
                        : "coalesce(" + text_of(quote_identifier(name)) + ", '')");
  return "concat_ws('|', " + join(parts, ", ") + ")";
}

Schema change_log_schema(const Schema& schema) {
  Schema log;
  for (const char* name : {"row", "column", "before", "after", "step"})
    log.columns.push_back({.name = name, .type = Type::text()});
  log.has_provenance = schema.has_provenance;
  return log;
}

std::string change_log_select(const CleanseFlow& flow, const Schema& schema,
                              const std::string& rows) {
  const std::string places = schema.has_provenance ? ", _source, _line" : "";
  std::vector<std::string> conditions;
  std::vector<std::string> lines;
  for (const CleanseFlow::CellStage& cell : flow.changes()) {
    conditions.push_back(cell.changed);
    lines.push_back(line_of(cell));
  }
  if (lines.empty()) {
    conditions.emplace_back("false");
    lines.emplace_back("{'column': '', 'before': '', 'after': '', 'step': ''}");
  }
  std::vector<std::string> fields;
  for (const char* name : {"column", "before", "after", "step"})
    fields.push_back("struct_extract(tm_line, " + quote_literal(name) + ") AS " +
                     quote_identifier(name));
  return "SELECT \"row\", " + join(fields, ", ") + places + " FROM (SELECT " +
         row_text_sql(schema) + " AS \"row\"" + places + ", unnest([" + join(lines, ", ") +
         "]) AS tm_line FROM " + rows + " WHERE tm_stays AND (" + join(conditions, " OR ") +
         ")) WHERE tm_line IS NOT NULL";
}

}  // namespace tallymill
