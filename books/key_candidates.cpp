#include "books/key_candidates.h"

#include "books/examples.h"
#include "core/text.h"

namespace tallymill::books {
namespace {

/// A table of breaks that some parties do not know, numbered by their keys, and over it a select of
/// tm_id, tm_failed, tm_distance and the candidate's tm_name.
std::string candidates(Engine& engine, const std::string& table, AloneRows rows,
                       const std::vector<Column>& key) {
  std::string parts;
  for (const Column& column : key)
    parts += ", CAST(" + quote_identifier(column.name) + " AS VARCHAR)";
  engine.read("SELECT tm_parties, tm_amount" + parts + " FROM " + table + " ORDER BY tm_row",
              rows.columns(), [&](std::span<const ColumnView> columns, std::size_t count) {
                rows.take(columns, count);
              });
  const std::string source = "tm_candidates_" + std::to_string(engine.next_name());
  rows.make_candidates(engine, source);
  return "(SELECT o.break_id AS tm_id, p.tm_failed, p.tm_distance, c.tm_name FROM " + source +
         "() p JOIN " + table + " o ON p.tm_row = o.tm_row JOIN (SELECT tm_row, " +
         row_name_sql(key) + " || tm_of AS tm_name FROM " + table +
         ") c ON p.tm_candidate = c.tm_row)";
}

/// The numbered breaks of `condition`. `parties` and `of` (what a candidate's name ends with) are
/// SQL over a break.
std::string alone_table(Engine& engine, const std::vector<Column>& key, int scale,
                        const std::string& breaks, const std::string& condition,
                        const std::string& parties, const std::string& amount,
                        const std::string& of) {
  std::string table = "tm_alone_" + std::to_string(engine.next_name());
  engine.execute("CREATE TEMP TABLE " + table + " AS SELECT break_id, " + column_list(key) +
                 ", CAST(" + parties + " AS BIGINT) AS tm_parties, " + of + " AS tm_of, CAST(" +
                 amount + " AS DECIMAL(38," + std::to_string(scale) +
                 ")) AS tm_amount, row_number() OVER (ORDER BY " + column_list(key) +
                 ", break_id) AS tm_row FROM (" + breaks + ") WHERE " + condition);
  return table;
}

/// Whether some of these breaks can be candidates of others.
bool are_candidates(Engine& engine, const std::string& breaks, const std::string& condition,
                    const std::string& parties) {
  const Rows counts = engine.query("SELECT count(*), count(DISTINCT " + parties + ") FROM (" +
                                   breaks + ") WHERE " + condition);
  return counts.integer(0, 1) > 1 && counts.integer(0, 0) <= kMostCandidates;
}

}  // namespace

std::string with_candidates(Engine& engine, const MatchPlan& plan, const std::string& breaks) {
  if (plan.key.empty()) return "SELECT *, NULL::VARCHAR AS nearest_candidate FROM (" + breaks + ")";
  std::string duplicates =
      "SELECT * REPLACE (CASE WHEN class = 'duplicate' THEN 'taken' ELSE failed_predicate END AS "
      "failed_predicate, CASE WHEN class = 'duplicate' THEN 'matched with others' ELSE distance "
      "END AS distance), CASE WHEN class = 'duplicate' THEN " +
      row_name_sql(plan.key) + " END AS nearest_candidate FROM (" + breaks + ")";
  const std::string one_sided = "class IN ('left_only', 'right_only')";
  const std::string parties = "CASE WHEN class = 'left_only' THEN 1 ELSE 2 END";
  if (!are_candidates(engine, breaks, one_sided, parties)) return duplicates;
  const std::string table = alone_table(engine, plan.key, plan.amount.scale, breaks, one_sided,
                                        parties, "coalesce(left_amount, right_amount)", "''");
  return "SELECT b.* EXCLUDE (tm_id, tm_failed, tm_distance, tm_name) REPLACE (coalesce(tm_failed, "
         "failed_predicate) AS failed_predicate, coalesce(tm_distance, distance) AS distance, "
         "coalesce(tm_name, nearest_candidate) AS nearest_candidate) FROM (SELECT * FROM (" +
         duplicates + ") d LEFT JOIN " +
         candidates(engine, table, AloneRows(plan.key, plan.tolerance, plan.amount.scale),
                    plan.key) +
         " n ON d.break_id = n.tm_id) b";
}

std::string with_candidates(Engine& engine, const SystemPlan& plan, const std::string& breaks) {
  const std::string missing = "class = 'missing'";
  if (!are_candidates(engine, breaks, missing, "tm_parties"))
    return "SELECT * EXCLUDE (tm_parties), NULL::VARCHAR AS nearest_candidate, NULL::VARCHAR AS "
           "candidate_failed, NULL::VARCHAR AS candidate_distance FROM (" +
           breaks + ")";
  std::vector<std::string> names;
  std::vector<std::string> amounts{"NULL"};
  for (std::size_t i = 0; i < plan.systems.size(); ++i) {
    const std::string& name = plan.systems[i].name;
    names.push_back("CASE WHEN (tm_parties >> " + std::to_string(i) + ") % 2 = 1 THEN " +
                    quote_literal(name) + " END");
    amounts.push_back(quote_identifier(name + "_amount"));
  }
  const std::string table = alone_table(engine, plan.key, plan.amount.scale, breaks, missing,
                                        "tm_parties", "coalesce(" + join(amounts, ", ") + ")",
                                        "' of ' || concat_ws(', ', " + join(names, ", ") + ")");
  return "SELECT b.* EXCLUDE (tm_parties, tm_id, tm_failed, tm_distance, tm_name), tm_name AS "
         "nearest_candidate, tm_failed AS candidate_failed, tm_distance AS candidate_distance FROM "
         "(SELECT * FROM (" +
         breaks + ") d LEFT JOIN " +
         candidates(engine, table, AloneRows(plan.key, plan.tolerance, plan.amount.scale),
                    plan.key) +
         " n ON d.break_id = n.tm_id) b";
}

}  // namespace tallymill::books
