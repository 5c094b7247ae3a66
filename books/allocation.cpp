#include "books/allocation.h"

#include "books/allocation_tables.h"
#include "books/exact_functions.h"
#include "books/examples.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill::books {
namespace {

std::string create(const std::string& table, const std::string& select) {
  return "CREATE OR REPLACE TEMP TABLE " + table + " AS " + select;
}

/// The receiver key inside the engine's tables: tm_r1, tm_r2, ...
std::string inner_key(const std::vector<Column>& key, const std::string& qualifier = {}) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < key.size(); ++i)
    parts.push_back(qualifier + "tm_r" + std::to_string(i + 1));
  return join(parts, ", ");
}

std::string receiver_key_as_inner(const std::vector<Column>& key) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < key.size(); ++i)
    parts.push_back("r." + quote_identifier(key[i].name) + " AS tm_r" + std::to_string(i + 1));
  return join(parts, ", ");
}

std::string inner_key_as_receiver(const std::vector<Column>& key) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < key.size(); ++i)
    parts.push_back("t.tm_r" + std::to_string(i + 1) + " AS " + quote_identifier(key[i].name));
  return join(parts, ", ");
}

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

}  // namespace

Allocation::Allocation(Engine& engine, AllocationPlan plan)
    : engine_(engine), plan_(std::move(plan)) {}

void Allocation::prepare() {
  require_sound_keys();
  make_pools();
  require_drivers();
  weigh();
  enforce_policies();
  find_leftovers();
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
  if (!plan_.pool_key_is_unique) require_unique_key(engine_, plan_.pools, key, "the pool's key");
  if (!plan_.receiver_key_is_unique)
    require_unique_key(engine_, plan_.receivers, plan_.receiver_key, "the receivers' key");
  const Examples unpriced =
      find_examples(engine_, plan_.pools, key, quote_identifier(plan_.amount.name) + " IS NULL");
  if (unpriced.count > 0)
    throw Error(ErrorClass::data,
                "pools without a value of " + plan_.amount.name + ": " + unpriced.summary());
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

  engine_.execute(create(
      kPoolTable,
      "SELECT *, abs(tm_signed) AS tm_units, CASE WHEN tm_signed < 0 THEN -1 ELSE 1 END AS "
      "tm_sign, list_position([" +
          quoted_literals(drivers) + "], tm_driver) AS tm_driver_no FROM (SELECT " +
          join(columns, ", ") + ", row_number() OVER (ORDER BY " + column_list(plan_.pool_key) +
          ") AS tm_no, " + units + " AS tm_signed, " + plan_.driver + " AS tm_driver, " +
          plan_.driver_error + " AS tm_error FROM " + plan_.pools + ")"));
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

/// The units of the pool's driver column in one receiver; null where the receiver has none.
std::string Allocation::driver_value() const {
  if (used_drivers_.empty()) return "CAST(NULL AS BIGINT)";
  std::string value = "CASE p.tm_driver_no";
  for (const std::size_t i : used_drivers_) {
    const Column& driver = plan_.drivers[i];
    std::string units = units_sql(engine_, driver.type, "r." + quote_identifier(driver.name));
    if (used_drivers_.size() == 1) return units;
    value += " WHEN " + std::to_string(i + 1) + " THEN " + units;
  }
  return value + " END";
}

/// One row for each pool and each receiver it matches.
std::string Allocation::pairs(const std::string& pools, const std::string& columns) const {
  std::vector<std::string> selects;
  for (const Grain& grain : plan_.grains) {
    std::vector<std::string> conditions;
    for (const auto& [pool_column, receiver_column] : grain.columns)
      conditions.push_back("p." + quote_identifier(pool_column) + " = r." +
                           quote_identifier(receiver_column));
    std::string select = "SELECT ";
    select += columns + " FROM " + pools + " p JOIN " + plan_.receivers + " r ON ";
    select += conditions.empty() ? "true" : join(conditions, " AND ");
    if (!plan_.grain_column.empty())
      select +=
          " WHERE p." + quote_identifier(plan_.grain_column) + " = " + quote_literal(grain.value);
    selects.push_back(select);
  }
  return "(" + join(selects, " UNION ALL ") + ")";
}

/// Adds up the drivers of every pool and decides what becomes of it.
void Allocation::weigh() {
  const std::string weights =
      "SELECT tm_no, count(*) AS receivers, count(*) FILTER (WHERE w < 0) AS negatives, count(*) "
      "- count(w) AS missing, CAST(sum(greatest(coalesce(w, 0), 0)) AS DECIMAL(38,0)) AS total "
      "FROM " +
      pairs(kPoolTable, "p.tm_no, " + driver_value() + " AS w") + " GROUP BY tm_no";
  std::string unmatched = "false";
  if (!plan_.grain_column.empty()) {
    std::vector<std::string> values;
    for (const Grain& grain : plan_.grains) values.push_back(grain.value);
    unmatched = "(" + quote_identifier(plan_.grain_column) + " IN (" + quoted_literals(values) +
                ")) IS NOT true";
  }
  const bool negatives_count = plan_.negative_driver != NegativeDriver::zero;
  const bool zero_is_even = plan_.zero_driver == ZeroDriver::even;
  engine_.execute(create(
      kWeighedTable,
      std::string("SELECT * EXCLUDE (tm_sum), CASE WHEN tm_even THEN CAST(tm_receivers AS "
                  "DECIMAL(38,0)) ELSE tm_sum END AS tm_total FROM (SELECT *, CASE WHEN ") +
          unmatched +
          " THEN 'unmatched_grain' WHEN tm_driver IS NULL THEN 'no_driver' WHEN tm_receivers = 0 "
          "THEN 'no_receivers'" +
          (negatives_count ? " WHEN tm_negatives > 0 THEN 'negative_driver'" : "") +
          (zero_is_even ? "" : " WHEN tm_sum = 0 THEN 'zero_driver'") +
          " END AS tm_reason, tm_sum = 0 AND tm_receivers > 0 AS tm_even FROM (SELECT p.*, "
          "coalesce(receivers, 0) AS tm_receivers, coalesce(negatives, 0) AS tm_negatives, "
          "coalesce(missing, 0) AS tm_missing, coalesce(total, CAST(0 AS DECIMAL(38,0))) AS tm_sum "
          "FROM " +
          kPoolTable + " p LEFT JOIN (" + weights + ") USING (tm_no)))"));
}

void Allocation::refuse(const std::string& reasons, const std::string& problem,
                        const std::string& advice) const {
  const Examples found =
      find_examples(engine_, kWeighedTable, pool_key_columns(), "tm_reason IN (" + reasons + ")");
  if (found.count > 0)
    throw Error(ErrorClass::data, "pools " + problem + ": " + found.summary() + "; " + advice);
}

void Allocation::enforce_policies() const {
  if (plan_.no_receivers == NoReceivers::fail)
    refuse("'no_receivers', 'unmatched_grain'", "that match no receiver",
           "no_receivers is fail: park them, or mend the match");
  if (plan_.negative_driver == NegativeDriver::fail)
    refuse("'negative_driver'", "with a negative driver value",
           "negative_driver is fail: count it as zero, park the pool, or mend the driver");
  if (plan_.zero_driver == ZeroDriver::fail)
    refuse("'zero_driver', 'no_driver'", "with a driver total of zero, or no driver",
           "zero_driver is fail: split evenly, park them, or mend the driver");
}

/// The weight of a receiver in a pool that is allocated.
std::string Allocation::share() const {
  const std::string weight =
      "CASE WHEN p.tm_even THEN 1 ELSE greatest(coalesce(" + driver_value() + ", 0), 0) END";
  return share_sql(engine_, "p.tm_units", weight, "p.tm_total");
}

/// After every receiver has its quota, a pool has fewer units left than receivers. They go to the
/// largest remainders: all of the buckets above a cut, and the best of the bucket at the cut.
/// Only that bucket is ever sorted.
void Allocation::find_leftovers() {
  const std::string allocated =
      std::string("(SELECT * FROM ") + kWeighedTable + " WHERE tm_reason IS NULL)";
  const std::string buckets =
      "SELECT tm_no, s.bucket AS bucket, count(*) AS receivers, sum(s.quota) AS quotas FROM " +
      pairs(allocated, "p.tm_no, " + share() + " AS s") + " GROUP BY ALL";
  const std::string running =
      "SELECT tm_no, bucket, receivers, tm_units - sum(quotas) OVER pool AS leftover, "
      "coalesce(sum(receivers) OVER (pool ORDER BY bucket DESC ROWS BETWEEN UNBOUNDED PRECEDING "
      "AND 1 PRECEDING), 0) AS above FROM (" +
      buckets + ") JOIN " + kWeighedTable + " USING (tm_no) WINDOW pool AS (PARTITION BY tm_no)";
  engine_.execute(
      create(kReadyTable,
             "SELECT p.*, coalesce(CAST(bucket AS INTEGER), " + std::to_string(kRemainderBuckets) +
                 ") AS tm_cut, coalesce(CAST(leftover - above AS BIGINT), 0) AS tm_wanted FROM " +
                 allocated + " p LEFT JOIN (SELECT * FROM (" + running +
                 ") WHERE above < leftover AND leftover <= above + receivers) USING (tm_no)"));
  const std::string columns = "p.tm_no, p.tm_cut, p.tm_wanted, " +
                              receiver_key_as_inner(plan_.receiver_key) + ", " + share() + " AS s";
  engine_.execute(create(
      kWinnerTable,
      "SELECT tm_no, " + inner_key(plan_.receiver_key) + " FROM " +
          pairs(std::string("(SELECT * FROM ") + kReadyTable + " WHERE tm_wanted > 0)", columns) +
          " WHERE s.bucket = tm_cut QUALIFY row_number() OVER (PARTITION BY tm_no ORDER "
          "BY s.remainder DESC, " +
          inner_key(plan_.receiver_key) + ") <= tm_wanted"));
}

std::string Allocation::parts() const {
  const std::string columns = column_list(plan_.carry, "p.") + ", p.tm_no, p.tm_sign, p.tm_cut, " +
                              receiver_key_as_inner(plan_.receiver_key) + ", " + share() + " AS s";
  const std::string units =
      "CAST(t.tm_sign * (t.s.quota + CAST(t.s.bucket > t.tm_cut AS BIGINT) + CAST(w.tm_no IS NOT "
      "NULL AS BIGINT)) AS BIGINT)";
  std::vector<std::string> same_receiver{"w.tm_no = t.tm_no"};
  for (std::size_t i = 1; i <= plan_.receiver_key.size(); ++i)
    same_receiver.push_back("w.tm_r" + std::to_string(i) + " = t.tm_r" + std::to_string(i));
  return "SELECT " + column_list(plan_.carry, "t.") + ", " +
         inner_key_as_receiver(plan_.receiver_key) + ", " +
         amount_sql(engine_, plan_.amount.type, units) + " AS amount FROM " +
         pairs(kReadyTable, columns) + " t LEFT JOIN " + kWinnerTable + " w ON " +
         join(same_receiver, " AND ");
}

}  // namespace tallymill::books
