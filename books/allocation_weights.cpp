#include "books/allocation.h"
#include "books/allocation_tables.h"
#include "books/exact_functions.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill::books {
namespace {

/// Receiver columns a grain matches by, behind an alias; one group for all where there are none.
std::string group_columns(const Grain& grain, const char* alias) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < grain.columns.size(); ++i)
    parts.push_back(column_of(alias, grain.columns[i].second) + " AS tm_m" + std::to_string(i));
  return parts.empty() ? "0 AS tm_m0" : join(parts, ", ");
}

std::string group_condition(const Grain& grain) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < grain.columns.size(); ++i)
    parts.push_back(column_of("p", grain.columns[i].first) + " = g.tm_m" + std::to_string(i));
  return parts.empty() ? "true" : join(parts, " AND ");
}

/// One of the sums made for every driver, for the driver of pool p.
std::string of_driver(const std::vector<std::size_t>& drivers, const std::string& name) {
  std::string text = "CASE p.tm_driver_no";
  for (const std::size_t i : drivers) {
    const std::string number = std::to_string(i + 1);
    text += " WHEN " + number + " THEN g." + name + number;
  }
  return drivers.empty() ? "NULL" : text + " END";
}

}  // namespace

/// Adds up the receivers by what a grain matches. A driver is taken to have no value below zero
/// until one is met, which spares all others a look at each weight in every pass.
void Allocation::add_up_groups(const Grain& grain, const std::string& table) {
  std::string sums = "count(*) AS receivers";
  for (const std::size_t i : used_drivers_) {
    const std::string number = std::to_string(i + 1);
    const std::string units = driver_units(i);
    const bool has_negatives = negative_drivers_.count(i) > 0;
    sums += ", " +
            (has_negatives ? "count(*) FILTER (WHERE " + units + " < 0)"
                           : std::string("CAST(0 AS BIGINT)")) +
            " AS negative_" + number + ", count(*) - count(" + units + ") AS missing_" + number +
            ", min(" + units + ") AS lowest_" + number + ", CAST(coalesce(sum(" +
            (has_negatives ? "greatest(" + units + ", 0)" : units) +
            "), 0) AS DECIMAL(38,0)) AS total_" + number;
  }
  engine_.execute(create_table(table, "SELECT " + group_columns(grain, "r") + ", " + sums +
                                          " FROM " + plan_.receivers + " r GROUP BY ALL"));
}

/// Gives the sums of every pool of the grain: made once for all pools that share their receivers.
std::string Allocation::weights_of(const Grain& grain, std::size_t index) {
  const std::string table = kGroupTable + std::to_string(index);
  add_up_groups(grain, table);
  const std::size_t known = negative_drivers_.size();
  for (const std::size_t i : used_drivers_) {
    const std::string number = std::to_string(i + 1);
    const Rows found =
        engine_.query("SELECT count(*) FILTER (WHERE lowest_" + number +
                      " < 0), count(*) FILTER (WHERE missing_" + number + " > 0) FROM " + table);
    if (found.integer(0, 0) > 0) negative_drivers_.insert(i);
    if (found.integer(0, 1) > 0) missing_drivers_.insert(i);
  }
  if (negative_drivers_.size() > known) add_up_groups(grain, table);
  return "SELECT p.tm_no, g.receivers, " + of_driver(used_drivers_, "negative_") +
         " AS negatives, " + of_driver(used_drivers_, "missing_") + " AS missing, " +
         of_driver(used_drivers_, "total_") + " AS total FROM " + kPoolTable + " p JOIN " + table +
         " g ON " + group_condition(grain) + " WHERE " + only_grain(grain);
}

/// What pools without a driver total had in an earlier period, in receivers they still match.
std::string Allocation::previous_totals() const {
  std::vector<std::string> selects;
  for (const Grain& grain : plan_.grains)
    selects.push_back("SELECT p.tm_no, abs(" +
                      units_sql(engine_, plan_.amount.type, "v.\"amount\"") + ") AS w FROM (" +
                      "SELECT p.* FROM " + kPoolTable + " p JOIN " + kWeightTable +
                      " w USING (tm_no) WHERE w.total = 0) p JOIN " + plan_.previous + " v ON " +
                      agree("p", "v", pool_key_columns()) + " JOIN " + plan_.receivers + " r ON " +
                      agree("r", "v", plan_.receiver_key) + " AND " + condition_of(grain) +
                      " WHERE " + only_grain(grain));
  return "SELECT tm_no, CAST(sum(w) AS DECIMAL(38,0)) AS previous FROM (" +
         join(selects, " UNION ALL ") + ") GROUP BY tm_no";
}

/// Adds up the drivers of every pool and decides what becomes of it.
void Allocation::weigh() {
  std::vector<std::string> weights;
  for (std::size_t i = 0; i < plan_.grains.size(); ++i)
    weights.push_back(weights_of(plan_.grains[i], i));
  engine_.execute(create_table(kWeightTable, join(weights, " UNION ALL ")));

  std::string unmatched = "false";
  if (!plan_.grain_column.empty()) {
    std::vector<std::string> values;
    for (const Grain& grain : plan_.grains) values.push_back(quote_literal(grain.value));
    unmatched = "(" + quote_identifier(plan_.grain_column) + " IN (" + join(values, ", ") +
                ")) IS NOT true";
  }
  const bool by_previous = plan_.zero_driver == ZeroDriver::previous;
  std::string reason = "CASE WHEN " + unmatched +
                       " THEN 'unmatched_grain' WHEN tm_driver IS NULL THEN 'no_driver' WHEN "
                       "tm_receivers = 0 THEN 'no_receivers'";
  if (plan_.missing_driver != MissingDriver::zero)
    reason += " WHEN tm_missing > 0 THEN 'missing_driver'";
  if (plan_.negative_driver != NegativeDriver::zero)
    reason += " WHEN tm_negatives > 0 THEN 'negative_driver'";
  if (by_previous)
    reason += " WHEN tm_sum = 0 AND tm_earlier = 0 THEN 'no_previous_parts'";
  else if (plan_.zero_driver != ZeroDriver::even)
    reason += " WHEN tm_sum = 0 THEN 'zero_driver'";
  const std::string zero = by_previous ? std::to_string(kPrevious) : std::to_string(kEven);
  const std::string none = "CAST(0 AS DECIMAL(38,0))";
  engine_.execute(create_table(
      kWeighedTable,
      "SELECT *, CASE WHEN tm_sum > 0 THEN tm_sum WHEN tm_weigh = " + std::to_string(kEven) +
          " THEN CAST(tm_receivers AS DECIMAL(38,0)) ELSE tm_earlier END AS tm_total FROM (SELECT "
          "*, " +
          reason + " END AS tm_reason, CASE WHEN tm_sum > 0 THEN tm_driver_no ELSE " + zero +
          " END AS tm_weigh FROM (SELECT p.*, coalesce(w.receivers, 0) AS tm_receivers, "
          "coalesce(w.negatives, 0) AS tm_negatives, coalesce(w.missing, 0) AS tm_missing, "
          "coalesce(w.total, " +
          none + ") AS tm_sum, " + (by_previous ? "coalesce(v.previous, " + none + ")" : none) +
          " AS tm_earlier FROM " + kPoolTable + " p LEFT JOIN " + kWeightTable +
          " w USING (tm_no)" +
          (by_previous ? " LEFT JOIN (" + previous_totals() + ") v USING (tm_no)" : "") + "))"));
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
  if (plan_.missing_driver == MissingDriver::fail)
    refuse("'missing_driver'", "with receivers that have no driver value",
           "missing_driver is fail: count it as zero, park the pool, or mend the driver");
  if (plan_.negative_driver == NegativeDriver::fail)
    refuse("'negative_driver'", "with a negative driver value",
           "negative_driver is fail: count it as zero, park the pool, or mend the driver");
  if (plan_.zero_driver == ZeroDriver::fail)
    refuse("'zero_driver', 'no_driver'", "with a driver total of zero, or no driver",
           "zero_driver is fail: split evenly, park them, or mend the driver");
}

/// A receiver matches no pool if its group has none, in every grain.
Examples Allocation::receivers_without_pools() const {
  std::vector<std::string> conditions;
  for (std::size_t i = 0; i < plan_.grains.size(); ++i) {
    const Grain& grain = plan_.grains[i];
    const std::string lonely =
        "NOT EXISTS (SELECT 1 FROM " + kPoolTable + " p WHERE " + only_grain(grain) + " AND ";
    const Rows groups = engine_.query("SELECT count(*) FROM " + (kGroupTable + std::to_string(i)) +
                                      " g WHERE " + lonely + group_condition(grain) + ")");
    if (groups.integer(0, 0) == 0) return {};
    conditions.push_back(lonely + condition_of(grain) + ")");
  }
  return find_examples(engine_, plan_.receivers + " r", plan_.receiver_key,
                       join(conditions, " AND "));
}

}  // namespace tallymill::books
