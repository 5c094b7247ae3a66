#include "books/system_matching.h"

#include <algorithm>
#include <mutex>

#include "books/examples.h"
#include "books/multiset_sql.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill::books {
namespace {

using Role = MatchSystem::Role;

/// In the order of statements; the first break that holds is the key's class.
enum Code : std::int64_t {
  matched,
  within_tolerance,
  missing,
  duplicate,
  residual,
  amount,
  kCodes
};
constexpr const char* kClasses[] = {"matched",   "within_tolerance", "missing",
                                    "duplicate", "residual",         "amount"};

std::string code(Code value) { return std::to_string(value); }
std::string amount_of(std::size_t system) { return "tm_a" + std::to_string(system + 1); }
std::string rows_of(std::size_t system) { return "tm_n" + std::to_string(system + 1); }
std::string nothing_as_zero(std::size_t system) { return "coalesce(" + amount_of(system) + ", 0)"; }

std::string any_of(const std::vector<std::string>& conditions) {
  return conditions.empty() ? "false" : "(" + join(conditions, " OR ") + ")";
}

}  // namespace

/// What came through the filter of run(), by currency and class. Chunks come from several threads.
struct SystemMatching::Tally {
  using Classes = std::vector<SystemClass>;

  std::mutex mutex;
  std::size_t systems;
  std::map<std::string, Classes, std::less<>> by_currency = {};

  explicit Tally(std::size_t count) : systems(count) {}

  Classes& of(std::string_view currency) {
    const auto found = by_currency.find(currency);
    if (found != by_currency.end()) return found->second;
    Classes& classes = by_currency[std::string(currency)];
    for (std::size_t i = 0; i < kCodes; ++i)
      classes.push_back({.name = kClasses[i],
                         .currency = std::string(currency),
                         .rows = std::vector<std::int64_t>(systems),
                         .amounts = std::vector<Int128>(systems),
                         .is_break = i > within_tolerance});
    return classes;
  }

  /// Columns: class, rows and amount of each system, and the currency where one is declared.
  void add(std::span<const ColumnView> columns, std::size_t rows, bool* keeps) {
    const auto* codes = columns[0].as<std::int64_t>();
    const bool has_currency = columns.size() > 1 + 2 * systems;
    const std::lock_guard lock(mutex);
    for (std::size_t row = 0; row < rows; ++row) {
      keeps[row] = columns[0].is_null(row) || codes[row] > within_tolerance;
      if (columns[0].is_null(row)) continue;
      std::string_view currency;
      if (has_currency && !columns.back().is_null(row))
        currency = columns.back().as<StringRef>()[row].view();
      SystemClass& each = of(currency)[static_cast<std::size_t>(codes[row])];
      ++each.keys;
      for (std::size_t i = 0; i < systems; ++i) {
        each.rows[i] += columns[1 + 2 * i].as<std::int64_t>()[row];
        if (!columns[2 + 2 * i].is_null(row))
          each.amounts[i] += columns[2 + 2 * i].as<Int128>()[row];
      }
    }
  }
};

bool SystemPlan::has_equation() const {
  return std::ranges::any_of(systems,
                             [](const MatchSystem& each) { return each.role != Role::agrees; });
}

std::size_t SystemPlan::reference() const {
  for (std::size_t i = 0; i < systems.size(); ++i)
    if (systems[i].role == Role::closing) return i;
  return 0;
}

SystemMatching::SystemMatching(Engine& engine, SystemPlan plan)
    : engine_(engine),
      plan_(std::move(plan)),
      wide_("DECIMAL(38," + std::to_string(plan_.amount.scale) + ")") {}

/// The rows of a system as they are: tm_k1.., tm_amount.
std::string SystemMatching::plain_rows(std::size_t system) const {
  const MatchSystem& of = plan_.systems[system];
  std::vector<std::string> selects;
  for (const std::string& relation : of.relations) {
    std::string select = "SELECT ";
    for (std::size_t k = 0; k < plan_.key.size(); ++k)
      select += quote_identifier(of.key[k]) + " AS " + inner_key_name(k) + ", ";
    selects.push_back(select + "CAST(" + of.amount + " AS " + plan_.amount.sql() +
                      ") AS tm_amount FROM " + relation);
  }
  return "(" + join(selects, " UNION ALL ") + ")";
}

/// One row a key of one system: tm_here, tm_k1.., its amount and its number of rows. Where keys are
/// known to be unique nothing is grouped.
std::string SystemMatching::system_rows(std::size_t system) const {
  const MatchSystem& of = plan_.systems[system];
  const std::string rows = plain_rows(system);
  const std::string keys = join(key_names(), ", ");
  if (of.key_is_unique && !of.adds_up)
    return "(SELECT true AS tm_here, " + keys + ", tm_amount AS " + amount_of(system) +
           ", CAST(1 AS BIGINT) AS " + rows_of(system) + " FROM " + rows + ")";
  return "(SELECT true AS tm_here, " + keys + ", CAST(sum(tm_amount) AS " + wide_ + ") AS " +
         amount_of(system) + ", count(*) AS " + rows_of(system) + " FROM " + rows + " GROUP BY " +
         keys + ")";
}

std::vector<std::string> SystemMatching::key_names() const {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < plan_.key.size(); ++k) names.push_back(inner_key_name(k));
  return names;
}

/// One row a key: tm_k1.., tm_a1, tm_n1, ...: one full join after the other.
std::string SystemMatching::pivot() const {
  const std::string condition = meets_sql(key_names(), plan_.missing_key == MissingKey::match);
  std::string joined = system_rows(0);
  for (std::size_t i = 1; i < plan_.systems.size(); ++i) {
    std::string columns;
    for (std::size_t known = 0; known < i; ++known)
      columns += ", l." + amount_of(known) + ", coalesce(l." + rows_of(known) + ", 0) AS " +
                 rows_of(known);
    joined = "(SELECT true AS tm_here, " + either_sql(key_names()) + columns + ", r." +
             amount_of(i) + ", coalesce(r." + rows_of(i) + ", 0) AS " + rows_of(i) + " FROM " +
             joined + " l FULL JOIN " + system_rows(i) + " r ON " + condition + ")";
  }
  std::string columns = join(key_names(), ", ");
  for (std::size_t i = 0; i < plan_.systems.size(); ++i)
    columns +=
        ", CAST(" + amount_of(i) + " AS " + wide_ + ") AS " + amount_of(i) + ", " + rows_of(i);
  return "SELECT " + columns + " FROM " + joined;
}

/// Systems whose amounts must agree, the reference among them.
std::vector<std::size_t> SystemMatching::agreeing() const {
  std::vector<std::size_t> systems;
  for (std::size_t i = 0; i < plan_.systems.size(); ++i)
    if (plan_.systems[i].role == Role::agrees) systems.push_back(i);
  if (!systems.empty() && plan_.has_equation()) systems.push_back(plan_.reference());
  return systems;
}

std::string SystemMatching::agreeing_is_off(std::size_t system) const {
  const std::string own = amount_of(system);
  const std::string other = amount_of(plan_.reference());
  return "(" + own + " IS DISTINCT FROM " + other + " AND NOT coalesce(abs(" + own + " - " + other +
         ") <= " + allowed_sql(engine_, plan_.tolerance, plan_.amount.scale, own, other) +
         ", false))";
}

/// Opening and movements.
std::string SystemMatching::expected() const {
  std::string sum = "CAST(0 AS " + wide_ + ")";
  for (std::size_t i = 0; i < plan_.systems.size(); ++i) {
    const Role role = plan_.systems[i].role;
    if (role == Role::opening || role == Role::in) sum += " + " + nothing_as_zero(i);
    if (role == Role::out) sum += " - " + nothing_as_zero(i);
  }
  return "(" + sum + ")";
}

std::string SystemMatching::equation_holds(bool exactly) const {
  if (!plan_.has_equation()) return "true";
  const std::string closing = nothing_as_zero(plan_.reference());
  return "abs(" + expected() + " - " + closing + ") <= " +
         (exactly ? "0"
                  : allowed_sql(engine_, plan_.tolerance, plan_.amount.scale, expected(), closing));
}

std::string SystemMatching::class_sql() const {
  std::vector<std::string> has;
  std::vector<std::string> lacks;
  std::vector<std::string> off;
  std::vector<std::string> unequal;
  for (const std::size_t i : agreeing()) {
    has.push_back(rows_of(i) + " > 0");
    lacks.push_back(rows_of(i) + " = 0");
    if (i == plan_.reference()) continue;
    off.push_back(agreeing_is_off(i));
    unequal.push_back(amount_of(i) + " IS DISTINCT FROM " + amount_of(plan_.reference()));
  }
  std::vector<std::string> repeated;
  for (std::size_t i = 0; i < plan_.systems.size(); ++i)
    if (!plan_.systems[i].adds_up) repeated.push_back(rows_of(i) + " > 1");
  return "CAST(CASE WHEN " + any_of(has) + " AND " + any_of(lacks) + " THEN " + code(missing) +
         " WHEN " + any_of(repeated) + " THEN " + code(duplicate) + " WHEN NOT (" +
         equation_holds(false) + ") THEN " + code(residual) + " WHEN " + any_of(off) + " THEN " +
         code(amount) + " WHEN " + any_of(unequal) + " OR NOT (" + equation_holds(true) +
         ") THEN " + code(within_tolerance) + " ELSE " + code(matched) + " END AS BIGINT)";
}

void SystemMatching::run() {
  if (!open_.empty()) return;
  if (plan_.currency) require_sound_currencies();
  const std::string function = "tm_tally_" + std::to_string(engine_.next_name());
  const auto tally = std::make_shared<Tally>(plan_.systems.size());
  std::vector<Type> types{Type::integer()};
  std::string arguments = "tm_class";
  for (std::size_t i = 0; i < plan_.systems.size(); ++i) {
    types.push_back(Type::integer());
    types.push_back(Type::decimal(38, plan_.amount.scale));
    arguments += ", " + rows_of(i) + ", " + amount_of(i);
  }
  if (plan_.currency) {
    types.push_back(Type::text());
    arguments += ", CAST(" + inner_key_name(*plan_.currency) + " AS VARCHAR)";
  }
  engine_.add_function({.name = function,
                        .parameters = types,
                        .result = {{.name = "value", .type = Type::boolean()}},
                        .evaluate = [tally](std::span<const ColumnView> columns, std::size_t rows,
                                            ColumnWriter& result) {
                          tally->add(columns, rows, result.as<bool>());
                        }});
  open_ = "tm_open_" + std::to_string(engine_.next_name());
  engine_.execute("CREATE TEMP TABLE " + open_ + " AS SELECT * FROM (SELECT *, " + class_sql() +
                  " AS tm_class FROM (" + pivot() + ")) WHERE " + function + "(" + arguments + ")");
  if (!plan_.currency) tally->of({});
  for (const auto& [currency, classes] : tally->by_currency)
    classes_.insert(classes_.end(), classes.begin(), classes.end());
  require_sound_keys();
}

void SystemMatching::require_sound_keys() const {
  std::vector<Column> key = plan_.key;
  std::string names;
  std::string missing_part = "false";
  for (std::size_t k = 0; k < key.size(); ++k) {
    names += inner_key_name(k) + " AS " + quote_identifier(key[k].name) + ", ";
    missing_part += " OR " + quote_identifier(key[k].name) + " IS NULL";
  }
  for (std::size_t i = 0; i < plan_.systems.size(); ++i) {
    const MatchSystem& system = plan_.systems[i];
    const std::string rows = "(SELECT " + names + rows_of(i) + " AS tm_rows FROM " + open_ + ")";
    if (!plan_.tells_duplicates && !system.adds_up) {
      const Examples found = find_examples(engine_, rows, key, "tm_rows > 1");
      if (found.count > 0)
        throw Error(ErrorClass::data, "the key of system '" + system.name +
                                          "' is not unique; repeated values: " + found.summary() +
                                          "; declare aggregate: sum, or duplicates: pair");
    }
    if (plan_.missing_key != MissingKey::fail) continue;
    std::int64_t count = 0;
    for (const MatchSideTotals& each : totals(i)) count += each.missing_keys;
    if (count > 0)
      throw Error(ErrorClass::data, "system '" + system.name + "' has " + std::to_string(count) +
                                        " rows with a missing part of the key; declare "
                                        "missing_key: match or break, or mend the data");
  }
}

KeyedRows SystemMatching::keyed_rows(std::size_t system) const {
  KeyedRows rows{.relation = plain_rows(system),
                 .key = plan_.key,
                 .currency = plan_.currency,
                 .amount = "tm_amount",
                 .scale = plan_.amount.scale};
  for (std::size_t k = 0; k < rows.key.size(); ++k) rows.key[k].name = plan_.systems[system].key[k];
  return rows;
}

void SystemMatching::require_sound_currencies() const {
  for (std::size_t i = 0; i < plan_.systems.size(); ++i)
    require_sound_currency(engine_, "system '" + plan_.systems[i].name + "'", keyed_rows(i),
                           plan_.minor_units);
}

std::vector<SystemClass> SystemMatching::classes() {
  run();
  return classes_;
}

std::vector<MatchSideTotals> SystemMatching::totals(std::size_t system) const {
  return side_totals(engine_, keyed_rows(system));
}

/// Names, or distances, of the systems that are off, in the order they are declared.
std::string SystemMatching::list_of_off(bool distances) const {
  std::vector<std::string> parts;
  const auto gap = [](const std::string& a, const std::string& b) {
    return "CAST(abs(" + a + " - " + b + ") AS VARCHAR)";
  };
  if (plan_.has_equation())
    parts.push_back("CASE WHEN tm_class = " + code(residual) + " THEN " +
                    (distances ? gap(expected(), nothing_as_zero(plan_.reference()))
                               : quote_literal(plan_.systems[plan_.reference()].name)) +
                    " END");
  for (std::size_t i = 0; i < plan_.systems.size(); ++i) {
    const std::string name = quote_literal(plan_.systems[i].name);
    if (!plan_.systems[i].adds_up)
      parts.push_back("CASE WHEN " + rows_of(i) + " > 1 THEN " +
                      (distances ? rows_of(i) + " || ' rows'" : name) + " END");
  }
  for (const std::size_t i : agreeing()) {
    const std::string name = quote_literal(plan_.systems[i].name);
    const std::string lacks = "tm_class = " + code(missing) + " AND " + rows_of(i) + " = 0";
    parts.push_back(
        "CASE WHEN " + lacks + " THEN " + (distances ? "'missing'" : name) + " WHEN " +
        (i == plan_.reference() ? std::string("false") : agreeing_is_off(i)) + " AND " +
        rows_of(plan_.reference()) + " > 0 THEN " +
        (distances ? "coalesce(" + gap(amount_of(i), amount_of(plan_.reference())) + ", 'missing')"
                   : name) +
        " END");
  }
  return "nullif(concat_ws(', ', " + join(parts, ", ") + "), '')";
}

/// Of the agreeing systems' amounts the one farthest from the reference; the first of equals.
std::string SystemMatching::worst_amount() const {
  std::vector<std::string> others;
  for (const std::size_t i : agreeing())
    if (i != plan_.reference()) others.push_back(amount_of(i));
  if (others.empty()) return "NULL";
  const std::string reference = "coalesce(" + amount_of(plan_.reference()) + ", 0)";
  std::string list = "[";
  for (std::size_t i = 0; i < others.size(); ++i)
    list += (i > 0 ? ", " : "") + std::string("{'gap': abs(coalesce(") + others[i] + ", 0) - " +
            reference + "), 'place': " + std::to_string(others.size() - i) +
            ", 'amount': " + others[i] + "}";
  return "list_max(" + list + "]).amount";
}

/// A bit for each agreeing system that knows the key; of more systems than bits none is told.
std::string SystemMatching::parties() const {
  constexpr std::size_t kBits = 62;
  std::string sum = "CAST(0 AS BIGINT)";
  if (plan_.systems.size() > kBits) return sum;
  for (const std::size_t i : agreeing())
    sum += " + CASE WHEN " + rows_of(i) + " > 0 THEN CAST(" + std::to_string(std::int64_t{1} << i) +
           " AS BIGINT) ELSE 0 END";
  return sum;
}

std::string SystemMatching::breaks() {
  run();
  const std::string type = plan_.amount.sql();
  const std::size_t reference = plan_.reference();
  std::vector<std::string> id;
  for (std::size_t k = 0; k < plan_.key.size(); ++k) id.push_back(inner_key_name(k));
  if (plan_.missing_key == MissingKey::open) {
    // Rows that meet nothing are breaks of their system: several may have the same key.
    std::vector<std::string> known;
    for (const std::string& part : id) known.push_back(part + " IS NOT NULL");
    std::string holder = "CASE WHEN " + join(known, " AND ") + " THEN NULL";
    for (std::size_t i = 0; i < plan_.systems.size(); ++i)
      holder += " WHEN " + rows_of(i) + " > 0 THEN " + quote_literal(plan_.systems[i].name);
    id.push_back(holder + " END");
  }
  const auto amount_as = [&](const std::string& sql, const std::string& name) {
    return "CAST(" + sql + " AS " + type + ") AS " + name;
  };
  std::vector<std::string> columns{break_id_sql(plan_.id_prefix, id) + " AS break_id"};
  for (std::size_t k = 0; k < plan_.key.size(); ++k)
    columns.push_back(inner_key_name(k) + " AS " + quote_identifier(plan_.key[k].name));
  const std::string is_residual = "CASE WHEN tm_class = " + code(residual) + " THEN ";
  const std::string left = is_residual + expected() + " ELSE " + amount_of(reference) + " END";
  const std::string right =
      is_residual + nothing_as_zero(reference) + " ELSE " + worst_amount() + " END";
  columns.push_back(amount_as(left, "left_amount"));
  columns.push_back(amount_as(right, "right_amount"));
  columns.push_back(
      amount_as("coalesce(" + left + ", 0) - coalesce(" + right + ", 0)", "difference"));
  std::string names = "CASE tm_class";
  for (std::size_t i = 0; i < kCodes; ++i)
    names += " WHEN " + std::to_string(i) + " THEN '" + kClasses[i] + "'";
  columns.push_back(names + " END AS class");
  columns.push_back(amount_as(
      allowed_sql(engine_, plan_.tolerance, plan_.amount.scale, left, right), "tolerance"));
  columns.push_back(rows_of(reference) + " AS left_rows");
  std::string all_rows = "0";
  for (std::size_t i = 0; i < plan_.systems.size(); ++i) {
    if (i != reference) all_rows += " + " + rows_of(i);
    columns.push_back(amount_as(amount_of(i), quote_identifier(plan_.systems[i].name + "_amount")));
  }
  columns.push_back("CAST(" + all_rows + " AS BIGINT) AS right_rows");
  columns.push_back(list_of_off(false) + " AS failed_predicate");
  columns.push_back(list_of_off(true) + " AS distance");
  columns.push_back(parties() + " AS tm_parties");
  return "SELECT " + join(columns, ", ") + " FROM " + open_;
}

}  // namespace tallymill::books
