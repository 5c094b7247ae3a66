#include <sys/stat.h>

#include <algorithm>

#include "connectors/xlsx/sheet_writer.h"
#include "core/correction.h"
#include "core/error.h"
#include "core/sheet_cell.h"
#include "core/text.h"
#include "jobs/corrections.h"
#include "rules/check_columns.h"
#include "worker/break_sheets.h"
#include "worker/correction_subject.h"
#include "worker/query.h"

namespace tallymill {
namespace {

std::vector<std::string> header(const CorrectionSubject& subject) {
  std::vector<std::string> names{kSheetVersion};
  for (const std::string& column : subject.place) names.push_back(sheet_place(column));
  names.insert(names.end(), {kSheetDigest, kSheetReasons, kSheetMessage});
  if (!subject.has_values) names.emplace_back(kSheetOriginal);
  for (const Column& column : subject.shown) names.push_back(sheet_shown(column.name));
  for (const auto& field : subject.fields) names.push_back(field.column.name);
  return names;
}

void refuse_hidden(const CorrectionSubject& subject, bool reveal) {
  if (reveal) return;
  for (const auto& field : subject.fields)
    if (field.column.sensitive)
      throw Error(ErrorClass::config,
                  "column '" + field.column.name +
                      "' is sensitive, and who corrects rows has to see them; add --reveal and "
                      "--reason, which are put on record");
  if (subject.hides_original)
    throw Error(ErrorClass::config,
                "the records of the source have a column that another job calls sensitive, and who "
                "corrects rows has to see them; add --reveal and --reason, which are put on "
                "record");
}

/// What is settled needs nobody's look.
bool asks_for_a_look(const CorrectionSubject& subject, const json::value& reason) {
  if (!subject.is_breaks || reason.is_null()) return true;
  const std::string_view lifecycle = reason.as_string();
  return lifecycle == "new" || lifecycle == "persisting" || lifecycle == "reopened";
}

bool is_marked(const CorrectionSubject& subject, const std::string& column) {
  return column == kSheetReasons || column == kSheetMessage ||
         (subject.is_breaks && column == sheet_shown("difference"));
}

/// The cells a person is to look at, and why, stand in red. Of breaks more sheets follow.
void write_workbook(WorkerContext& context, const CorrectionSubject& subject,
                    const json::array& lines) {
  const std::filesystem::path file = json_text(context.task().spec.as_object(), "workbook");
  std::vector<xlsx::OutColumn> columns;
  for (const std::string& name : header(subject)) columns.push_back({.name = name});
  const std::size_t first_field = columns.size() - subject.fields.size();
  const std::size_t first_shown = first_field - subject.shown.size();
  const auto set_kind = [&](std::size_t at, const Type& type) {
    if (is_number(type)) columns[at].kind = xlsx::OutColumn::Kind::number;
  };
  for (std::size_t i = 0; i < subject.shown.size(); ++i)
    set_kind(first_shown + i, subject.shown[i].type);
  for (std::size_t i = 0; i < subject.fields.size(); ++i)
    set_kind(first_field + i, subject.fields[i].column.type);
  // Rows of customers are nobody else's business.
  ::umask(S_IRWXG | S_IRWXO);
  const std::vector<std::string> names = header(subject);
  xlsx::SheetWriter writer(file, subject.name(), std::move(columns));
  const auto reasons = static_cast<std::size_t>(
      std::find(names.begin(), names.end(), kSheetReasons) - names.begin());
  for (const json::value& line : lines) {
    const bool is_asking = asks_for_a_look(subject, line.as_array()[reasons]);
    std::vector<xlsx::OutCell> cells;
    for (std::size_t i = 0; i < line.as_array().size(); ++i) {
      const json::value& cell = line.as_array()[i];
      cells.push_back({.text = cell.is_null() ? std::string_view() : cell.as_string(),
                       .is_null = cell.is_null(),
                       .is_marked = is_asking && is_marked(subject, names[i])});
    }
    writer.write(cells);
  }
  if (subject.is_breaks) add_break_sheets(context, writer);
  writer.close();
}

/// A CSV file has no texts apart from formulas. Where a column takes numbers, one stays a number.
void guard_texts(const CorrectionSubject& subject, json::array& lines) {
  const std::size_t width = header(subject).size();
  const std::size_t first_field = width - subject.fields.size();
  const std::size_t first_shown = first_field - subject.shown.size();
  std::vector<bool> is_numeric(width, false);
  for (std::size_t i = 0; i < subject.shown.size(); ++i)
    is_numeric[first_shown + i] = is_number(subject.shown[i].type);
  for (std::size_t i = 0; i < subject.fields.size(); ++i)
    is_numeric[first_field + i] = is_number(subject.fields[i].column.type);
  for (json::value& line : lines)
    for (std::size_t i = 0; i < width; ++i) {
      json::value& cell = line.as_array()[i];
      if (is_numeric[i] || cell.is_null()) continue;
      cell = guarded_cell(std::string_view(cell.as_string()));
    }
}

/// Rows in order of their places, as texts, guarded_cell() each; {"workbook": path}: into that file
/// as they are.
json::value answer(WorkerContext& context) {
  const json::object& question = context.task().spec.as_object();
  const CorrectionSubject subject = correction_subject(context);
  if (context.diagnostics().has_errors()) return nullptr;
  refuse_hidden(subject, json_boolean(question, "reveal"));
  const std::string attempt = json_text(question, "version");
  // Who goes on correcting sees what was said before.
  const auto said = standing_corrections(context, subject);
  std::string places;
  std::string order;
  for (std::size_t i = 0; i < subject.place.size(); ++i) {
    const std::string column = "p" + std::to_string(i);
    places += column + ", ";
    // Lines are numbers, and texts here.
    order += (subject.place[i] == kLineColumn ? "length(" + column + "), " : "") + column + ", ";
  }
  std::string values;
  for (std::size_t i = 0; i < subject.shown.size(); ++i) values += ", s" + std::to_string(i);
  for (std::size_t i = 0; i < subject.fields.size(); ++i) values += ", v" + std::to_string(i);
  const Rows rows =
      context.engine().query("SELECT " + places + "digest, reasons, message, original" + values +
                             " FROM " + subject.relation + " ORDER BY " + order + "digest");
  const std::size_t original = subject.place.size() + 3;
  const std::size_t first_value = original + 1 + subject.shown.size();
  json::array lines;
  for (std::size_t row = 0; row < rows.cells.size(); ++row) {
    const auto& cells = rows.cells[row];
    std::vector<std::string> place;
    for (std::size_t i = 0; i < subject.place.size(); ++i) place.push_back(cells[i].value_or(""));
    const auto earlier = said.find(place);
    json::array line{earlier == said.end() ? attempt : line_version(attempt, earlier->second)};
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i == original && subject.has_values) continue;
      std::optional<std::string> shown = cells[i];
      if (i >= first_value && earlier != said.end()) {
        const auto& corrected = earlier->second.cells;
        const auto cell = corrected.find(subject.fields[i - first_value].column.name);
        if (cell != corrected.end())
          shown = cell->second || subject.has_values ? cell->second : std::string(kNoValue);
      }
      line.push_back(shown ? json::value(*shown) : json::value(nullptr));
    }
    lines.push_back(std::move(line));
  }
  json::object told{{"total", static_cast<std::int64_t>(rows.cells.size())},
                    {"lost", subject.lost}};
  if (question.contains("workbook")) {
    write_workbook(context, subject, lines);
    return told;
  }
  guard_texts(subject, lines);
  json::array columns;
  for (const std::string& name : header(subject)) columns.emplace_back(name);
  told["columns"] = std::move(columns);
  told["rows"] = std::move(lines);
  return told;
}

}  // namespace

void register_correction_sheet(Registry<Query>& queries) {
  queries.add({.name = "correction_sheet",
               .summary = "The rows that left a job, as a sheet to correct them in.",
               .answer = answer});
}

}  // namespace tallymill
