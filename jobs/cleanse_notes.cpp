#include "jobs/cleanse_notes.h"

#include "core/text.h"
#include "jobs/cleanse_changes.h"

namespace tallymill {

std::map<std::string, Schema> note_schemas(const CleanseFlow& flow, const Schema& schema) {
  std::map<std::string, Schema> schemas;
  for (const CleanseFlow::Note& note : flow.notes()) {
    Schema& made = schemas[note.evidence];
    if (!made.columns.empty()) continue;
    const auto add = [&](const std::string& name) {
      made.columns.push_back({.name = name, .type = Type::text()});
    };
    add("row");
    for (const auto& field : note.fields) add(field.first);
    add("step");
    made.has_provenance = schema.has_provenance;
  }
  return schemas;
}

std::string note_select(const CleanseFlow& flow, const std::string& evidence, const Schema& schema,
                        const std::string& rows) {
  std::vector<std::string> selects;
  for (const CleanseFlow::Note& note : flow.notes()) {
    if (note.evidence != evidence) continue;
    std::string select = "SELECT " + row_text_sql(schema) + " AS \"row\"";
    for (const auto& [name, value] : note.fields)
      select += ", " + value + " AS " + quote_identifier(name);
    select += ", " + quote_literal(note.step) + " AS step";
    if (schema.has_provenance) select += ", _source, _line";
    selects.push_back(select + " FROM " + rows + " WHERE tm_stays AND " + note.condition);
  }
  return join(selects, " UNION ALL ");
}

}  // namespace tallymill
