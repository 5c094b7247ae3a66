#include "books/examples.h"
#include "books/match_codes.h"
#include "books/matching.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill::books {

/// Sums are wide while they are compared, but results have the amount's own type.
void Matching::require_fitting() const {
  if (!is_narrow(plan_.amount)) return;
  const std::string most =
      plan_.amount.is_decimal()
          ? "CAST('" +
                format_decimal(parse_decimal(std::string(18, '9'), 38, 0).value,
                               plan_.amount.scale) +
                "' AS " + wide_ + ")"
          : std::string("9223372036854775807");
  std::string keys;
  for (std::size_t i = 0; i < plan_.key.size(); ++i)
    keys += inner_key_name(i) + " AS " + quote_identifier(plan_.key[i].name) + ", ";
  const std::string too_large =
      "(SELECT " + keys +
      "tm_left_rows + tm_right_rows AS tm_rows, greatest(abs(coalesce(tm_left, "
      "0)), abs(coalesce(tm_right, 0)), abs(coalesce(tm_left, 0) - coalesce(tm_right, 0))) AS "
      "tm_size FROM " +
      open_ + ")";
  const std::string where = "tm_size > " + most;
  const Examples found = find_examples(engine_, too_large, plan_.key, where);
  if (found.count == 0) return;
  const Rows sizes =
      engine_.query("SELECT sum(tm_rows), max(tm_size) FROM " + too_large + " WHERE " + where);
  throw Error(ErrorClass::data, "amounts of " + found.summary() + " do not fit " +
                                    plan_.amount.name() + ": " + sizes.text(0, 0) +
                                    " rows come to up to " + sizes.text(0, 1) +
                                    "; declare a finer key, or a decimal with more digits");
}

/// What of a pair failed and by how much, the amount first: a list of names or of distances.
std::string Matching::failures(bool distances) {
  ComparedColumn amount_column{.name = "amount", .type = plan_.amount};
  std::vector<std::string> texts;
  const auto add = [&](const std::string& left, const std::string& right, const std::string& fails,
                       const ComparedColumn& column) {
    texts.push_back(
        "CASE WHEN " + fails + " THEN " +
        (distances ? distance_sql(engine_, column, left, right) : quote_literal(column.name)) +
        " END");
  };
  add("tm_left", "tm_right", "tm_class = " + code(kAmount), amount_column);
  for (std::size_t i = 0; i < plan_.compared.size(); ++i) {
    const std::string left = compared_name("l", i);
    const std::string right = compared_name("r", i);
    add(left, right,
        left + " IS DISTINCT FROM " + right + " AND NOT coalesce(" +
            within_sql(engine_, plan_.compared[i], left, right) + ", false)",
        plan_.compared[i]);
  }
  return "CASE WHEN tm_class BETWEEN " + code(kAmount) + " AND " + code(kStatus) +
         " THEN concat_ws(', ', " + join(texts, ", ") + ") WHEN tm_class = " + code(kCurrency) +
         " THEN " + (distances ? "'differs'" : "'currency'") + " END";
}

std::string Matching::breaks() {
  run();
  const std::string type = plan_.amount.sql();
  const auto amount_as = [&](const std::string& inner, const std::string& name) {
    return "CAST(" + inner + " AS " + type + ") AS " + name;
  };
  std::vector<std::string> id = key_names();
  id.emplace_back("nullif(tm_ordinal, 1)");
  const std::string first_id = break_id_sql(plan_.id_prefix, key_names());
  std::vector<std::string> columns{"CASE WHEN tm_ordinal = 1 THEN " + first_id + " ELSE " +
                                   break_id_sql(plan_.id_prefix, id) + " END AS break_id"};
  for (std::size_t i = 0; i < plan_.key.size(); ++i)
    columns.push_back(inner_key_name(i) + " AS " + quote_identifier(plan_.key[i].name));
  columns.push_back(amount_as("tm_left", "left_amount"));
  columns.push_back(amount_as("tm_right", "right_amount"));
  columns.push_back(amount_as("CASE WHEN tm_class <> " + code(kCurrency) +
                                  " THEN coalesce(tm_left, 0) - coalesce(tm_right, 0) END",
                              "difference"));
  std::string names = "CASE tm_class";
  for (std::size_t i = 0; i < kMatchCodes; ++i)
    names += " WHEN " + std::to_string(i) + " THEN '" + kMatchClasses[i] + "'";
  columns.push_back(names + " END AS class");
  columns.push_back(amount_as(
      "CASE WHEN tm_class <= " + code(kStatus) + " THEN " +
          allowed_sql(engine_, plan_.tolerance, plan_.amount.scale, "tm_left", "tm_right") + " END",
      "tolerance"));
  columns.emplace_back("tm_left_rows AS left_rows");
  columns.emplace_back("tm_right_rows AS right_rows");
  if (plan_.pairs_currencies) columns.emplace_back("tm_right_currency AS right_currency");
  for (std::size_t i = 0; i < plan_.compared.size(); ++i)
    for (const char* of : {"l", "r"})
      columns.push_back(
          "CAST(" + compared_name(of, i) + " AS " + plan_.compared[i].type.sql() + ") AS " +
          quote_identifier((of[0] == 'l' ? "left_" : "right_") + plan_.compared[i].name));
  columns.push_back(failures(false) + " AS failed_predicate");
  columns.push_back(failures(true) + " AS distance");
  return "SELECT " + join(columns, ", ") + " FROM " + open_;
}

}  // namespace tallymill::books
