#include <algorithm>

#include "core/correction.h"
#include "core/error.h"
#include "core/text.h"
#include "jobs/corrections.h"
#include "worker/correction_subject.h"
#include "worker/query.h"

namespace tallymill {
namespace {

/// Earlier corrections by place, so that who goes on correcting sees them.
std::map<std::vector<std::string>, Correction> standing(JobContext& context,
                                                        const CorrectionSubject& subject) {
  std::map<std::vector<std::string>, Correction> by_place;
  const std::string job = json_text(context.task().spec.as_object(), "job");
  const auto text = context.pinned_text(corrections_path(job));
  if (!text) return by_place;
  for (Correction& correction : corrections_from(*text, "the store")) {
    std::vector<std::string> place;
    for (const std::string& column : subject.place)
      place.push_back(correction.place.contains(column) ? correction.place.at(column) : "");
    by_place.emplace(std::move(place), std::move(correction));
  }
  return by_place;
}

std::vector<std::string> header(const CorrectionSubject& subject) {
  std::vector<std::string> names{kSheetVersion};
  for (const std::string& column : subject.place) names.push_back(sheet_place(column));
  names.insert(names.end(), {kSheetDigest, kSheetReasons, kSheetMessage});
  if (!subject.has_values) names.emplace_back(kSheetOriginal);
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
}

/// Rows in order of their places, as texts.
json::value answer(WorkerContext& context) {
  const json::object& question = context.task().spec.as_object();
  const CorrectionSubject subject = correction_subject(context);
  if (context.diagnostics().has_errors()) return nullptr;
  refuse_hidden(subject, json_boolean(question, "reveal"));
  const auto said = standing(context, subject);
  std::string places;
  for (std::size_t i = 0; i < subject.place.size(); ++i) places += "p" + std::to_string(i) + ", ";
  std::string values;
  for (std::size_t i = 0; i < subject.fields.size(); ++i) values += ", v" + std::to_string(i);
  const Rows rows =
      context.engine().query("SELECT " + places + "digest, reasons, message, original" + values +
                             " FROM " + subject.relation + " ORDER BY ALL");
  const std::size_t first_value = subject.place.size() + 4;
  json::array lines;
  for (std::size_t row = 0; row < rows.cells.size(); ++row) {
    const auto& cells = rows.cells[row];
    json::array line{json_text(question, "version")};
    std::vector<std::string> place;
    for (std::size_t i = 0; i < subject.place.size(); ++i) place.push_back(cells[i].value_or(""));
    const auto earlier = said.find(place);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i + 1 == first_value && subject.has_values) continue;  // no original
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
  json::array columns;
  for (const std::string& name : header(subject)) columns.emplace_back(name);
  return json::object{{"columns", std::move(columns)},
                      {"rows", std::move(lines)},
                      {"total", static_cast<std::int64_t>(rows.cells.size())},
                      {"lost", subject.lost}};
}

}  // namespace

void register_correction_sheet(Registry<Query>& queries) {
  queries.add({.name = "correction_sheet",
               .summary = "The rows that left a job, as a sheet to correct them in.",
               .answer = answer});
}

}  // namespace tallymill
