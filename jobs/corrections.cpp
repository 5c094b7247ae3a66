#include "jobs/corrections.h"

#include <algorithm>
#include <set>

#include "core/digest.h"
#include "core/text.h"
#include "datasets/sql_text.h"
#include "jobs/step_values.h"

namespace tallymill {
namespace {

constexpr std::size_t kDigestDigits = 32;
constexpr std::size_t kRowsAtOnce = 500;

std::string text_sql(const std::string& column) {
  return "CAST(" + quote_identifier(column) + " AS VARCHAR)";
}

bool has_sensitive(const Schema& schema) {
  return std::any_of(schema.columns.begin(), schema.columns.end(),
                     [](const Column& column) { return column.sensitive; });
}

std::string optional_literal(const std::optional<std::string>& text) {
  return text ? quote_literal(*text) : "NULL";
}

}  // namespace

std::vector<std::string> place_columns(const Schema& schema) {
  if (schema.has_provenance) return {std::string(kSourceColumn), std::string(kLineColumn)};
  return schema.key;
}

std::string row_digest_sql(const Schema& schema) {
  std::vector<std::string> cells;
  for (const std::string& name : schema.names()) {
    const std::string text = text_sql(name);
    // With its length in front no two rows read the same.
    cells.push_back("coalesce(strlen(" + text + ") || ':' || " + text + ", '-')");
  }
  return record_digest_sql("concat(" + join(cells, ", ") + ")");
}

std::string record_digest(const std::string& original) {
  return sha256_hex(original).substr(0, kDigestDigits);
}

std::string record_digest_sql(const std::string& text) {
  return "left(sha256(" + text + "), " + std::to_string(kDigestDigits) + ")";
}

std::vector<Correction> corrections_of(JobContext& context) {
  const std::string path = corrections_path(context.task().job);
  const auto text = context.pinned_text(path);
  return text ? corrections_from(*text, path) : std::vector<Correction>();
}

Schema corrections_schema(const std::vector<std::string>& place, bool sensitive) {
  Schema schema;
  for (const std::string& name : place) {
    // Provenance columns of the evidence itself are others.
    const std::string plain = name.starts_with("_") ? name.substr(1) : name;
    schema.columns.push_back({.name = plain, .type = Type::text(), .required = true});
    schema.key.push_back(plain);
  }
  for (const char* name : {"column", "before", "value", "outcome"})
    schema.columns.push_back({.name = name, .type = Type::text()});
  schema.key.emplace_back("column");
  for (Column& column : schema.columns)
    if (column.name == "before" || column.name == "value") column.sensitive = sensitive;
  return schema;
}

RowCorrections::RowCorrections(JobContext& context, const Schema& input, std::string relation)
    : input_(input),
      relation_(std::move(relation)),
      place_(place_columns(input)),
      corrections_(corrections_of(context)) {
  std::set<std::string> names;
  for (const Correction& correction : corrections_)
    for (const auto& [name, value] : correction.cells) names.insert(name);
  for (const std::string& name : names) {
    const std::string number = std::to_string(written_.size());
    if (const Column* column = input_.find(name))
      written_.push_back({column, "v" + number, "t" + number, "g" + number});
  }
  if (!empty()) make_table(context);
}

Schema RowCorrections::evidence_schema() const {
  return corrections_schema(place_, has_sensitive(input_));
}

void RowCorrections::make_table(JobContext& context) {
  std::vector<std::string> columns{"original VARCHAR", "problem VARCHAR"};
  for (std::size_t i = 0; i < place_.size(); ++i)
    columns.push_back("p" + std::to_string(i) + " VARCHAR");
  for (const Written& written : written_) {
    columns.push_back(written.value + " " + written.column->type.sql());
    columns.push_back(written.text + " VARCHAR");
    columns.push_back(written.given + " BOOLEAN");
  }
  Engine& engine = context.engine();
  engine.execute("CREATE OR REPLACE TEMP TABLE " + table_ + " (" + join(columns, ", ") + ")");
  for (std::size_t at = 0; at < corrections_.size(); at += kRowsAtOnce) {
    std::vector<std::string> rows;
    for (std::size_t i = at; i < std::min(at + kRowsAtOnce, corrections_.size()); ++i)
      rows.push_back(values_of(corrections_[i]));
    engine.execute("INSERT INTO " + table_ + " VALUES " + join(rows, ", "));
  }
}

/// A cell that does not fit leaves the whole row as it is: half a correction is none.
std::string RowCorrections::values_of(const Correction& correction) const {
  std::string problem = "NULL";
  for (const auto& [name, value] : correction.cells)
    if (input_.find(name) == nullptr) problem = quote_literal(kNoSuchColumn);
  std::string cells;
  for (const Written& written : written_) {
    const auto cell = correction.cells.find(written.column->name);
    const bool is_given = cell != correction.cells.end();
    std::optional<std::string> value = "NULL";
    if (is_given && cell->second) {
      Diagnostics problems;
      value = literal_sql(written.column->type, *cell->second, {}, problems);
      if (!value) problem = quote_literal(kDoesNotFit);
    } else if (is_given && written.column->required) {
      problem = quote_literal(kDoesNotFit);
    }
    cells += ", " + value.value_or("NULL") + ", " +
             (is_given ? optional_literal(cell->second) : "NULL") + ", " +
             (is_given ? "true" : "false");
  }
  std::string place;
  for (const std::string& name : place_) {
    const auto value = correction.place.find(name);
    place += value == correction.place.end() ? ", NULL" : ", " + quote_literal(value->second);
  }
  return "(" + quote_literal(correction.original) + ", " + problem + place + cells + ")";
}

/// That a row, of columns `row`.*, stands where correction m says.
std::string RowCorrections::condition(const std::string& row) const {
  std::vector<std::string> same;
  for (std::size_t i = 0; i < place_.size(); ++i)
    same.push_back("m.p" + std::to_string(i) + " = CAST(" + row + "." +
                   quote_identifier(place_[i]) + " AS VARCHAR)");
  return same.empty() ? "false" : join(same, " AND ");
}

void RowCorrections::apply(CleanseFlow& flow) const {
  if (empty()) return;
  flow.begin_step(kCorrectionsStep);
  std::string packed = "struct_pack(original := m.original, problem := m.problem";
  for (const Written& written : written_)
    packed += ", " + written.value + " := m." + written.value + ", " + written.given + " := m." +
              written.given;
  const std::string said = flow.keep_joined(table_, condition("t"), packed + ")");
  // Digests are only made of rows that somebody has corrected.
  const std::string applies = flow.keep("CASE WHEN " + said + ".original IS NULL OR " + said +
                                        ".problem IS NOT NULL THEN false ELSE " +
                                        row_digest_sql(input_) + " = " + said + ".original END");
  for (const Written& written : written_)
    flow.set(*written.column, "CASE WHEN " + applies + " AND " + said + "." + written.given +
                                  " THEN " + said + "." + written.value + " ELSE " +
                                  quote_identifier(written.column->name) + " END");
}

/// One row for each corrected cell, and for each cell of a column that is not there.
std::string RowCorrections::evidence_select() const {
  const std::string outcome =
      "CASE WHEN m.problem IS NOT NULL THEN m.problem WHEN t.tm_present IS NULL THEN " +
      quote_literal(kNoSuchRow) + " WHEN t.tm_digest <> m.original THEN " +
      quote_literal(kRowChanged) + " ELSE " + quote_literal(kCorrectionApplied) + " END";
  // Only the rows that are asked for are read whole.
  const std::string from = " FROM " + table_ + " m LEFT JOIN (SELECT *, true AS " + "tm_present, " +
                           row_digest_sql(input_) + " AS tm_digest FROM " + relation_ +
                           " r SEMI JOIN " + table_ + " m ON " + condition("r") + ") t ON " +
                           condition("t");
  std::string place;
  const Schema schema = evidence_schema();
  for (std::size_t i = 0; i < place_.size(); ++i)
    place += "m.p" + std::to_string(i) + " AS " + quote_identifier(schema.columns[i].name) + ", ";
  std::vector<std::string> selects;
  for (const Written& written : written_)
    selects.push_back("SELECT " + place + quote_literal(written.column->name) +
                      " AS \"column\", CAST(t." + quote_identifier(written.column->name) +
                      " AS VARCHAR) AS before, m." + written.text + " AS value, " + outcome +
                      " AS outcome" + from + " WHERE m." + written.given);
  std::vector<std::string> unknown;
  for (const Correction& correction : corrections_)
    for (const auto& [name, value] : correction.cells) {
      if (input_.find(name) != nullptr) continue;
      std::string row;
      for (std::size_t i = 0; i < place_.size(); ++i) {
        const auto at = correction.place.find(place_[i]);
        row += (at == correction.place.end() ? "NULL" : quote_literal(at->second)) + ", ";
      }
      unknown.push_back("(" + row + quote_literal(name) + ", NULL, " + optional_literal(value) +
                        ", " + quote_literal(kNoSuchColumn) + ")");
    }
  if (!unknown.empty()) {
    selects.push_back("SELECT * FROM (VALUES " + join(unknown, ", ") + ") u(" +
                      join(quoted(schema.names()), ", ") + ")");
  }
  return join(selects, " UNION ALL ");
}

void RowCorrections::stage(JobContext& context) const {
  if (empty()) return;
  const std::string select = evidence_select();
  context.stage({.dataset = corrections_dataset(context.task().job),
                 .select = select,
                 .schema = evidence_schema(),
                 .evidence = true});
  report_corrections(context, select);
}

void report_corrections(JobContext& context, const std::string& select) {
  const Rows rows = context.engine().query("SELECT outcome, count(*) FROM (" + select +
                                           ") GROUP BY outcome ORDER BY outcome");
  json::object counts;
  LogFields fields;
  bool all_applied = true;
  for (std::size_t row = 0; row < rows.cells.size(); ++row) {
    const std::string& outcome = rows.text(row, 0);
    counts[outcome] = rows.integer(row, 1);
    fields.emplace_back(outcome, rows.integer(row, 1));
    all_applied = all_applied && outcome == kCorrectionApplied;
  }
  context.result().report["corrections"] = std::move(counts);
  if (all_applied)
    context.log().info("corrected_cells", fields);
  else
    context.log().warn("corrected_cells", fields);
}

}  // namespace tallymill
