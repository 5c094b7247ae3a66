#include "books/sound_currency.h"

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

void require_sound_currency(Engine& engine, const CurrencyRows& rows,
                            const std::map<std::string, int>& minor_units) {
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
                                   filtered(surplus) + " FROM " + rows.relation);
  std::vector<Column> key = rows.key;
  const auto fail = [&](const std::string& condition, const std::string& what,
                        const std::string& hint) {
    throw Error(ErrorClass::data,
                "the " + rows.name + " has rows " + what + ": " +
                    find_examples(engine, rows.relation, key, condition).summary() + "; " + hint);
  };
  if (counts.integer(0, 0) > 0)
    fail(missing, "without a currency in '" + rows.column + "'",
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
