#include "worker/break_fix.h"

#include "core/error.h"
#include "core/text.h"

namespace tallymill {
namespace {

std::string csv_cell(const std::optional<std::string>& cell) {
  if (!cell) return {};
  if (cell->find_first_of(",\"\r\n") == std::string::npos && !cell->empty()) return *cell;
  std::string quoted = "\"";
  for (const char c : *cell) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

std::string literal(const std::optional<std::string>& value, const Type& type) {
  if (!value) return "NULL";
  if (type.kind == TypeKind::integer || type.is_decimal() || type.kind == TypeKind::boolean)
    return *value;
  // Some databases take a backslash for the start of an escape, others for itself.
  if (value->find('\\') != std::string::npos || value->find('\0') != std::string::npos)
    throw Error(ErrorClass::data,
                "a key holds a backslash or a zero byte, which databases read differently; write "
                "a .csv file");
  return quote_literal(*value);
}

std::string table_name(const std::string& table) {
  std::vector<std::string> parts;
  for (const std::string& part : split(table, '.')) parts.push_back(quote_identifier(part));
  return join(parts, ".");
}

std::string equals(const std::string& column, const std::optional<std::string>& value,
                   const Type& type) {
  return quote_identifier(column) + (value ? " = " + literal(value, type) : " IS NULL");
}

/// The row as it was seen.
std::string where(const FixPlan& plan, const FixChange& change) {
  std::vector<std::string> conditions;
  for (std::size_t i = 0; i < plan.key.size(); ++i)
    conditions.push_back(equals(plan.key[i], change.key[i], plan.types[i]));
  conditions.push_back(equals(plan.amount, change.before, plan.types.back()));
  return " WHERE " + join(conditions, " AND ");
}

std::string insert(const FixPlan& plan, const FixChange& change) {
  std::vector<std::string> columns;
  std::vector<std::string> values;
  for (std::size_t i = 0; i < plan.key.size(); ++i) {
    columns.push_back(quote_identifier(plan.key[i]));
    values.push_back(literal(change.key[i], plan.types[i]));
  }
  columns.push_back(quote_identifier(plan.amount));
  values.push_back(literal(change.after, plan.types.back()));
  return "INSERT INTO " + table_name(plan.table) + " (" + join(columns, ", ") + ") VALUES (" +
         join(values, ", ") + ");";
}

std::string statement(const FixPlan& plan, const FixChange& change) {
  if (change.kind == FixChange::Kind::insert) return insert(plan, change);
  if (change.kind == FixChange::Kind::remove)
    return "DELETE FROM " + table_name(plan.table) + where(plan, change) + ";";
  return "UPDATE " + table_name(plan.table) + " SET " + quote_identifier(plan.amount) + " = " +
         literal(change.after, plan.types.back()) + where(plan, change) + ";";
}

const char* action(FixChange::Kind kind) {
  if (kind == FixChange::Kind::insert) return "insert";
  return kind == FixChange::Kind::remove ? "delete" : "update";
}

}  // namespace

Fix fix_of(const FixPlan& plan, const Rows& breaks) {
  Fix fix;
  const std::size_t keys = plan.key.size();
  for (std::size_t row = 0; row < breaks.cells.size(); ++row) {
    const auto& cells = breaks.cells[row];
    const std::int64_t left = breaks.integer(row, keys + 2);
    const std::int64_t right = breaks.integer(row, keys + 3);
    if (right > 1 || (left > 0 && right > 0 && cells[keys] == cells[keys + 1])) {
      ++fix.left_out;
      continue;
    }
    FixChange& change = fix.changes.emplace_back();
    change.kind = right == 0  ? FixChange::Kind::insert
                  : left == 0 ? FixChange::Kind::remove
                              : FixChange::Kind::update;
    change.key.assign(cells.begin(), cells.begin() + static_cast<std::ptrdiff_t>(keys));
    change.after = cells[keys];
    change.before = cells[keys + 1];
  }
  return fix;
}

std::string fix_sql(const FixPlan& plan, const Fix& fix) {
  std::string text =
      "-- Brings the right side to the left. A row that is not as it was seen stays as it is.\n";
  if (fix.left_out > 0)
    text += "-- Left out: " + std::to_string(fix.left_out) +
            " breaks of several rows of the right side, or of equal amounts.\n";
  text += "BEGIN;\n";
  for (const FixChange& change : fix.changes) text += statement(plan, change) + "\n";
  return text + "COMMIT;\n";
}

std::string fix_csv(const FixPlan& plan, const Fix& fix) {
  std::vector<std::string> cells{"action"};
  for (const std::string& column : plan.key) cells.push_back(csv_cell(column));
  cells.push_back(csv_cell(plan.amount + "_before"));
  cells.push_back(csv_cell(plan.amount + "_after"));
  std::string text = join(cells, ",") + "\n";
  for (const FixChange& change : fix.changes) {
    cells = {action(change.kind)};
    for (const auto& value : change.key) cells.push_back(csv_cell(value));
    cells.push_back(csv_cell(change.before));
    cells.push_back(csv_cell(change.after));
    text += join(cells, ",") + "\n";
  }
  return text;
}

}  // namespace tallymill
