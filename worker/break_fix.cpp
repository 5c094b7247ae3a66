#include "worker/break_fix.h"

#include "core/error.h"
#include "core/money.h"
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

std::optional<std::string> scaled_back(const FixPlan& plan, const std::string& amount) {
  const std::size_t point = plan.factor.find('.');
  const int digits =
      point == std::string::npos ? 0 : static_cast<int>(plan.factor.size() - point - 1);
  const Parsed<Int128> factor = parse_decimal(plan.factor, 18, digits, true);
  const Parsed<Int128> seen = parse_decimal(amount, 38, plan.scale, true);
  if (!factor || !seen || factor.value <= 0)
    throw Error(ErrorClass::bug, "a break has the amount " + amount);
  // written / 10^own * factor / 10^digits = seen / 10^scale
  const int own = plan.types.back().is_decimal() ? plan.types.back().scale : 0;
  Int128 value = plan.negates ? -seen.value : seen.value;
  Int128 divisor = factor.value;
  for (int i = plan.scale; i < own + digits; ++i)
    if (__builtin_mul_overflow(value, Int128{10}, &value)) return std::nullopt;
  for (int i = own + digits; i < plan.scale; ++i)
    if (__builtin_mul_overflow(divisor, Int128{10}, &divisor)) return std::nullopt;
  if (value % divisor != 0) return std::nullopt;
  return format_decimal(value / divisor, own);
}

Fix fix_of(const FixPlan& plan, const Rows& breaks) {
  Fix fix;
  const std::size_t keys = plan.key.size();
  for (std::size_t row = 0; row < breaks.cells.size(); ++row) {
    const auto& cells = breaks.cells[row];
    const std::int64_t left = breaks.integer(row, keys + 2);
    const std::int64_t right = breaks.integer(row, keys + 3);
    if (cells[keys + 4] == "true") {
      ++fix.currencies;
      continue;
    }
    if (right > 1 || (left > 0 && right > 0 && cells[keys] == cells[keys + 1])) {
      ++fix.left_out;
      continue;
    }
    FixChange change;
    change.kind = right == 0  ? FixChange::Kind::insert
                  : left == 0 ? FixChange::Kind::remove
                              : FixChange::Kind::update;
    change.key.assign(cells.begin(), cells.begin() + static_cast<std::ptrdiff_t>(keys));
    if (cells[keys]) change.after = scaled_back(plan, *cells[keys]);
    if (cells[keys + 1]) change.before = scaled_back(plan, *cells[keys + 1]);
    if (cells[keys].has_value() != change.after.has_value() ||
        cells[keys + 1].has_value() != change.before.has_value())
      ++fix.unwritable;
    else
      fix.changes.push_back(std::move(change));
  }
  return fix;
}

std::string left_out_text(const Fix& fix) {
  std::vector<std::string> parts;
  const auto add = [&](std::int64_t count, const std::string& what) {
    if (count > 0)
      parts.push_back(std::to_string(count) + (count == 1 ? " break of " : " breaks of ") + what);
  };
  add(fix.left_out, "several rows of the right side, or of equal amounts");
  add(fix.unwritable, "an amount that the right side's column cannot hold to the last unit");
  add(fix.currencies, "amounts of two currencies");
  return join(parts, "; ");
}

std::string fix_sql(const FixPlan& plan, const Fix& fix) {
  std::string text =
      "-- Brings the right side to the left. A row that is not as it was seen stays as it is.\n";
  if (const std::string left_out = left_out_text(fix); !left_out.empty())
    text += "-- Left out: " + left_out + ".\n";
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
