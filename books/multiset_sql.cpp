#include "books/multiset_sql.h"

#include "core/text.h"

namespace tallymill::books {
namespace {

std::vector<std::string> joined_names(std::vector<std::string> names,
                                      const std::vector<std::string>& more) {
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

/// "l.a AS x, l.b AS y"
std::string renamed(const std::string& of, const std::vector<std::string>& names,
                    const std::vector<std::string>& as) {
  std::vector<std::string> columns;
  for (std::size_t i = 0; i < names.size(); ++i) columns.push_back(of + names[i] + " AS " + as[i]);
  return join(columns, ", ");
}

std::string all_known(const std::vector<std::string>& keys, const std::string& of) {
  std::vector<std::string> known;
  for (const std::string& key : keys) known.push_back(of + key + " IS NOT NULL");
  return "(" + join(known, " AND ") + ")";
}

/// One row for equal rows of a side, with their number, and of how many rows each is the sum. Sums
/// are one a key, so there is no other number among equal ones.
std::string groups(const MultisetSql& sides, const std::string& rows, bool is_added_up) {
  const std::string names = join(joined_names(sides.keys, sides.values), ", ");
  return "(SELECT true AS tm_here, " + names + ", count(*) AS tm_count, " +
         (is_added_up ? "max(tm_rows)" : "1") + " AS tm_of FROM (" + rows + ") GROUP BY " + names +
         ")";
}

/// The equal rows of both sides beside each other.
std::string equal_groups(const MultisetSql& sides) {
  const std::vector<std::string> all = joined_names(sides.keys, sides.values);
  const std::string partition = " OVER (PARTITION BY " + join(sides.keys, ", ") + ") > 0";
  const std::string knows =
      sides.missing_meets ? std::string() : " AND " + all_known(sides.keys, "");
  const std::string condition =
      meets_sql(all, true) +
      (sides.missing_meets ? std::string() : " AND " + all_known(sides.keys, "l."));
  return "SELECT *, sum(tm_l)" + partition + knows + " AS tm_in_left, sum(tm_r)" + partition +
         knows + " AS tm_in_right FROM (SELECT " + either_sql(all) +
         ", coalesce(l.tm_count, 0) AS tm_l, coalesce(r.tm_count, 0) AS tm_r, coalesce(l.tm_of, 0) "
         "AS tm_l_of, coalesce(r.tm_of, 0) AS tm_r_of FROM " +
         groups(sides, sides.left, sides.left_is_added_up) + " l FULL JOIN " +
         groups(sides, sides.right, sides.right_is_added_up) + " r ON " + condition + ")";
}

/// The rows of one side that found no equal one, numbered within their key.
std::string surplus(const MultisetSql& sides, const std::string& more, const std::string& fewer,
                    const std::string& other) {
  return "SELECT true AS tm_here, " + join(joined_names(sides.keys, sides.values), ", ") + ", " +
         more + "_of AS tm_of, " + other + " AS tm_other, row_number() OVER (PARTITION BY " +
         join(sides.keys, ", ") + " ORDER BY " + join(sides.values, " NULLS LAST, ") +
         " NULLS LAST) AS tm_number FROM tm_groups, unnest(range(" + more + " - " + fewer +
         ")) WHERE " + more + " > " + fewer;
}

/// Both sides' surplus beside each other, and what agreed.
std::string pairs(const MultisetSql& sides) {
  const std::string keys = join(sides.keys, ", ");
  const std::string names = join(joined_names(sides.left_names, sides.right_names), ", ");
  return "SELECT " + keys + ", " + names +
         ", tm_class, tm_is_left, tm_left_of, tm_right_of, count(*) AS tm_count FROM (SELECT " +
         either_sql(sides.keys) + ", " + renamed("l.", sides.values, sides.left_names) + ", " +
         renamed("r.", sides.values, sides.right_names) + ", CAST(" + sides.class_sql +
         " AS BIGINT) AS tm_class, l.tm_here IS NOT NULL AS tm_is_left, coalesce(l.tm_of, 0) AS "
         "tm_left_of, coalesce(r.tm_of, 0) AS tm_right_of FROM tm_surplus_left l FULL JOIN "
         "tm_surplus_right r ON " +
         meets_sql(sides.keys, sides.missing_meets) +
         " AND l.tm_number = r.tm_number) GROUP BY ALL UNION ALL SELECT " + keys + ", " +
         renamed("", sides.values, sides.left_names) + ", " +
         renamed("", sides.values, sides.right_names) +
         ", CAST(0 AS BIGINT), true, tm_l_of, tm_r_of, least(tm_l, tm_r) FROM tm_groups WHERE tm_l "
         "> 0 AND "
         "tm_r > 0";
}

}  // namespace

std::string meets_sql(const std::vector<std::string>& names, bool missing_meets) {
  std::vector<std::string> conditions;
  for (const std::string& name : names)
    conditions.push_back("l." + name + (missing_meets ? " IS NOT DISTINCT FROM r." : " = r.") +
                         name);
  return join(conditions, " AND ");
}

std::string either_sql(const std::vector<std::string>& names) {
  std::vector<std::string> columns;
  for (const std::string& name : names)
    columns.push_back("CASE WHEN l.tm_here IS NULL THEN r." + name + " ELSE l." + name +
                      " END AS " + name);
  return join(columns, ", ");
}

std::string multiset_sql(const MultisetSql& sides) {
  const std::string keys = join(sides.keys, ", ");
  const auto times = [&](const std::string& name) {
    return "CAST(" + name + " * tm_count AS " + sides.wide + ") AS " + name;
  };
  const auto rows = [](const std::string& of) {
    return "CAST(" + of + " * tm_count AS BIGINT) AS ";
  };
  std::string others;
  for (std::size_t i = 1; i < sides.values.size(); ++i)
    others += sides.left_names[i] + ", " + sides.right_names[i] + ", ";
  return "WITH tm_groups AS MATERIALIZED (" + equal_groups(sides) + "), tm_surplus_left AS (" +
         surplus(sides, "tm_l", "tm_r", "tm_in_right") + "), tm_surplus_right AS (" +
         surplus(sides, "tm_r", "tm_l", "tm_in_left") + "), tm_pairs AS (" + pairs(sides) +
         ") SELECT " + keys + ", " + times(sides.left_names[0]) + ", " +
         times(sides.right_names[0]) + ", " + rows("tm_left_of") + "tm_left_rows, " +
         rows("tm_right_of") + "tm_right_rows, " + others + "row_number() OVER (PARTITION BY " +
         keys + ", tm_class > " + std::to_string(sides.last_agreement) + " ORDER BY tm_class, " +
         join(joined_names(sides.left_names, sides.right_names), " NULLS LAST, ") +
         " NULLS LAST, tm_is_left) AS tm_ordinal, tm_class FROM tm_pairs";
}

}  // namespace tallymill::books
