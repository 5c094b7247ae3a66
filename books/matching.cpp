#include "books/matching.h"

#include <algorithm>

#include "books/examples.h"
#include "books/match_codes.h"
#include "books/match_tally.h"
#include "books/multiset_sql.h"
#include "core/error.h"
#include "core/text.h"
#include "datasets/repeated_keys.h"

namespace tallymill::books {

namespace {

/// The condition of "every key may come several times".
const std::string kAlways = "true";

MatchCode code_of(const ComparedColumn& column) {
  switch (column.kind()) {
    case ComparedColumn::Kind::number:
      return kQuantity;
    case ComparedColumn::Kind::day:
      return kTiming;
    case ComparedColumn::Kind::other:
      break;
  }
  return kStatus;
}

}  // namespace

std::string break_id_sql(const std::string& prefix, const std::vector<std::string>& values) {
  std::string text = quote_literal(prefix);
  for (const std::string& value : values) {
    const std::string shown = "CAST(" + value + " AS VARCHAR)";
    text += " || coalesce('|' || strlen(" + shown + ") || ':' || " + shown + ", '|-')";
  }
  return "left(sha256(" + text + "), 32)";
}

Matching::Matching(Engine& engine, MatchPlan plan)
    : engine_(engine),
      plan_(std::move(plan)),
      wide_("DECIMAL(38," + std::to_string(plan_.amount.scale) + ")"),
      type_(plan_.has_plain_amounts && is_narrow(plan_.amount) &&
                    plan_.left.aggregate == Aggregate::none &&
                    plan_.right.aggregate == Aggregate::none
                ? plan_.amount.sql()
                : wide_) {}

std::vector<Column> Matching::inner_key() const {
  std::vector<Column> key = plan_.key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i].name = inner_key_name(i);
  return key;
}

/// The rows of a side as tm_k1.., tm_value, tm_c1... Relations are united by position, so each
/// names its own columns.
std::string Matching::rows_of(const MatchSide& side) const {
  std::vector<std::string> selects;
  for (const std::string& relation : side.relations) {
    std::vector<std::string> columns;
    for (std::size_t i = 0; i < side.key.size(); ++i)
      columns.push_back(quote_identifier(side.key[i]) + " AS " + inner_key_name(i));
    columns.push_back((side.aggregate == Aggregate::count ? std::string("1") : side.amount) +
                      " AS tm_value");
    for (std::size_t i = 0; i < side.compared.size(); ++i)
      columns.push_back(side.compared[i] + " AS " + compared_name("c", i));
    selects.push_back("SELECT " + join(columns, ", ") + " FROM " + relation);
  }
  return "(" + join(selects, " UNION ALL ") + ")";
}

/// One row a key: tm_here (never null), tm_k1.., tm_amount, tm_c1.., tm_rows.
std::string Matching::side(const MatchSide& side, const std::string& where) const {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < side.key.size(); ++i) keys.push_back(inner_key_name(i));
  std::string select = "SELECT true AS tm_here, ";
  if (!keys.empty()) select += join(keys, ", ") + ", ";
  const std::string rows = rows_of(side) + (where.empty() ? where : " WHERE " + where);
  if (side.aggregate == Aggregate::none) {
    for (std::size_t i = 0; i < side.compared.size(); ++i) select += compared_name("c", i) + ", ";
    return select + "CAST(tm_value AS " + type_ + ") AS tm_amount FROM " + rows;
  }
  select += "CAST(sum(tm_value) AS " + wide_ + ") AS tm_amount, count(*) AS tm_rows FROM " + rows;
  // Without a key there is one group even of nothing; a side without rows has no row here.
  return select +
         (keys.empty() ? std::string(" HAVING count(*) > 0") : " GROUP BY " + join(keys, ", "));
}

/// Whether compared column `i` of l and r fails. Its values differ, and by more than they may.
std::string Matching::differs(std::size_t i) const {
  const std::string left = "l." + compared_name("c", i);
  const std::string right = "r." + compared_name("c", i);
  return left + " IS DISTINCT FROM " + right + " AND NOT coalesce(" +
         within_sql(engine_, plan_.compared[i], left, right) + ", false)";
}

/// The number of a pair's class over l and r; `one_sided` are its WHENs for pairs without one.
std::string Matching::class_of(const std::string& one_sided) const {
  std::string equal = "l.tm_amount IS NOT DISTINCT FROM r.tm_amount";
  std::string sql = "CASE " + one_sided;
  std::string fails =
      " WHEN l.tm_amount IS DISTINCT FROM r.tm_amount AND NOT coalesce(abs(CAST("
      "l.tm_amount AS " +
      wide_ + ") - CAST(r.tm_amount AS " + wide_ + ")) <= " +
      allowed_sql(engine_, plan_.tolerance, plan_.amount.scale, "l.tm_amount", "r.tm_amount") +
      ", false) THEN " + code(kAmount);
  for (const MatchCode wanted : {kQuantity, kTiming, kStatus})
    for (std::size_t i = 0; i < plan_.compared.size(); ++i) {
      if (code_of(plan_.compared[i]) != wanted) continue;
      const std::string name = compared_name("c", i);
      equal += " AND l." + name + " IS NOT DISTINCT FROM r." + name;
      fails += " WHEN " + differs(i) + " THEN " + code(wanted);
    }
  return sql + " WHEN " + equal + " THEN " + code(kMatched) + fails + " ELSE " +
         code(kWithinTolerance) + " END";
}

std::vector<std::string> Matching::key_names() const {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < plan_.key.size(); ++i) names.push_back(inner_key_name(i));
  return names;
}

/// Of keys that come once on a side, or were added up.
std::string Matching::joined(const std::string& where) const {
  const std::vector<std::string> keys = key_names();
  const auto rows = [](const MatchSide& side, const std::string& of) {
    return "CAST(" +
           (side.aggregate == Aggregate::none
                ? "CASE WHEN " + of + ".tm_here IS NULL THEN 0 ELSE 1 END"
                : "coalesce(" + of + ".tm_rows, 0)") +
           " AS BIGINT) AS ";
  };
  std::string columns = keys.empty() ? std::string() : either_sql(keys) + ", ";
  columns += "l.tm_amount AS tm_left, r.tm_amount AS tm_right, " + rows(plan_.left, "l") +
             "tm_left_rows, " + rows(plan_.right, "r") + "tm_right_rows, ";
  for (std::size_t i = 0; i < plan_.compared.size(); ++i)
    columns += "l." + compared_name("c", i) + " AS " + compared_name("l", i) + ", r." +
               compared_name("c", i) + " AS " + compared_name("r", i) + ", ";
  return "SELECT " + columns + "CAST(1 AS BIGINT) AS tm_ordinal, CAST(" +
         class_of("WHEN r.tm_here IS NULL THEN " + code(kLeftOnly) +
                  " WHEN l.tm_here IS NULL THEN " + code(kRightOnly)) +
         " AS BIGINT) AS tm_class FROM (" + side(plan_.left, where) + ") l FULL JOIN (" +
         side(plan_.right, where) + ") r ON " +
         (keys.empty() ? std::string("l.tm_here = r.tm_here")
                       : meets_sql(keys, plan_.missing_key == MissingKey::match));
}

/// Of keys that come several times.
std::string Matching::paired(const std::string& where) const {
  MultisetSql sides{.keys = key_names(),
                    .values = {"tm_amount"},
                    .left_names = {"tm_left"},
                    .right_names = {"tm_right"},
                    .left = side(plan_.left, where),
                    .right = side(plan_.right, where),
                    .left_is_added_up = plan_.left.aggregate != Aggregate::none,
                    .right_is_added_up = plan_.right.aggregate != Aggregate::none,
                    .wide = wide_,
                    .missing_meets = plan_.missing_key == MissingKey::match,
                    .class_sql = {},
                    .last_agreement = kWithinTolerance};
  for (std::size_t i = 0; i < plan_.compared.size(); ++i) {
    sides.values.push_back(compared_name("c", i));
    sides.left_names.push_back(compared_name("l", i));
    sides.right_names.push_back(compared_name("r", i));
  }
  const auto alone = [](const char* of, MatchCode one_sided) {
    return std::string("CASE WHEN ") + of + ".tm_other THEN " + code(kDuplicate) + " ELSE " +
           code(one_sided) + " END";
  };
  sides.class_sql = class_of("WHEN r.tm_here IS NULL THEN " + alone("l", kLeftOnly) +
                             " WHEN l.tm_here IS NULL THEN " + alone("r", kRightOnly));
  return multiset_sql(sides);
}

/// Keys that come more than once on a side without aggregate, as a condition over a side's rows.
void Matching::find_repeated() {
  if (is_repeated_) return;
  is_repeated_ = "";
  const std::vector<Column> key = inner_key();
  KeyHashes hashes;
  std::int64_t rows = 0;
  for (const MatchSide* each : {&plan_.left, &plan_.right}) {
    if (each->aggregate != Aggregate::none || each->key_is_unique || key.empty()) continue;
    if (!plan_.has_same_key_types) {
      is_repeated_ = kAlways;
      return;
    }
    const KeyHashes found = find_repeated_keys(engine_, rows_of(*each), key, plan_.key_memory);
    hashes.insert(hashes.end(), found.begin(), found.end());
    rows += engine_.query("SELECT count(*) FROM " + rows_of(*each)).integer(0, 0);
  }
  if (hashes.empty()) return;
  std::sort(hashes.begin(), hashes.end());
  // Where most keys are repeated, one way for all is cheaper than two.
  constexpr std::int64_t kFewest = 8;
  if (static_cast<std::int64_t>(hashes.size()) > rows / kFewest)
    is_repeated_ = kAlways;
  else
    is_repeated_ = is_among_sql(engine_, key, std::make_shared<const KeyHashes>(std::move(hashes)));
}

void Matching::require_sound_keys() {
  if (plan_.currency) require_sound_currencies();
  for (const MatchSide* each : {&plan_.left, &plan_.right}) {
    std::vector<Column> key;
    std::string keys;
    std::vector<std::string> missing;
    for (std::size_t i = 0; i < plan_.key.size(); ++i) {
      key.push_back(plan_.key[i]);
      key.back().name = each->key[i];
      keys += inner_key_name(i) + " AS " + quote_identifier(each->key[i]) + ", ";
      missing.push_back(quote_identifier(each->key[i]) + " IS NULL");
    }
    const std::string named = "(SELECT " + keys + "tm_value FROM " + rows_of(*each) + ")";
    if (plan_.missing_key == MissingKey::fail && !key.empty()) {
      const std::string where = join(missing, " OR ");
      const Examples found = find_examples(engine_, named, key, where);
      if (found.count > 0)
        throw Error(
            ErrorClass::data,
            "the " + each->name + " has rows with a missing part of the key: " + found.summary() +
                ", amounts " +
                engine_.query("SELECT coalesce(sum(tm_value), 0) FROM " + named + " WHERE " + where)
                    .text(0, 0) +
                "; declare missing_key: match or break, or mend the data");
    }
    if (each->aggregate != Aggregate::none || each->key_is_unique || plan_.pairs_duplicates)
      continue;
    find_repeated();
    if (is_repeated_->empty() && !key.empty()) continue;
    const bool lets_open = plan_.missing_key == MissingKey::open;
    const std::string groups =
        "(SELECT " + keys + "count(*) AS tm_rows FROM " + rows_of(*each) +
        (key.empty() ? std::string() : " WHERE " + *is_repeated_ + " GROUP BY ALL") + ")";
    const Examples repeated = find_examples(
        engine_, groups, key,
        "tm_rows > 1" + (lets_open ? " AND NOT (" + join(missing, " OR ") + ")" : std::string()));
    if (repeated.count > 0)
      throw Error(ErrorClass::data, "the key (" + join(each->key, ", ") + ") of the " + each->name +
                                        " is not unique; repeated values: " + repeated.summary() +
                                        "; declare aggregate: sum, or a finer key");
  }
}

/// The filter of run(): true for breaks, and counts into `tally` every pair it sees.
std::string Matching::tally_sql(std::shared_ptr<Tally> tally) {
  const std::string function = "tm_tally_" + std::to_string(engine_.next_name());
  const bool is_wide = type_ == wide_;
  const Type amount = is_wide ? Type::decimal(38, plan_.amount.scale) : plan_.amount;
  std::vector<Type> parameters{Type::integer(), Type::integer(), Type::integer(), amount, amount};
  if (plan_.currency) parameters.push_back(Type::text());
  engine_.add_function(
      {.name = function,
       .parameters = std::move(parameters),
       .result = {{.name = "value", .type = Type::boolean()}},
       .evaluate = [tally = std::move(tally), is_wide](std::span<const ColumnView> columns,
                                                       std::size_t rows, ColumnWriter& result) {
         if (is_wide)
           tally->add<Int128>(columns, rows, result.as<bool>());
         else
           tally->add<std::int64_t>(columns, rows, result.as<bool>());
       }});
  return function + "(tm_class, tm_left_rows, tm_right_rows, tm_left, tm_right" +
         (plan_.currency ? ", " + currency_name() : std::string()) + ")";
}

/// Conditions that take keys apart where a join of all of them would not fit the memory: each part
/// is read and joined on its own, which costs a scan and no spilling.
std::vector<std::string> Matching::key_parts() const {
  constexpr std::int64_t kBytesPerRow = 32;
  constexpr std::int64_t kBytesPerColumn = 12;
  const auto columns = static_cast<std::int64_t>(plan_.key.size() + plan_.compared.size() + 1);
  std::int64_t parts = 1;
  if (plan_.join_memory > 0 && !plan_.key.empty() && plan_.has_same_key_types)
    for (const MatchSide* each : {&plan_.left, &plan_.right}) {
      const std::int64_t rows =
          engine_.query("SELECT count(*) FROM " + rows_of(*each)).integer(0, 0);
      parts = std::max(parts,
                       1 + rows * (kBytesPerRow + kBytesPerColumn * columns) / plan_.join_memory);
    }
  if (parts == 1) return {"true"};
  std::vector<std::string> conditions;
  for (std::int64_t part = 0; part < parts; ++part)
    conditions.push_back("hash(" + join(key_names(), ", ") + ") % " + std::to_string(parts) +
                         " = " + std::to_string(part));
  return conditions;
}

void Matching::run() {
  if (!open_.empty()) return;
  if (plan_.pairs_duplicates) find_repeated();
  const std::string repeated = plan_.pairs_duplicates ? *is_repeated_ : std::string();
  const auto tally = std::make_shared<Tally>();
  open_ = "tm_open_" + std::to_string(engine_.next_name());
  std::string into = "CREATE TEMP TABLE " + open_ + " AS ";
  const auto keep = [&](const std::string& pairs) {
    engine_.execute(into + "SELECT * REPLACE (CAST(tm_left AS " + wide_ +
                    ") AS tm_left, CAST(tm_right AS " + wide_ + ") AS tm_right) FROM (" + pairs +
                    ") tm_all WHERE " + tally_sql(tally));
    into = "INSERT INTO " + open_ + " ";
  };
  const std::vector<std::string> parts = key_parts();
  if (repeated != kAlways)
    for (const std::string& part : parts)
      keep(joined(part + (repeated.empty() ? std::string() : " AND NOT " + repeated)));
  type_ = wide_;
  // Few keys are repeated, unless all are taken as such.
  if (repeated == kAlways)
    for (const std::string& part : parts) keep(paired(part));
  else if (!repeated.empty())
    keep(paired(repeated));
  require_fitting();
  if (plan_.pairs_currencies) pair_currencies(*tally);
  classes_ = tally->named(plan_.currency.has_value());
}

std::vector<MatchClass> Matching::classes() {
  run();
  return classes_;
}

std::string Matching::open_table() {
  run();
  return open_;
}

}  // namespace tallymill::books
