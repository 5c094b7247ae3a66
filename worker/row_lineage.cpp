#include "worker/row_lineage.h"

#include <algorithm>

#include "books/exact_functions.h"
#include "books/examples.h"
#include "core/error.h"
#include "core/money.h"
#include "core/text.h"

namespace tallymill {
namespace {

std::string names(const std::vector<std::string>& columns, const char* alias) {
  std::vector<std::string> parts;
  for (const std::string& column : columns) parts.push_back(alias + quote_identifier(column));
  return join(parts, ", ");
}

std::string same(const std::vector<std::string>& columns, const char* left, const char* right) {
  std::vector<std::string> parts;
  for (const std::string& column : columns)
    parts.push_back(left + quote_identifier(column) + " IS NOT DISTINCT FROM " + right +
                    quote_identifier(column));
  return parts.empty() ? "true" : join(parts, " AND ");
}

std::vector<std::string> receiver_key(const LineageStage& stage) {
  return stage.options.object("receivers").columns("key");
}

/// Rows in one order each time: by key, else by place in the source, else by all columns.
std::vector<std::string> order_of(const Schema& schema) {
  if (!schema.key.empty()) return schema.key;
  return schema.has_provenance
             ? std::vector<std::string>{std::string(kSourceColumn), std::string(kLineColumn)}
             : schema.names();
}

json::value cell(const Rows& rows, std::size_t row, std::size_t column) {
  const auto& text = rows.cells[row][column];
  return text ? json::value(*text) : json::value(nullptr);
}

}  // namespace

RowLineage::RowLineage(Engine& engine, Question question, std::vector<LineageStage> stages)
    : engine_(engine), question_(std::move(question)), stages_(std::move(stages)) {}

std::string RowLineage::units(const Column& column, const std::string& expression) {
  return books::units_sql(engine_, column.type, expression);
}

/// The column whose units are walked: `amount` of parts, of pools what their allocation names.
const Column& RowLineage::amount_of(const StoredRows& rows) const {
  for (const LineageStage& stage : stages_)
    if (stage.pools.dataset == rows.dataset)
      if (const Column* column = rows.schema.find(stage.options.object("pool").text("amount")))
        return *column;
  const Column* column = rows.schema.find("amount");
  if (column == nullptr)
    throw Error(ErrorClass::config,
                "dataset '" + rows.dataset + "' is neither made by an allocation nor allocated");
  return *column;
}

std::vector<Column> RowLineage::shown_key(const StoredRows& rows) const {
  std::vector<Column> key;
  for (const std::string& name : order_of(rows.schema)) {
    const Column* column = rows.schema.find(name);
    Column shown = column != nullptr ? *column : Column{.name = name, .type = Type::text()};
    if (question_.reveal) shown.sensitive = false;
    key.push_back(shown);
  }
  return key;
}

/// A table of rows with tm_id, tm_up (the row they hang under), tm_units (signed, of the whole row)
/// and the units that are meant, from tm_from up to before tm_to. `select` gives all but tm_id.
RowLineage::Level RowLineage::keep(const StoredRows& rows, const Column& amount,
                                   const std::string& select) {
  Level level{.table = "tm_lineage_" + std::to_string(engine_.next_name()),
              .rows = &rows,
              .amount = amount};
  engine_.execute("CREATE TEMP TABLE " + level.table +
                  " AS SELECT row_number() OVER (ORDER BY tm_up, " +
                  names(order_of(rows.schema), "") + ") AS tm_id, * FROM (" + select + ")");
  return level;
}

RowLineage::Level RowLineage::start() {
  const StoredRows& rows = question_.rows;
  std::vector<std::string> conditions{"true"};
  for (const auto& [name, value] : question_.key) {
    const Column* column = rows.schema.find(name);
    if (column == nullptr) {
      const std::string nearest = did_you_mean(name, rows.schema.names());
      throw Error(
          ErrorClass::config,
          "dataset '" + rows.dataset + "' has no column '" + name + "'; " +
              (nearest.empty() ? "its columns: " + join(rows.schema.names(), ", ") : nearest));
    }
    conditions.push_back(quote_identifier(name) + " = CAST(" + quote_literal(value) + " AS " +
                         column->type.sql() + ")");
  }
  const Column& amount = amount_of(rows);
  return keep(rows, amount,
              "SELECT 0 AS tm_up, *, CAST(0 AS HUGEINT) AS tm_from, CAST(abs(tm_units) AS HUGEINT) "
              "AS tm_to FROM (SELECT *, " +
                  units(amount, quote_identifier(amount.name)) + " AS tm_units FROM " +
                  rows.relation + " WHERE " + join(conditions, " AND ") + ")");
}

/// Parts of the pools that the level's rows are of, with tm_first: their units begin behind it.
std::string RowLineage::laid_parts(const LineageStage& stage, const Level& level) const {
  const std::vector<std::string>& key = stage.trace.schema.key;
  const Type& type = stage.parts.schema.find("amount")->type;
  const std::string amount = books::units_sql(engine_, type, "\"amount\"");
  return "(SELECT *, sum(abs(tm_units)) OVER (PARTITION BY " + names(key, "") + " ORDER BY " +
         names(receiver_key(stage), "") +
         " ROWS UNBOUNDED PRECEDING) - abs(tm_units) AS tm_first FROM (SELECT *, " + amount +
         " AS tm_units FROM " + stage.parts.relation + " v WHERE EXISTS (SELECT 1 FROM " +
         level.table + " l WHERE " + same(key, "l.", "v.") + ")))";
}

/// Rows of the pools of the level's rows, laid likewise; a pool of one row lies over it.
std::string RowLineage::laid_pools(const LineageStage& stage, const Level& level) const {
  const std::vector<std::string>& key = stage.trace.schema.key;
  const Column& amount = *stage.pools.schema.find(stage.options.object("pool").text("amount"));
  return "(SELECT *, sum(abs(tm_units)) OVER (PARTITION BY " + names(key, "") + " ORDER BY " +
         names(order_of(stage.pools.schema), "") +
         " ROWS UNBOUNDED PRECEDING) - abs(tm_units) AS tm_first FROM (SELECT *, sum(tm_units) "
         "OVER "
         "(PARTITION BY " +
         names(key, "") + ") AS tm_pool FROM (SELECT *, " +
         books::units_sql(engine_, amount.type, quote_identifier(amount.name)) +
         " AS tm_units FROM " + stage.pools.relation + " v WHERE EXISTS (SELECT 1 FROM " +
         level.table + " l WHERE " + same(key, "l.", "v.") +
         "))) WHERE sign(tm_units) * sign(tm_pool) >= 0)";
}

RowLineage::Level RowLineage::step_up(const LineageStage& stage, const Level& level) {
  const std::vector<std::string>& key = stage.trace.schema.key;
  std::vector<std::string> row = key;
  for (const std::string& name : receiver_key(stage)) row.push_back(name);
  const std::string pieces = "(SELECT l.tm_id, " + names(key, "l.") +
                             ", p.tm_first + l.tm_from AS a, p.tm_first + l.tm_to AS b FROM " +
                             level.table + " l JOIN " + laid_parts(stage, level) + " p ON " +
                             same(row, "l.", "p.") + ")";
  const Column& amount = *stage.pools.schema.find(stage.options.object("pool").text("amount"));
  // A part of nothing still has its pool, where that is one row.
  const std::string meets = stage.options.object("pool").has("sum_by")
                                ? "greatest(q.tm_first, k.a) < least(q.tm_first + "
                                  "abs(q.tm_units), k.b)"
                                : "true";
  return keep(stage.pools, amount,
              "SELECT k.tm_id AS tm_up, q.* EXCLUDE (tm_first, tm_pool), greatest(q.tm_first, k.a) "
              "- q.tm_first AS tm_from, least(q.tm_first + abs(q.tm_units), k.b) - q.tm_first AS "
              "tm_to FROM " +
                  pieces + " k JOIN " + laid_pools(stage, level) + " q ON " +
                  same(key, "k.", "q.") + " WHERE " + meets);
}

RowLineage::Level RowLineage::step_down(const LineageStage& stage, const Level& level) {
  const std::vector<std::string>& key = stage.trace.schema.key;
  const std::string pieces = "(SELECT l.tm_id, " + names(key, "l.") +
                             ", q.tm_first + l.tm_from AS a, q.tm_first + l.tm_to AS b FROM " +
                             level.table + " l JOIN " + laid_pools(stage, level) + " q ON " +
                             same(order_of(stage.pools.schema), "l.", "q.") + ")";
  return keep(stage.parts, *stage.parts.schema.find("amount"),
              "SELECT k.tm_id AS tm_up, p.* EXCLUDE (tm_first), greatest(p.tm_first, k.a) - "
              "p.tm_first AS tm_from, least(p.tm_first + abs(p.tm_units), k.b) - p.tm_first AS "
              "tm_to FROM " +
                  pieces + " k JOIN " + laid_parts(stage, level) + " p ON " +
                  same(key, "k.", "p.") +
                  " WHERE greatest(p.tm_first, k.a) < least(p.tm_first + abs(p.tm_units), k.b)");
}

/// How the part of a row of `parts` came about.
json::object RowLineage::stage_of(const LineageStage& stage, const Level& parts, std::int64_t row) {
  std::vector<std::string> told{"outcome",      "method", "driver",
                                "driver_total", "rule",   "rule_version"};
  std::erase_if(told, [&](const std::string& name) { return !stage.trace.schema.find(name); });
  std::string value = "CASE t.driver";
  for (const Column& column : stage.receivers.schema.columns)
    if (column.type.is_summable())
      value += " WHEN " + quote_literal(column.name) + " THEN CAST(r." +
               quote_identifier(column.name) + " AS VARCHAR)";
  const bool has_value = value.find("WHEN") != std::string::npos;
  const Rows found = engine_.query(
      "SELECT " + names(told, "t.") + ", " + (has_value ? value + " END" : "NULL") + " FROM " +
      parts.table + " l JOIN " + stage.trace.relation + " t ON " +
      same(stage.trace.schema.key, "l.", "t.") + " LEFT JOIN " + stage.receivers.relation +
      " r ON " + same(receiver_key(stage), "l.", "r.") + " WHERE l.tm_id = " + std::to_string(row));
  json::object object{{"job", stage.job}};
  if (found.cells.empty()) return object;
  for (std::size_t i = 0; i < told.size(); ++i) object[told[i]] = cell(found, 0, i);
  object["driver_value"] = cell(found, 0, told.size());
  return object;
}

/// The rows of a level under row `up` of the one before, each with what hangs under it.
json::array RowLineage::nodes(const Level& level, std::int64_t up, std::int64_t depth) {
  const bool has_source = level.rows->schema.has_provenance;
  const Rows rows =
      engine_.query("SELECT tm_id, " + books::row_name_sql(shown_key(*level.rows)) +
                    ", tm_units, tm_from, tm_to, " +
                    (has_source ? "_source || ':' || _line" : "CAST(NULL AS VARCHAR)") + " FROM " +
                    level.table + " WHERE tm_up = " + std::to_string(up) + " ORDER BY tm_id" +
                    (question_.limit > 0 ? " LIMIT " + std::to_string(question_.limit) : ""));
  const int scale = level.amount.type.scale;
  json::array list;
  for (std::size_t i = 0; i < rows.cells.size(); ++i) {
    const std::int64_t units = rows.integer(i, 2);
    const std::int64_t from = rows.integer(i, 3);
    const std::int64_t to = rows.integer(i, 4);
    json::array stages;
    for (std::size_t s = 0; s < stages_.size(); ++s) {
      if (stages_[s].before != depth) continue;
      const Level& next = levels_[s];
      json::object told = question_.down ? json::object{{"job", stages_[s].job}}
                                         : stage_of(stages_[s], level, rows.integer(i, 0));
      told["total"] =
          engine_.query("SELECT count(*) FROM " + next.table + " WHERE tm_up = " + rows.text(i, 0))
              .integer(0, 0);
      told["rows"] = nodes(next, rows.integer(i, 0), static_cast<std::int64_t>(s));
      stages.push_back(std::move(told));
    }
    list.push_back(json::object{{"row", cell(rows, i, 1)},
                                {"dataset", level.rows->dataset},
                                {"period", level.rows->period},
                                {"amount", format_decimal(units, scale)},
                                {"piece", format_decimal(units < 0 ? from - to : to - from, scale)},
                                {"first", from + 1},
                                {"last", to},
                                {"source", cell(rows, i, 5)},
                                {"stages", std::move(stages)}});
  }
  return list;
}

json::object RowLineage::answer() {
  const Level first = start();
  for (const LineageStage& stage : stages_) {
    const Level& level = stage.before < 0 ? first : levels_[static_cast<std::size_t>(stage.before)];
    levels_.push_back(question_.down ? step_down(stage, level) : step_up(stage, level));
  }
  const std::int64_t total = engine_.query("SELECT count(*) FROM " + first.table).integer(0, 0);
  return {{"dataset", question_.rows.dataset},
          {"period", question_.rows.period},
          {"total", total},
          {"rows", nodes(first, 0, -1)}};
}

}  // namespace tallymill
