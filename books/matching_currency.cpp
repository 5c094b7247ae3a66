#include "books/match_codes.h"
#include "books/match_tally.h"
#include "books/matching.h"
#include "core/text.h"

namespace tallymill::books {
namespace {

Int128 units_of(const Rows& rows, std::size_t row, std::size_t column, int scale) {
  return parse_decimal(rows.text(row, column), 38, scale).value;
}

}  // namespace

/// The inner name of the key part that is the currency; empty: there is none.
std::string Matching::currency_name() const {
  return plan_.currency ? inner_key_name(*plan_.currency) : std::string();
}

KeyedRows Matching::keyed_rows(const MatchSide& side) const {
  KeyedRows rows{.relation = rows_of(side),
                 .key = plan_.key,
                 .currency = plan_.currency,
                 .amount = "tm_value",
                 .scale = plan_.amount.scale};
  for (std::size_t i = 0; i < rows.key.size(); ++i) rows.key[i].name = side.key[i];
  return rows;
}

void Matching::require_sound_currencies() const {
  for (const MatchSide* side : {&plan_.left, &plan_.right})
    require_sound_currency(engine_, side->name, keyed_rows(*side), plan_.minor_units);
}

std::vector<MatchSideTotals> Matching::totals(const MatchSide& side) const {
  return side_totals(engine_, keyed_rows(side), !side.key_is_unique);
}

/// What one key has left on both sides meets in the order of the currencies' names: the left row
/// becomes the break of both, under its id.
void Matching::pair_currencies(Tally& tally) {
  std::vector<std::string> others;
  std::vector<std::string> meets{"l.tm_place = r.tm_place"};
  std::vector<std::string> known{"tm_class IN (" + code(kLeftOnly) + ", " + code(kRightOnly) + ")"};
  for (std::size_t i = 0; i < plan_.key.size(); ++i) {
    if (i == *plan_.currency) continue;
    const std::string name = inner_key_name(i);
    others.push_back(name);
    meets.push_back("l." + name + " IS NOT DISTINCT FROM r." + name);
    if (plan_.missing_key == MissingKey::open) known.push_back(name + " IS NOT NULL");
  }
  others.emplace_back("tm_class");
  const std::string alone = "tm_alone_" + std::to_string(engine_.next_name());
  const std::string met = "tm_met_" + std::to_string(engine_.next_name());
  engine_.execute("CREATE TEMP TABLE " + alone +
                  " AS SELECT *, rowid AS tm_id, row_number() OVER (PARTITION BY " +
                  join(others, ", ") + " ORDER BY " + currency_name() +
                  ", tm_ordinal, tm_left, tm_right) AS tm_place FROM " + open_ + " WHERE " +
                  join(known, " AND "));
  std::string compared;
  for (std::size_t i = 0; i < plan_.compared.size(); ++i)
    compared += ", r." + compared_name("r", i) + " AS " + compared_name("r", i);
  engine_.execute(
      "CREATE TEMP TABLE " + met +
      " AS SELECT l.* REPLACE (r.tm_right AS tm_right, r.tm_right_rows AS tm_right_rows, CAST(" +
      code(kCurrency) + " AS BIGINT) AS tm_class" + compared + "), r.tm_id AS tm_right_id, r." +
      currency_name() + " AS tm_right_currency FROM " + alone + " l JOIN " + alone + " r ON " +
      join(meets, " AND ") + " WHERE l.tm_class = " + code(kLeftOnly) +
      " AND r.tm_class = " + code(kRightOnly));
  const std::string all = "tm_open_" + std::to_string(engine_.next_name());
  engine_.execute("CREATE TEMP TABLE " + all + " AS SELECT *, CAST(NULL AS VARCHAR) AS " +
                  "tm_right_currency FROM " + open_ + " WHERE rowid NOT IN (SELECT tm_id FROM " +
                  met + " UNION ALL SELECT tm_right_id FROM " + met +
                  ") UNION ALL BY NAME SELECT * EXCLUDE (tm_id, tm_place, tm_right_id) FROM " +
                  met);
  const auto move = [&](const std::string& currency, MatchCode from, bool is_left) {
    const std::string side = is_left ? "tm_left" : "tm_right";
    const Rows rows =
        engine_.query("SELECT CAST(" + currency + " AS VARCHAR), count(*), CAST(sum(" + side +
                      "_rows) AS BIGINT), CAST(coalesce(sum(" + side + "), 0) AS " + wide_ +
                      ") FROM " + met + " GROUP BY 1");
    for (std::size_t row = 0; row < rows.cells.size(); ++row) {
      MatchClass moved{.keys = rows.integer(row, 1)};
      (is_left ? moved.left_rows : moved.right_rows) = rows.integer(row, 2);
      (is_left ? moved.left_amount : moved.right_amount) =
          units_of(rows, row, 3, plan_.amount.scale);
      tally.add(rows.text(row, 0), static_cast<std::size_t>(from), moved, -1);
      if (!is_left) moved.keys = 0;
      tally.add(rows.text(row, 0), static_cast<std::size_t>(kCurrency), moved, 1);
    }
  };
  move(currency_name(), kLeftOnly, true);
  move("tm_right_currency", kRightOnly, false);
  for (const std::string& table : {open_, alone, met}) engine_.execute("DROP TABLE " + table);
  open_ = all;
}

}  // namespace tallymill::books
