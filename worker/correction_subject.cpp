#include "worker/correction_subject.h"

#include <algorithm>

#include "books/break_life.h"
#include "core/break_word.h"
#include "core/digest.h"
#include "core/error.h"
#include "core/text.h"
#include "jobs/corrections.h"
#include "jobs/extract/extract_spec.h"

namespace tallymill {
namespace {

const std::string kSubject = "tm_subject";
constexpr std::size_t kRowsAtOnce = 500;

std::string as_text(const std::string& row, const std::string& column) {
  return "CAST(" + row + "." + quote_identifier(column) + " AS VARCHAR)";
}

void subject_of_extract(JobContext& context, const json::object& question,
                        CorrectionSubject& subject) {
  const auto document = YamlDocument::from_json(json_at(question, "job_spec"));
  const ExtractSpec spec = ExtractSpec::read(Options(document->root()),
                                             context.task().currency_scale, context.diagnostics());
  subject.has_values = false;
  subject.place = {std::string(kSourceColumn), std::string(kLineColumn)};
  const Column* original = context.schema(json_text(question, "rejects")).find("original");
  subject.hides_original = original != nullptr && original->sensitive;
  std::string values;
  for (std::size_t i = 0; i < spec.columns.size(); ++i) {
    const ExtractColumn& column = spec.columns[i];
    subject.fields.push_back({column.column, ValueParser(column.column.type, column.pattern)});
    values += ", NULL::VARCHAR AS v" + std::to_string(i);
  }
  context.engine().execute(
      "CREATE TEMP VIEW " + kSubject + " AS SELECT source AS p0, CAST(line AS VARCHAR) AS p1, " +
      record_digest_sql("original") + " AS digest, reasons, message, original" + values + " FROM " +
      context.relation(json_text(question, "rejects")));
}

void subject_of_rows(JobContext& context, const json::object& question,
                     CorrectionSubject& subject) {
  const std::string from = json_text(question, "from");
  const std::string rejects = json_text(question, "rejects");
  const Schema& schema = context.schema(from);
  subject.place = place_columns(schema);
  if (subject.place.empty())
    throw Error(ErrorClass::config,
                "rows of '" + from +
                    "' cannot be told apart: it has no key, and no source lines; "
                    "declare a key in the job that makes it");
  std::string selected;
  std::vector<std::string> same;
  for (std::size_t i = 0; i < subject.place.size(); ++i) {
    selected += as_text("i", subject.place[i]) + " AS p" + std::to_string(i) + ", ";
    same.push_back("i." + quote_identifier(subject.place[i]) + " = r." +
                   quote_identifier(subject.place[i]));
  }
  for (const Column& column : schema.columns)
    subject.fields.push_back({column, ValueParser(column.type)});
  std::string values;
  for (std::size_t i = 0; i < subject.fields.size(); ++i)
    values += ", " + as_text("i", subject.fields[i].column.name) + " AS v" + std::to_string(i);
  Engine& engine = context.engine();
  engine.execute("CREATE TEMP TABLE " + kSubject + " AS SELECT " + selected +
                 "i.tm_digest AS digest, r._reasons AS reasons, r._message AS message, "
                 "NULL::VARCHAR AS original" +
                 values + " FROM (SELECT *, " + row_digest_sql(schema) + " AS tm_digest FROM " +
                 context.relation(from) + ") i JOIN " + context.relation(rejects) + " r ON " +
                 join(same, " AND "));
  subject.lost = engine.query("SELECT count(*) FROM " + context.relation(rejects)).integer(0, 0) -
                 engine.query("SELECT count(*) FROM " + kSubject).integer(0, 0);
}

Column word_column(const std::string& cell) {
  Column column{.name = cell, .type = Type::text()};
  if (cell == kPendingUntil) column.type = Type::date();
  if (cell == kResolution) column.type = {.kind = TypeKind::enumeration, .values = resolutions()};
  return column;
}

/// A table of what was said of this state already: of each cell (g0, ..) whether, and what (t0,
/// ..).
std::string said_table(JobContext& context, const json::object& question) {
  Engine& engine = context.engine();
  engine.execute("CREATE TEMP TABLE tm_cells (break_id VARCHAR, cell VARCHAR, value VARCHAR)");
  const std::string path = corrections_path(json_text(question, "job"));
  std::vector<std::string> rows;
  const auto insert = [&] {
    if (!rows.empty()) engine.execute("INSERT INTO tm_cells VALUES " + join(rows, ", "));
    rows.clear();
  };
  if (const auto text = context.pinned_text(path))
    for (const Correction& word : corrections_from(*text, "the store"))
      for (const auto& [cell, value] : word.cells) {
        rows.push_back("(" + quote_literal(word.place.at(kBreakId)) + ", " + quote_literal(cell) +
                       ", " + (value ? quote_literal(*value) : "NULL") + ")");
        if (rows.size() == kRowsAtOnce) insert();
      }
  insert();
  std::string columns;
  for (std::size_t i = 0; i < word_cells().size(); ++i) {
    const std::string of = " FILTER (cell = " + quote_literal(word_cells()[i]) + ")";
    const std::string number = std::to_string(i);
    columns += ", count(*)" + of + " AS g" + number + ", max(value)" + of + " AS t" + number;
  }
  return "(SELECT break_id" + columns + " FROM tm_cells GROUP BY break_id)";
}

void subject_of_breaks(JobContext& context, const json::object& question,
                       CorrectionSubject& subject) {
  const std::string dataset = json_text(question, "rejects");
  const bool reveal = question.contains("reveal") && json_boolean(question, "reveal");
  subject.is_breaks = true;
  subject.place = {kBreakId};
  const std::vector<std::string> told{kBreakId,     "lifecycle",   "first_seen", "age",
                                      "is_pending", kPendingUntil, kOwner,       kNote};
  std::string columns;
  for (const Column& column : context.schema(dataset).columns) {
    if (std::find(told.begin(), told.end(), column.name) != told.end()) continue;
    columns +=
        ", " +
        (column.sensitive && !reveal ? quote_literal(kMaskedValue) : as_text("b", column.name)) +
        " AS s" + std::to_string(subject.shown.size());
    subject.shown.push_back(column);
  }
  for (const std::string& cell : word_cells()) {
    const std::string number = std::to_string(subject.fields.size());
    const Column column = word_column(cell);
    const std::string known =
        cell == kResolution
            ? "CASE WHEN b.closed_in IS NOT NULL AND b.lifecycle <> 'resolved' THEN "
              "b.lifecycle END"
            : as_text("b", cell);
    columns += ", CASE WHEN w.g" + number + " > 0 THEN w.t" + number + " ELSE " + known +
               " END AS v" + number;
    subject.fields.push_back({column, ValueParser(column.type)});
  }
  context.engine().execute(
      "CREATE TEMP TABLE " + kSubject + " AS SELECT b.break_id AS p0, " +
      books::seen_difference_sql(context.schema(dataset)) +
      " AS digest, b.lifecycle AS reasons, 'first seen ' || b.first_seen || ', ' || b.age || ' "
      "days old' AS message, NULL::VARCHAR AS original" +
      columns + " FROM " + context.relation(dataset) + " b LEFT JOIN " +
      said_table(context, question) + " w ON w.break_id = b.break_id");
}

}  // namespace

std::string sheet_shown(const std::string& column) { return "_" + column; }

std::string sheet_place(const std::string& column) {
  return column.starts_with("_") ? "_at" + column : "_at_" + column;
}

std::map<std::vector<std::string>, Correction> standing_corrections(
    JobContext& context, const CorrectionSubject& subject) {
  std::map<std::vector<std::string>, Correction> by_place;
  if (subject.is_breaks) return by_place;
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

std::string line_version(const std::string& attempt, const Correction& seen) {
  constexpr std::size_t kDigits = 8;
  if (seen.cells.empty()) return attempt;
  return attempt + "+" +
         xxh3_128(corrections_text({{{}, {}, seen.cells}})).hex().substr(0, kDigits);
}

CorrectionSubject correction_subject(JobContext& context) {
  const json::object& question = context.task().spec.as_object();
  CorrectionSubject subject;
  subject.relation = kSubject;
  if (json_text(question, "type") == "extract")
    subject_of_extract(context, question, subject);
  else if (json_text(question, "type") == "reconcile")
    subject_of_breaks(context, question, subject);
  else
    subject_of_rows(context, question, subject);
  return subject;
}

}  // namespace tallymill
