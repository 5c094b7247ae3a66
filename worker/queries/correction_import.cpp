#include <map>
#include <set>

#include "core/break_word.h"
#include "core/correction.h"
#include "core/sheet_cell.h"
#include "core/text.h"
#include "core/time/period.h"
#include "jobs/corrections.h"
#include "jobs/text_functions.h"
#include "worker/correction_subject.h"
#include "worker/file_relation.h"
#include "worker/query.h"
#include "worker/workbook_relation.h"

namespace tallymill {
namespace {

/// So many problems say enough about a sheet.
constexpr std::size_t kMostProblems = 200;

/// Of a row of SheetReader::select().
constexpr std::size_t kFirstPlace = 5;

/// Compares a sheet that came back with the rows that left.
class SheetReader {
 public:
  SheetReader(WorkerContext& context, const CorrectionSubject& subject, const FileRelation& sheet)
      : context_(context),
        question_(context.task().spec.as_object()),
        file_(json_text(question_, "file")),
        subject_(subject),
        sheet_(sheet),
        standing_(standing_corrections(context, subject)) {}

  json::value read() {
    if (!has_columns()) return nullptr;
    const Rows rows = context_.engine().query(select());
    std::map<std::map<std::string, std::string>, std::int64_t> lines;
    std::vector<Correction> corrections;
    std::int64_t cells = 0;
    std::int64_t taken_back = 0;
    for (std::size_t row = 0; row < rows.cells.size() && !has_too_many_problems(); ++row) {
      Correction correction = read_row(rows, row);
      const auto [first, is_new] = lines.emplace(correction.place, line_of(rows, row));
      if (!is_new)
        problem(line_of(rows, row), "line " + std::to_string(first->second) +
                                        " is about the same row; keep one of them");
      if (!says_something(correction, rows.cells[row][1].value_or(""), line_of(rows, row)))
        continue;
      cells += static_cast<std::int64_t>(correction.cells.size());
      taken_back += correction.cells.empty();
      corrections.push_back(std::move(correction));
    }
    if (context_.diagnostics().has_errors()) return nullptr;
    const auto corrected = static_cast<std::int64_t>(corrections.size());
    return json::object{{"text", corrections_text(std::move(corrections))},
                        {"rows", corrected},
                        {"cells", cells},
                        {"taken_back", taken_back},
                        {"seen", static_cast<std::int64_t>(rows.cells.size())}};
  }

 private:
  void problem(std::int64_t line, const std::string& what, const std::string& hint = {}) {
    SourcePosition where{.file = file_};
    where.line = static_cast<int>(line);
    context_.diagnostics().error(where, what, hint);
    ++problems_;
  }

  bool has_too_many_problems() const { return problems_ >= kMostProblems; }

  bool has_columns() {
    const std::vector<std::string> names = sheet_.schema.names();
    std::set<std::string> own{kSheetVersion, kSheetDigest, kSheetReasons, kSheetMessage,
                              kSheetOriginal};
    std::vector<std::string> needed{kSheetVersion, kSheetDigest};
    for (const std::string& column : subject_.place) needed.push_back(sheet_place(column));
    own.insert(needed.begin(), needed.end());
    for (const Column& column : subject_.shown) own.insert(sheet_shown(column.name));
    std::vector<std::string> fields;
    for (const auto& field : subject_.fields) fields.push_back(field.column.name);
    for (const std::string& name : needed)
      if (sheet_.schema.find(name) == nullptr)
        problem(1, "the sheet has no column '" + name + "'",
                "write it anew with 'tallymill " + subject_.name() + " " +
                    json_text(question_, "job") +
                    " --export FILE' and leave its columns as they are");
    for (const std::string& name : names) {
      if (own.contains(name)) continue;
      if (std::find(fields.begin(), fields.end(), name) == fields.end()) {
        const std::string meant = did_you_mean(name, fields);
        problem(1,
                std::string(subject_.is_breaks ? "breaks" : "the rows") + " have no column '" +
                    name + "'" + (subject_.is_breaks ? " to write in" : ""),
                meant.empty() ? "their columns are " + join(fields, ", ") : meant);
      }
    }
    return !context_.diagnostics().has_errors();
  }

  /// Line, version, digests of sheet and row, why it left, then the place, then of each field the
  /// cell of the sheet and what the row has.
  std::string select() const {
    std::string columns = "s." + std::string(kLineColumn) + ", s." +
                          quote_identifier(kSheetVersion) + ", s." +
                          quote_identifier(kSheetDigest) + ", j.digest, j.reasons";
    std::vector<std::string> same;
    for (std::size_t i = 0; i < subject_.place.size(); ++i) {
      const std::string cell = "s." + quote_identifier(sheet_place(subject_.place[i]));
      columns += ", " + cell;
      same.push_back(cell + " = j.p" + std::to_string(i));
    }
    for (std::size_t i = 0; i < subject_.fields.size(); ++i) {
      const std::string& name = subject_.fields[i].column.name;
      const bool is_there = sheet_.schema.find(name) != nullptr;
      const std::string before = "j.v" + std::to_string(i);
      columns += ", " + (is_there ? "s." + quote_identifier(name) : before) + ", " + before;
    }
    return "SELECT " + columns + " FROM " + sheet_.relation + " s LEFT JOIN " + subject_.relation +
           " j ON " + join(same, " AND ") + " ORDER BY s." + std::string(kLineColumn);
  }

  static std::int64_t line_of(const Rows& rows, std::size_t row) { return rows.integer(row, 0); }

  Correction read_row(const Rows& rows, std::size_t row) {
    const auto& cells = rows.cells[row];
    const std::int64_t line = line_of(rows, row);
    Correction correction;
    for (std::size_t i = 0; i < subject_.place.size(); ++i)
      correction.place[subject_.place[i]] = cells[kFirstPlace + i].value_or("");
    correction.original = cells[2].value_or("");
    const std::string version = json_text(question_, "version");
    const std::string seen = cells[1].value_or("");
    if ((subject_.is_breaks ? seen : stamped_version(seen)) != version)
      refuse_version(line, seen, version);
    else if (!cells[3])
      problem(
          line,
          (subject_.is_breaks ? "there is no break with " : "no row that left the job stands at ") +
              place_text(correction),
          "leave the columns that begin with '_' as they are");
    else if (*cells[3] != correction.original)
      problem(
          line,
          "'" + std::string(kSheetDigest) + "' is not that of the row at " + place_text(correction),
          "leave the columns that begin with '_' as they are");
    else
      read_cells(cells, line, correction);
    if (subject_.is_breaks && cells[4]) judge_words(correction, *cells[4], line);
    return correction;
  }

  void refuse_version(std::int64_t line, const std::string& seen, const std::string& newest) {
    if (!subject_.is_breaks) {
      problem(line,
              "these rows were turned away by '" + stamped_version(seen) + "', but '" + newest +
                  "' is the newest that did",
              "write the sheet anew and correct that");
      return;
    }
    // What is wrong with the whole sheet is said once.
    if (!stale_.insert(seen).second) return;
    problem(line,
            stamped_version(seen) == stamped_version(newest)
                ? std::string("somebody has spoken of these breaks since the sheet was written")
                : "these breaks are as '" + stamped_version(seen) + "' left them, but '" +
                      stamped_version(newest) + "' is the newest that judged them",
            "write the sheet anew and say it of them");
  }

  /// What a word about a break must not say, whatever its cells are.
  void judge_words(const Correction& word, const std::string& lifecycle, std::int64_t line) {
    const auto said = [&](const char* cell) {
      const auto found = word.cells.find(cell);
      return found == word.cells.end() ? std::string() : found->second.value_or("");
    };
    const std::string resolution = said(kResolution);
    if (lifecycle == "resolved" && !resolution.empty() && resolution != kOpen)
      problem(line, "the break is resolved: there is no difference to call " + resolution);
    const auto until = parse_date(said(kPendingUntil));
    const auto period = Period::parse(context_.task().period);
    if (until && period && until.value < period->last_day())
      problem(line,
              "pending_until " + until.value.text() + " is over: the breaks are those of " +
                  period->last_day().text(),
              "give a later day, or leave it empty");
  }

  std::vector<std::string> place_of(const Correction& correction) const {
    std::vector<std::string> place;
    for (const std::string& column : subject_.place) place.push_back(correction.place.at(column));
    return place;
  }

  /// What stands of the row, or nothing.
  const Correction& standing(const Correction& correction) const {
    static const Correction kNothing;
    const auto found = standing_.find(place_of(correction));
    return found == standing_.end() ? kNothing : found->second;
  }

  /// Whether the line says something new. One that is as it was written does not, nor one that
  /// says what stands; any other needs eyes that have seen what stands.
  bool says_something(const Correction& correction, const std::string& seen, std::int64_t line) {
    if (subject_.is_breaks) return !correction.cells.empty();
    const std::string attempt = json_text(question_, "version");
    if (stamped_version(seen) != attempt) return true;  // and was refused for that
    const Correction& now = standing(correction);
    if (line_version(attempt, correction) == seen || correction.cells == now.cells) return false;
    if (line_version(attempt, now) != seen)
      problem(line,
              "the row at " + place_text(correction) +
                  " has been corrected since the sheet was written",
              "write the sheet anew and correct that");
    return true;
  }

  std::string place_text(const Correction& correction) const {
    std::vector<std::string> parts;
    for (const std::string& column : subject_.place)
      parts.push_back(column + " '" + correction.place.at(column) + "'");
    return join(parts, ", ");
  }

  /// Spreadsheets write 12.30 as 12.3.
  static bool is_same_value(const CorrectionSubject::Field& field, const std::string& given,
                            const std::string& before) {
    if (given.empty() || before.empty() || field.parser.layout() == ValueParser::Layout::text)
      return false;
    ParsedValue a;
    ParsedValue b;
    return field.parser.parse(given, a) == ParseProblem::none &&
           field.parser.parse(before, b) == ParseProblem::none && a.number == b.number &&
           a.wide == b.wide;
  }

  void read_cells(const std::vector<std::optional<std::string>>& cells, std::int64_t line,
                  Correction& correction) {
    const std::size_t first = kFirstPlace + subject_.place.size();
    for (std::size_t i = 0; i < subject_.fields.size(); ++i) {
      const auto& field = subject_.fields[i];
      const std::string given = cells[first + 2 * i].value_or("");
      const std::string before = cells[first + 2 * i + 1].value_or("");
      if (given == before || (given.empty() && !subject_.has_values)) continue;
      if (is_same_value(field, given, before)) continue;
      if (given.empty() || given == kNoValue) {
        if (field.column.required)
          problem(line, "column '" + field.column.name + "' is required, and has no value here");
        if (!subject_.has_values || !before.empty()) correction.cells[field.column.name] = {};
        continue;
      }
      ParsedValue value;
      const ParseProblem wrong = field.parser.parse(given, value);
      if (wrong != ParseProblem::none)
        problem(line, "column '" + field.column.name + "': " +
                          (field.column.sensitive ? "the value" : "'" + given + "'") + " is no " +
                          field.column.type.name() + " (" + std::string(to_string(wrong)) + ")");
      const auto said = standing(correction).cells.find(field.column.name);
      const bool is_said = said != standing(correction).cells.end() && said->second &&
                           is_same_value(field, given, *said->second);
      correction.cells[field.column.name] = is_said ? *said->second : given;
    }
  }

  WorkerContext& context_;
  const json::object& question_;
  std::string file_;
  const CorrectionSubject& subject_;
  const FileRelation& sheet_;
  std::map<std::vector<std::string>, Correction> standing_;  ///< what was said already
  std::size_t problems_ = 0;
  std::set<std::string> stale_;  ///< versions that lines were refused for
};

/// Cells that were given for the breaks whose ids begin with "breaks", as a sheet would have them.
FileRelation words_as_sheet(JobContext& context, const json::object& question,
                            const CorrectionSubject& subject) {
  std::vector<std::string> asked;
  for (const json::value& value : json_at(question, "breaks").as_array()) {
    const std::string begin(value.as_string());
    const std::string condition = "starts_with(p0, " + quote_literal(begin) + ")";
    const std::int64_t found =
        context.engine()
            .query("SELECT count(*) FROM " + subject.relation + " WHERE " + condition)
            .integer(0, 0);
    if (found == 0)
      context.diagnostics().error({.file = "--break"}, "no break's id begins with '" + begin + "'");
    if (found > 1)
      context.diagnostics().error({.file = "--break"}, "the ids of " + std::to_string(found) +
                                                           " breaks begin with '" + begin +
                                                           "'; give more of it");
    asked.push_back(condition);
  }
  FileRelation sheet;
  std::vector<std::string> columns;
  const auto add = [&](const std::string& name, const std::string& value) {
    sheet.schema.columns.push_back({.name = name, .type = Type::text()});
    columns.push_back(value + " AS " + quote_identifier(name));
  };
  add(kSheetVersion, quote_literal(json_text(question, "version")));
  add(kSheetDigest, "digest");
  add(sheet_place(kBreakId), "p0");
  const json::object& given = json_at(question, "cells").as_object();
  for (const auto& [name, value] : given) add(std::string(name), quote_literal(value.as_string()));
  sheet.relation = "(SELECT row_number() OVER (ORDER BY p0) AS " + std::string(kLineColumn) + ", " +
                   join(columns, ", ") + " FROM " + subject.relation + " WHERE " +
                   join(asked, " OR ") + ")";
  return sheet;
}

/// The sheet without the guards of its texts.
FileRelation without_guards(Engine& engine, FileRelation sheet) {
  const auto unguarded = [](std::string_view cell) { return std::string(unguarded_cell(cell)); };
  std::vector<std::string> columns;
  for (const std::string& name : sheet.schema.names()) {
    const std::string column = quote_identifier(name);
    columns.push_back(text_function_sql(engine, "tm_unguarded_cell", unguarded, column) + " AS " +
                      column);
  }
  sheet.relation = "(SELECT " + std::string(kLineColumn) + ", " + join(columns, ", ") + " FROM " +
                   sheet.relation + ")";
  return sheet;
}

/// "sheet": the `from` of a CSV file; "workbook": the path of a workbook; else "cells" and
/// "breaks".
FileRelation read_sheet(JobContext& context, const json::object& question,
                        const CorrectionSubject& subject) {
  if (question.contains("cells")) return words_as_sheet(context, question, subject);
  if (question.contains("workbook"))
    return read_workbook_relation(context, json_text(question, "workbook"),
                                  json_text(question, "file"));
  const auto document = YamlDocument::from_json(json_at(question, "sheet"));
  FileRelation sheet = read_file_relation(context, Options(document->root()));
  if (context.diagnostics().has_errors()) return sheet;
  return without_guards(context.engine(), std::move(sheet));
}

/// {"text": corrections_text(), "rows", "cells": corrected ones, "taken_back": rows of which
/// nothing is said any more, "seen": rows of the sheet}.
json::value answer(WorkerContext& context) {
  const json::object& question = context.task().spec.as_object();
  const CorrectionSubject subject = correction_subject(context);
  if (context.diagnostics().has_errors()) return nullptr;
  const FileRelation sheet = read_sheet(context, question, subject);
  if (context.diagnostics().has_errors()) return nullptr;
  for (const auto& [reason, count] : sheet.malformed)
    context.diagnostics().error({.file = json_text(question, "file")},
                                group_digits(count) + " records cannot be read: " + reason,
                                "save the sheet as CSV in UTF-8, or as a workbook (.xlsx)");
  if (context.diagnostics().has_errors()) return nullptr;
  return SheetReader(context, subject, sheet).read();
}

}  // namespace

void register_correction_import(Registry<Query>& queries) {
  queries.add({.name = "correction_import",
               .summary = "What a sheet of rows that left a job says they should have been.",
               .answer = answer});
}

}  // namespace tallymill
