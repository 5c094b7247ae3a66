#include "books/keyed_rows.h"

#include "books/examples.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill::books {
namespace {

/// SQL: the amount has more fraction digits than its currency.
std::string has_surplus_digits(const std::map<std::string, int>& minor_units, int scale) {
  const std::string wide = "DECIMAL(38," + std::to_string(scale) + ")";
  std::string cases = "CASE currency";
  for (const auto& [currency, digits] : minor_units)
    cases += " WHEN " + quote_literal(currency) + " THEN CAST(amount AS " + wide +
             ") <> CAST(CAST(amount AS " + wide + ") AS DECIMAL(38," + std::to_string(digits) +
             "))";
  return cases + " ELSE false END";
}

}  // namespace

std::string inner_key_name(std::size_t i) { return "tm_k" + std::to_string(i + 1); }

std::vector<MatchSideTotals> side_totals(Engine& engine, const KeyedRows& rows,
                                         bool may_miss_keys) {
  std::string missing = "false";
  for (std::size_t i = 0; may_miss_keys && i < rows.key.size(); ++i)
    missing += " OR " + inner_key_name(i) + " IS NULL";
  const std::string currency =
      rows.currency ? "CAST(" + inner_key_name(*rows.currency) + " AS VARCHAR)" : std::string("''");
  const Rows found = engine.query(
      "SELECT " + currency + " AS tm_currency, count(*), CAST(coalesce(sum(" + rows.amount +
      "), 0) AS DECIMAL(38," + std::to_string(rows.scale) + ")), count(*) FILTER (WHERE " +
      missing + ") FROM " + rows.relation + (rows.currency ? " GROUP BY 1 ORDER BY 1" : ""));
  std::vector<MatchSideTotals> totals;
  for (std::size_t row = 0; row < found.cells.size(); ++row)
    totals.push_back({.currency = found.cells[row][0].value_or(""),
                      .rows = found.integer(row, 1),
                      .amount = parse_decimal(found.text(row, 2), 38, rows.scale).value,
                      .missing_keys = found.integer(row, 3)});
  return totals;
}

void require_sound_currency(Engine& engine, const std::string& name, const KeyedRows& rows,
                            const std::map<std::string, int>& minor_units,
                            const std::string& row_id) {
  std::vector<Column> key;
  std::string columns;
  for (std::size_t i = 0; i < rows.key.size(); ++i) {
    if (i == rows.currency) continue;
    key.push_back(rows.key[i]);
    columns += inner_key_name(i) + " AS " + quote_identifier(rows.key[i].name) + ", ";
  }
  if (!row_id.empty()) {
    key.push_back({.name = "row", .type = Type::text()});
    columns += row_id + " AS \"row\", ";
  }
  const std::string relation = "(SELECT " + columns + inner_key_name(rows.currency.value()) +
                               " AS currency, " + rows.amount + " AS amount FROM " + rows.relation +
                               ")";
  std::vector<std::string> names;
  std::vector<std::string> digits;
  for (const auto& [currency, count] : minor_units) {
    names.push_back(quote_literal(currency));
    digits.push_back(currency + " " + std::to_string(count));
  }
  const std::string missing = "currency IS NULL";
  const std::string unknown =
      names.empty() ? "false" : "currency NOT IN (" + join(names, ", ") + ")";
  const std::string surplus = names.empty() ? "false" : has_surplus_digits(minor_units, rows.scale);
  const auto filtered = [](const std::string& condition) {
    return "count(*) FILTER (WHERE " + condition + ")";
  };
  const Rows counts = engine.query("SELECT " + filtered(missing) + ", " + filtered(unknown) + ", " +
                                   filtered(surplus) + " FROM " + relation);
  const auto fail = [&](const std::string& condition, const std::string& what,
                        const std::string& hint) {
    throw Error(ErrorClass::data, "the " + name + " has rows " + what + ": " +
                                      find_examples(engine, relation, key, condition).summary() +
                                      "; " + hint);
  };
  if (counts.integer(0, 0) > 0)
    fail(missing, "without a currency in '" + rows.key[*rows.currency].name + "'",
         "an amount of an unknown currency cannot be compared: mend the data, or leave such rows "
         "out with 'where'");
  key.push_back({.name = "currency", .type = Type::text()});
  if (counts.integer(0, 1) > 0)
    fail(unknown, "of a currency that minor_units does not name",
         "known are " + join(digits, ", ") + ": add it, or mend the data");
  key.push_back({.name = "amount", .type = Type::decimal(38, rows.scale)});
  if (counts.integer(0, 2) > 0)
    fail(surplus, "with more fraction digits than their currency",
         "minor_units says " + join(digits, ", "));
}

}  // namespace tallymill::books
