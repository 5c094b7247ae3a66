#include "books/matching.h"

#include <algorithm>

#include "books/examples.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill::books {
namespace {

constexpr std::int64_t kRelUnit = 1'000'000'000;
constexpr const char* kClasses[] = {"matched", "within_tolerance", "amount", "left_only",
                                    "right_only"};

Int128 magnitude(Int128 value) { return value < 0 ? -value : value; }

std::string inner_name(std::size_t i) { return "tm_k" + std::to_string(i + 1); }

Int128 units_of(const Rows& rows, std::size_t row, std::size_t column, int scale) {
  return parse_decimal(rows.text(row, column), 38, scale).value;
}

}  // namespace

Int128 allowed_difference(Int128 left, Int128 right, std::optional<Int128> abs,
                          std::optional<std::int64_t> rel) {
  if (!rel) return abs.value_or(0);
  const Int128 larger = std::max(magnitude(left), magnitude(right));
  // Taken apart so that a sum of 38 digits times the share does not overflow.
  const Int128 share = larger / kRelUnit * *rel + larger % kRelUnit * *rel / kRelUnit;
  return abs ? std::min(*abs, share) : share;
}

Matching::Matching(Engine& engine, MatchPlan plan)
    : engine_(engine),
      plan_(std::move(plan)),
      wide_("DECIMAL(38," + std::to_string(plan_.amount.scale) + ")") {
  if (!plan_.tolerance_rel) return;
  const std::optional<Int128> abs = plan_.tolerance_abs;
  const std::optional<std::int64_t> rel = plan_.tolerance_rel;
  // The tolerance is part of the function, so it is part of its name.
  tolerance_function_ = "tm_allowed_" + std::to_string(plan_.amount.scale) + "_" +
                        (abs ? format_decimal(*abs, 0) : "any") + "_" + std::to_string(*rel);
  if (engine_.has_function(tolerance_function_)) return;
  const Type wide = Type::decimal(38, plan_.amount.scale);
  engine_.add_function({.name = tolerance_function_,
                        .parameters = {wide, wide},
                        .result = {{.name = "value", .type = wide}},
                        .evaluate = [abs, rel](std::span<const ColumnView> arguments,
                                               std::size_t rows, ColumnWriter& result) {
                          for (std::size_t row = 0; row < rows; ++row) {
                            if (arguments[0].is_null(row) || arguments[1].is_null(row))
                              result.set_null(row);
                            else
                              result.as<Int128>()[row] =
                                  allowed_difference(arguments[0].as<Int128>()[row],
                                                     arguments[1].as<Int128>()[row], abs, rel);
                          }
                        }});
}

/// The rows of a side as tm_k1.., tm_value. Relations are united by position, so each names its own
/// columns.
std::string Matching::rows_of(const MatchSide& side) const {
  std::vector<std::string> selects;
  for (const std::string& relation : side.relations) {
    std::vector<std::string> columns;
    for (std::size_t i = 0; i < side.key.size(); ++i)
      columns.push_back(quote_identifier(side.key[i]) + " AS " + inner_name(i));
    columns.push_back(
        (side.aggregate == Aggregate::count ? std::string("1") : quote_identifier(side.amount)) +
        " AS tm_value");
    selects.push_back("SELECT " + join(columns, ", ") + " FROM " + relation);
  }
  return "(" + join(selects, " UNION ALL ") + ")";
}

/// One row a key: tm_key = 1 (the join needs a column that is never null), tm_k1.., tm_amount,
/// tm_rows.
std::string Matching::side(const MatchSide& side) const {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < side.key.size(); ++i) keys.push_back(inner_name(i));
  std::string select = "SELECT 1 AS tm_key, ";
  if (!keys.empty()) select += join(keys, ", ") + ", ";
  if (side.aggregate == Aggregate::none)
    return select + "CAST(tm_value AS " + wide_ + ") AS tm_amount, 1 AS tm_rows FROM " +
           rows_of(side);
  select += "CAST(sum(tm_value) AS " + wide_ + ") AS tm_amount, count(*) AS tm_rows FROM " +
            rows_of(side);
  // Without a key there is one group even of nothing; a side without rows has no row here.
  return select +
         (keys.empty() ? std::string(" HAVING count(*) > 0") : " GROUP BY " + join(keys, ", "));
}

std::string Matching::allowed() const {
  if (tolerance_function_.empty())
    return "CAST(" +
           quote_literal(format_decimal(plan_.tolerance_abs.value_or(0), plan_.amount.scale)) +
           " AS " + wide_ + ")";
  return tolerance_function_ + "(l.tm_amount, r.tm_amount)";
}

std::string Matching::joined() const {
  std::vector<std::string> columns;
  std::vector<std::string> conditions{"l.tm_key = r.tm_key"};
  for (std::size_t i = 0; i < plan_.key.size(); ++i) {
    const std::string name = inner_name(i);
    columns.push_back("CASE WHEN l.tm_key IS NULL THEN r." + name + " ELSE l." + name + " END AS " +
                      name);
    conditions.push_back("l." + name + " IS NOT DISTINCT FROM r." + name);
  }
  columns.push_back(
      "l.tm_amount AS tm_left, r.tm_amount AS tm_right, coalesce(l.tm_rows, 0) AS tm_left_rows, "
      "coalesce(r.tm_rows, 0) AS tm_right_rows, coalesce(l.tm_amount, 0) - coalesce(r.tm_amount, "
      "0) AS tm_difference, CASE WHEN l.tm_key IS NOT NULL AND r.tm_key IS NOT NULL THEN " +
      allowed() +
      " END AS tm_allowed, CASE WHEN r.tm_key IS NULL THEN 'left_only' WHEN l.tm_key IS NULL THEN "
      "'right_only' WHEN l.tm_amount IS NOT DISTINCT FROM r.tm_amount THEN 'matched' WHEN "
      "l.tm_amount IS NULL OR r.tm_amount IS NULL THEN 'amount' WHEN abs(l.tm_amount - "
      "r.tm_amount) <= " +
      allowed() + " THEN 'within_tolerance' ELSE 'amount' END AS tm_class");
  return "(SELECT " + join(columns, ", ") + " FROM (" + side(plan_.left) + ") l FULL JOIN (" +
         side(plan_.right) + ") r ON " + join(conditions, " AND ") + ")";
}

void Matching::require_unique_keys() const {
  for (const MatchSide* each : {&plan_.left, &plan_.right}) {
    if (each->aggregate != Aggregate::none || each->key_is_unique) continue;
    std::vector<Column> key;
    std::string keys;
    for (std::size_t i = 0; i < plan_.key.size(); ++i) {
      key.push_back(plan_.key[i]);
      key.back().name = each->key[i];
      keys += inner_name(i) + " AS " + quote_identifier(each->key[i]) + ", ";
    }
    const std::string groups = "(SELECT " + keys + "count(*) AS tm_rows FROM " + rows_of(*each) +
                               (key.empty() ? std::string() : " GROUP BY ALL") + ")";
    const Examples repeated = find_examples(engine_, groups, key, "tm_rows > 1");
    if (repeated.count > 0)
      throw Error(ErrorClass::data, "the key (" + join(each->key, ", ") + ") of the " + each->name +
                                        " is not unique; repeated values: " + repeated.summary() +
                                        "; declare aggregate: sum, or a finer key");
  }
}

std::vector<MatchClass> Matching::classes() const {
  const Rows rows = engine_.query(
      "SELECT tm_class, count(*), coalesce(sum(tm_left_rows), 0), coalesce(sum(tm_right_rows), 0), "
      "coalesce(sum(tm_left), 0), coalesce(sum(tm_right), 0) FROM " +
      joined() + " GROUP BY tm_class");
  std::vector<MatchClass> classes;
  for (const char* name : kClasses) {
    MatchClass& made = classes.emplace_back();
    made.name = name;
    for (std::size_t row = 0; row < rows.cells.size(); ++row) {
      if (rows.text(row, 0) != name) continue;
      made.keys = rows.integer(row, 1);
      made.left_rows = rows.integer(row, 2);
      made.right_rows = rows.integer(row, 3);
      made.left_amount = units_of(rows, row, 4, plan_.amount.scale);
      made.right_amount = units_of(rows, row, 5, plan_.amount.scale);
    }
  }
  return classes;
}

MatchSideTotals Matching::totals(const MatchSide& side) const {
  const Rows rows = engine_.query("SELECT count(*), CAST(coalesce(sum(tm_value), 0) AS " + wide_ +
                                  ") FROM " + rows_of(side));
  return {.rows = rows.integer(0, 0), .amount = units_of(rows, 0, 1, plan_.amount.scale)};
}

/// Lengths in front of the values keep (1, 11) and (11, 1) apart.
std::string Matching::break_id() const {
  std::string text = quote_literal(plan_.id_prefix);
  for (std::size_t i = 0; i < plan_.key.size(); ++i) {
    const std::string value = "CAST(" + inner_name(i) + " AS VARCHAR)";
    text += " || coalesce('|' || strlen(" + value + ") || ':' || " + value + ", '|-')";
  }
  return "left(sha256(" + text + "), 32)";
}

std::string Matching::breaks() const {
  const std::string type = plan_.amount.sql();
  const auto amount = [&](const std::string& inner, const std::string& name) {
    return "CAST(" + inner + " AS " + type + ") AS " + name;
  };
  std::vector<std::string> columns{break_id() + " AS break_id"};
  for (std::size_t i = 0; i < plan_.key.size(); ++i)
    columns.push_back(inner_name(i) + " AS " + quote_identifier(plan_.key[i].name));
  columns.push_back(amount("tm_left", "left_amount"));
  columns.push_back(amount("tm_right", "right_amount"));
  columns.push_back(amount("tm_difference", "difference"));
  columns.push_back("tm_class AS class");
  columns.push_back(amount("tm_allowed", "tolerance"));
  columns.push_back("CAST(tm_left_rows AS BIGINT) AS left_rows");
  columns.push_back("CAST(tm_right_rows AS BIGINT) AS right_rows");
  return "SELECT " + join(columns, ", ") + " FROM " + joined() +
         " WHERE tm_class NOT IN ('matched', 'within_tolerance')";
}

}  // namespace tallymill::books
