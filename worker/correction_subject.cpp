#include "worker/correction_subject.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "jobs/corrections.h"
#include "jobs/extract/extract_spec.h"

namespace tallymill {
namespace {

const std::string kSubject = "tm_subject";

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

}  // namespace

std::string sheet_place(const std::string& column) {
  return column.starts_with("_") ? "_at" + column : "_at_" + column;
}

CorrectionSubject correction_subject(JobContext& context) {
  const json::object& question = context.task().spec.as_object();
  CorrectionSubject subject;
  subject.relation = kSubject;
  if (json_text(question, "type") == "extract")
    subject_of_extract(context, question, subject);
  else
    subject_of_rows(context, question, subject);
  return subject;
}

}  // namespace tallymill
