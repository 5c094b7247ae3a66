#include "books/allocation.h"

#include "books/allocation_tables.h"
#include "books/exact_functions.h"
#include "books/receiver_tree.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill::books {
namespace {

std::string quoted_literals(const std::vector<std::string>& texts) {
  std::vector<std::string> parts;
  for (const std::string& text : texts) parts.push_back(quote_literal(text));
  return join(parts, ", ");
}

bool contains(const std::vector<Column>& columns, const std::string& name) {
  for (const Column& column : columns)
    if (column.name == name) return true;
  return false;
}

std::string power_of_ten(int exponent) {
  return "1" + std::string(static_cast<std::size_t>(exponent), '0');
}

}  // namespace

std::string create_table(const std::string& table, const std::string& select) {
  return "CREATE OR REPLACE TEMP TABLE " + table + " AS " + select;
}

std::string column_of(const char* alias, const std::string& column) {
  return alias + ("." + quote_identifier(column));
}

std::string agree(const char* left, const char* right, const std::vector<Column>& columns) {
  std::vector<std::string> parts;
  for (const Column& column : columns)
    parts.push_back(column_of(left, column.name) + " = " + column_of(right, column.name));
  return join(parts, " AND ");
}

Allocation::Allocation(Engine& engine, AllocationPlan plan)
    : engine_(engine), plan_(std::move(plan)) {}

void Allocation::prepare() {
  require_sound_keys();
  require_places();
  make_pools();
  require_drivers();
  weigh();
  enforce_policies();
  find_weighers();
  if (plan_.method == Method::cumulative) order_receivers();
  find_cuts();
}

std::vector<Column> Allocation::pool_key_columns() const {
  std::vector<Column> key;
  for (const Column& column : plan_.carry)
    for (const std::string& name : plan_.pool_key)
      if (column.name == name) key.push_back(column);
  return key;
}

void Allocation::require_sound_keys() const {
  const std::vector<Column> key = pool_key_columns();
  if (!plan_.pool_key_is_unique && !plan_.sums_pools)
    require_unique_key(engine_, plan_.pools, key, "the pool's key");
  if (!plan_.receiver_key_is_unique)
    require_unique_key(engine_, plan_.receivers, plan_.receiver_key, "the receivers' key");
  const std::string amount = quote_identifier(plan_.amount.name);
  const Examples unpriced = find_examples(engine_, plan_.pools, key, amount + " IS NULL");
  if (unpriced.count > 0)
    throw Error(ErrorClass::data,
                "pools without a value of " + plan_.amount.name + ": " + unpriced.summary());
  if (plan_.amount.type.kind != TypeKind::integer) return;
  // The smallest integer has no magnitude to split.
  const Examples lowest =
      find_examples(engine_, plan_.pools, key, amount + " < -9223372036854775807");
  if (lowest.count > 0)
    throw Error(ErrorClass::data,
                "pools whose " + plan_.amount.name + " is out of range: " + lowest.summary());
}

/// Every receiver has a place in the hierarchy, and the hierarchy is one.
void Allocation::require_places() {
  for (const Column& column : plan_.hierarchy) {
    const Examples lost = find_examples(engine_, plan_.receivers, plan_.receiver_key,
                                        quote_identifier(column.name) + " IS NULL");
    if (lost.count > 0)
      throw Error(ErrorClass::data, "receivers without a place in the hierarchy, which have no " +
                                        column.name + ": " + lost.summary());
  }
  if (plan_.tree.relation.empty()) return;
  make_tree_paths(engine_, plan_.tree, kPathTable);
  const std::string place = quote_identifier(plan_.tree.receiver.name);
  std::vector<Column> named = plan_.receiver_key;
  named.push_back(plan_.tree.receiver);
  const Examples lost =
      find_examples(engine_, plan_.receivers, named,
                    "(" + place + " IN (SELECT " + quote_identifier(plan_.tree.key.name) +
                        " FROM " + kPathTable + ")) IS NOT true");
  if (lost.count > 0)
    throw Error(ErrorClass::data, "receivers whose " + plan_.tree.receiver.name +
                                      " stands nowhere in the hierarchy: " + lost.summary());
}

/// The pools, one row each. Sums that need more than the amount's 18 digits are refused by name.
std::string Allocation::pool_source() const {
  if (!plan_.sums_pools) return plan_.pools;
  const std::string by = column_list(plan_.carry);
  const std::string amount = quote_identifier(plan_.amount.name);
  const std::string sums = "(SELECT " + by + ", sum(" +
                           units_sql(engine_, plan_.amount.type, amount) + ") AS tm_sum FROM " +
                           plan_.pools + " GROUP BY " + by + ")";
  const Examples wide =
      find_examples(engine_, sums, pool_key_columns(), "abs(tm_sum) > 999999999999999999");
  if (wide.count > 0)
    throw Error(ErrorClass::data, "pools whose sum of " + plan_.amount.name +
                                      " has more than 18 digits: " + wide.summary());
  return "(SELECT * EXCLUDE (tm_sum), " +
         amount_sql(engine_, plan_.amount.type, "CAST(tm_sum AS BIGINT)") + " AS " + amount +
         " FROM " + sums + ")";
}

/// SQL over the pool: how many units the smallest coin of its currency has.
std::string Allocation::minor_step() const {
  std::string step =
      "CASE " + (plan_.currency.empty() ? std::string("''") : quote_identifier(plan_.currency));
  for (const auto& [currency, digits] : plan_.minor_units)
    step += " WHEN " + quote_literal(currency) + " THEN " +
            power_of_ten(plan_.amount.type.scale - digits);
  return plan_.minor_units.empty() ? "1" : step + " ELSE 1 END";
}

/// Numbers the pools, takes their amounts apart and asks which driver each one wants.
void Allocation::make_pools() {
  std::vector<std::string> columns{column_list(plan_.carry)};
  std::vector<Column> kept = plan_.carry;
  const auto keep = [&](const std::string& name) {
    if (name.empty() || contains(kept, name)) return;
    kept.push_back({.name = name});
    columns.push_back(quote_identifier(name));
  };
  keep(plan_.grain_column);
  for (const Grain& grain : plan_.grains)
    for (const auto& [pool_column, receiver_column] : grain.columns) keep(pool_column);
  std::vector<std::string> drivers;
  for (const Column& driver : plan_.drivers) drivers.push_back(driver.name);
  const std::string units =
      units_sql(engine_, plan_.amount.type, quote_identifier(plan_.amount.name));

  engine_.execute(create_table(
      kPoolTable,
      "SELECT *, abs(tm_signed) // tm_step AS tm_units, sign(tm_signed) * tm_step AS tm_sign, "
      "tm_signed % tm_step AS tm_below, list_position([" +
          quoted_literals(drivers) + "], tm_driver) AS tm_driver_no FROM (SELECT " +
          join(columns, ", ") + ", row_number() OVER (ORDER BY " + column_list(plan_.pool_key) +
          ") AS tm_no, " + units + " AS tm_signed, CAST(" + minor_step() +
          " AS BIGINT) AS tm_step, " + plan_.driver + " AS tm_driver, " + plan_.driver_error +
          " AS tm_error FROM " + pool_source() + ")"));
}

/// A pool whose rule failed, or which names a driver that is no column, cannot be allocated by
/// guesswork, whatever the policies say.
void Allocation::require_drivers() {
  const Rows failed =
      engine_.query(std::string("SELECT tm_error, ") + row_name_sql(pool_key_columns()) + " FROM " +
                    kPoolTable + " WHERE tm_error IS NOT NULL ORDER BY tm_no LIMIT 1");
  if (!failed.cells.empty())
    throw Error(ErrorClass::config, failed.text(0, 0))
        .add_context("choosing the driver of pool " + failed.text(0, 1));
  const Rows unknown = engine_.query(std::string("SELECT tm_driver, ") +
                                     row_name_sql(pool_key_columns()) + " FROM " + kPoolTable +
                                     " WHERE tm_driver IS NOT NULL AND tm_driver_no IS NULL "
                                     "ORDER BY tm_no LIMIT 1");
  if (!unknown.cells.empty()) {
    std::vector<std::string> known;
    for (const Column& driver : plan_.drivers) known.push_back(driver.name);
    throw Error(ErrorClass::config,
                "driver '" + unknown.text(0, 0) + "' of pool " + unknown.text(0, 1) +
                    " is no number column of the receivers; they have " + join(known, ", "));
  }
  const Rows used = engine_.query(std::string("SELECT DISTINCT tm_driver_no FROM ") + kPoolTable +
                                  " WHERE tm_driver_no IS NOT NULL ORDER BY 1");
  used_drivers_.clear();
  for (std::size_t row = 0; row < used.cells.size(); ++row)
    used_drivers_.push_back(static_cast<std::size_t>(used.integer(row, 0)) - 1);
}

/// The units of a driver column in one receiver; null where the receiver has none.
std::string Allocation::driver_units(std::size_t driver) const {
  const Column& column = plan_.drivers[driver];
  return units_sql(engine_, column.type, column_of("r", column.name));
}

/// Where a pool p meets a receiver r.
std::string Allocation::condition_of(const Grain& grain) const {
  std::vector<std::string> conditions;
  for (const auto& [pool_column, receiver_column] : grain.columns)
    conditions.push_back(column_of("p", pool_column) + " = " + column_of("r", receiver_column));
  return conditions.empty() ? "true" : join(conditions, " AND ");
}

/// Behind WHERE: a pool p is of this grain.
std::string Allocation::only_grain(const Grain& grain) const {
  return plan_.grain_column.empty()
             ? "true"
             : column_of("p", plan_.grain_column) + " = " + quote_literal(grain.value);
}

}  // namespace tallymill::books
