#include "books/allocation.h"
#include "books/allocation_tables.h"
#include "books/exact_functions.h"
#include "books/examples.h"
#include "core/error.h"
#include "core/money.h"
#include "core/text.h"

namespace tallymill::books {
namespace {

/// SQL: how a pool that is not parked was weighed.
const std::string kOutcome = "CASE tm_weigh WHEN " + std::to_string(kEven) + " THEN 'even' WHEN " +
                             std::to_string(kPrevious) + " THEN 'previous' ELSE 'proportional' END";

}  // namespace

std::string Allocation::parked() const {
  return "SELECT " + column_list(plan_.carry) + ", " +
         amount_sql(engine_, plan_.amount.type, "tm_signed") + " AS amount, tm_reason AS reason " +
         "FROM " + kWeighedTable + " WHERE tm_reason IS NOT NULL";
}

std::string Allocation::residual() const {
  return "SELECT " + column_list(plan_.carry) + ", " +
         amount_sql(engine_, plan_.amount.type, "tm_below") +
         " AS amount, 'below_minor_unit' AS reason FROM " + kWeighedTable +
         " WHERE tm_reason IS NULL AND tm_below <> 0";
}

std::string Allocation::trace() const {
  std::string scale = "CASE tm_driver_no";
  for (std::size_t i = 0; i < plan_.drivers.size(); ++i)
    scale +=
        " WHEN " + std::to_string(i + 1) + " THEN " + std::to_string(plan_.drivers[i].type.scale);
  scale += " END";
  return "SELECT " + column_list(plan_.carry) + ", " +
         amount_sql(engine_, plan_.amount.type, "tm_signed") +
         " AS amount, CASE WHEN tm_reason IS NOT NULL THEN 'parked' ELSE " + kOutcome +
         " END AS outcome, tm_reason AS reason, tm_receivers AS receivers, tm_missing AS "
         "without_driver, tm_negatives AS negative_driver, tm_driver AS driver, " +
         // The driver's own total, also where an even split weighs by receivers instead.
         units_text_sql(engine_, "tm_sum", "CAST(" + scale + " AS BIGINT)") + " AS driver_total, " +
         quote_literal(std::string(to_string(plan_.method))) + " AS method, " +
         quote_literal(plan_.rule) + " AS rule, " + quote_literal(plan_.rule_version) +
         " AS rule_version FROM " + kWeighedTable;
}

Allocation::Totals Allocation::totals() const {
  const Rows rows = engine_.query(
      std::string("SELECT count(*), count(tm_reason), coalesce(sum(tm_signed), 0), "
                  "coalesce(sum(tm_signed) FILTER (WHERE tm_reason IS NOT NULL), 0) FROM ") +
      kWeighedTable);
  return {.pools = rows.integer(0, 0),
          .parked = rows.integer(0, 1),
          .amount = parse_decimal(rows.text(0, 2), 38, 0).value,
          .parked_amount = parse_decimal(rows.text(0, 3), 38, 0).value};
}

std::vector<std::pair<std::string, std::int64_t>> Allocation::outcomes() const {
  const Rows rows =
      engine_.query("SELECT coalesce(tm_reason, " + kOutcome + ") AS outcome, count(*) FROM " +
                    kWeighedTable + " GROUP BY 1 ORDER BY 1");
  std::vector<std::pair<std::string, std::int64_t>> counts;
  for (std::size_t row = 0; row < rows.cells.size(); ++row)
    counts.emplace_back(rows.text(row, 0), rows.integer(row, 1));
  return counts;
}

std::vector<Allocation::CurrencyTotal> Allocation::currencies() const {
  if (plan_.currency.empty()) return {};
  const std::string name = quote_identifier(plan_.currency);
  const Rows rows = engine_.query("SELECT coalesce(CAST(" + name +
                                  " AS VARCHAR), ''), count(*), "
                                  "CAST(sum(tm_signed) AS VARCHAR) FROM " +
                                  kPoolTable + " GROUP BY 1 ORDER BY 1");
  std::vector<CurrencyTotal> totals;
  for (std::size_t row = 0; row < rows.cells.size(); ++row)
    totals.push_back({.currency = rows.text(row, 0),
                      .pools = rows.integer(row, 1),
                      .amount = format_decimal(parse_decimal(rows.text(row, 2), 38, 0).value,
                                               plan_.amount.type.scale)});
  return totals;
}

void Allocation::require_closed(const std::string& written_parts, const std::string& written_parked,
                                const std::string& written_residual) const {
  const std::vector<Column> key = pool_key_columns();
  const std::string keys = column_list(key);
  const auto sums = [&](const std::string& relation, const std::string& amount,
                        const std::string& name) {
    return "SELECT " + keys + ", sum(" + quote_identifier(amount) + ") AS " + name + " FROM " +
           relation + " GROUP BY " + keys;
  };
  std::vector<std::string> select;
  std::string joined = "(" + sums(plan_.pools, plan_.amount.name, "tm_in") + ") p";
  const std::pair<const char*, const std::string*> credits[] = {{"tm_allocated", &written_parts},
                                                                {"tm_parked", &written_parked},
                                                                {"tm_residual", &written_residual}};
  for (const auto& [name, relation] : credits)
    joined += " FULL JOIN (" + sums(*relation, "amount", name) + ") USING (" + keys + ")";
  const std::string sides =
      "(SELECT " + keys +
      ", coalesce(tm_in, 0) AS tm_in, coalesce(tm_allocated, 0) AS "
      "tm_allocated, coalesce(tm_parked, 0) AS tm_parked, coalesce(tm_residual, 0) AS tm_residual "
      "FROM " +
      joined + ")";
  const std::string open = "tm_in <> tm_allocated + tm_parked + tm_residual";
  const Examples found = find_examples(engine_, sides, key, open);
  if (found.count == 0) return;
  const Rows first = engine_.query(
      "SELECT tm_in, tm_allocated, tm_parked, tm_residual, tm_in - tm_allocated - tm_parked - "
      "tm_residual FROM " +
      sides + " WHERE " + open + " ORDER BY " + keys + " LIMIT 1");
  throw Error(ErrorClass::data, "pools whose books do not close: " + found.summary() +
                                    "; the first has in " + first.text(0, 0) + ", allocated " +
                                    first.text(0, 1) + ", parked " + first.text(0, 2) +
                                    ", residual " + first.text(0, 3) + ": " + first.text(0, 4) +
                                    " is missing");
}

}  // namespace tallymill::books
