#include <algorithm>

#include "books/allocation.h"
#include "books/allocation_tables.h"
#include "books/exact_functions.h"
#include "books/placement_functions.h"
#include "core/text.h"

namespace tallymill::books {
namespace {

std::string allocated_pools() {
  return std::string("(SELECT * FROM ") + kWeighedTable + " WHERE tm_reason IS NULL)";
}

std::string key_columns(const std::vector<Column>& key, const std::string& prefix) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < key.size(); ++i) parts.push_back(prefix + std::to_string(i));
  return join(parts, ", ");
}

/// The receiver's key as tm_r0, tm_r1, ...
std::string receiver_as_inner(const std::vector<Column>& key) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < key.size(); ++i)
    parts.push_back(column_of("r", key[i].name) + " AS tm_r" + std::to_string(i));
  return join(parts, ", ");
}

}  // namespace

void Allocation::find_weighers() {
  const Rows used = engine_.query(std::string("SELECT DISTINCT tm_weigh FROM ") + kWeighedTable +
                                  " WHERE tm_reason IS NULL ORDER BY 1");
  weighers_.clear();
  has_previous_ = false;
  for (std::size_t row = 0; row < used.cells.size(); ++row) {
    const auto number = static_cast<int>(used.integer(row, 0));
    if (number == kPrevious)
      has_previous_ = true;
    else
      weighers_.push_back(number);
  }
}

/// What receiver r weighs by a driver, never null or negative; in an even split all weigh the same.
std::string Allocation::weigher(int number) const {
  if (number == kEven) return "CAST(1 AS BIGINT)";
  const std::size_t driver = static_cast<std::size_t>(number) - 1;
  std::string units = driver_units(driver);
  if (missing_drivers_.count(driver) > 0) units = "coalesce(" + units + ", 0)";
  return negative_drivers_.count(driver) > 0 ? "greatest(" + units + ", 0)" : units;
}

/// The text of what pool p is weighed by.
std::string Allocation::by_weigher(const std::function<std::string(int)>& text) const {
  if (weighers_.empty()) return "CAST(0 AS BIGINT)";
  if (weighers_.size() == 1) return text(weighers_.front());
  std::string chosen = "CASE p.tm_weigh";
  for (const int number : weighers_)
    chosen += " WHEN " + std::to_string(number) + " THEN " + text(number);
  return chosen + " END";
}

std::vector<Allocation::Branch> Allocation::branches(const std::string& pools) const {
  const bool is_ordered = plan_.method == Method::cumulative;
  std::vector<Branch> found;
  for (std::size_t i = 0; i < plan_.grains.size(); ++i) {
    const Grain& grain = plan_.grains[i];
    const std::string receivers = is_ordered ? kOrderedTable + std::to_string(i) : plan_.receivers;
    Branch branch{.from = " FROM " + pools + " p JOIN " + receivers + " r ON " +
                          condition_of(grain) + " WHERE " + only_grain(grain),
                  .weight = by_weigher([&](int number) { return weigher(number); }),
                  .reached = {},
                  .start = "p.tm_start"};
    if (is_ordered) {
      const auto column = [](const char* name) {
        return [name](int number) { return name + std::to_string(number); };
      };
      branch.weight = by_weigher(column("r.tm_w"));
      branch.reached = by_weigher(column("r.tm_g"));
    }
    if (has_previous_) branch.from += " AND p.tm_weigh >= " + std::to_string(kEven);
    found.push_back(branch);
    if (!has_previous_) continue;
    // Receivers that had no part weigh nothing, and have one of nothing now.
    Branch earlier{
        .from = " FROM " + pools + " p JOIN " + plan_.receivers + " r ON " + condition_of(grain) +
                " LEFT JOIN " + plan_.previous + " v ON " + agree("p", "v", pool_key_columns()) +
                " AND " + agree("r", "v", plan_.receiver_key) + " WHERE " + only_grain(grain) +
                " AND p.tm_weigh = " + std::to_string(kPrevious),
        .weight = "coalesce(abs(" + units_sql(engine_, plan_.amount.type, "v.\"amount\"") + "), 0)",
        .reached = {},
        .start = "CAST(0 AS DECIMAL(38,0))"};
    // Few pools go by earlier parts, so these receivers may be sorted pool by pool.
    if (!plan_.tree.relation.empty()) {
      const std::string tree = std::string(" JOIN ") + kPathTable + " t ON " +
                               column_of("t", plan_.tree.key.name) + " = " +
                               column_of("r", plan_.tree.receiver.name);
      earlier.from.insert(earlier.from.find(" WHERE "), tree);
    }
    earlier.reached = "CAST(sum(" + earlier.weight + ") OVER (PARTITION BY p.tm_no ORDER BY " +
                      receiver_order() + " ROWS UNBOUNDED PRECEDING) AS DECIMAL(38,0))";
    found.push_back(earlier);
  }
  return found;
}

/// Hierarchy first, then key.
std::string Allocation::receiver_order() const {
  std::vector<std::string> parts;
  if (!plan_.tree.relation.empty()) parts.emplace_back("t.tm_path");
  for (const Column& column : plan_.hierarchy) parts.push_back(column_of("r", column.name));
  for (const Column& column : plan_.receiver_key) parts.push_back(column_of("r", column.name));
  return join(parts, ", ");
}

void Allocation::order_receivers() {
  for (std::size_t i = 0; i < plan_.grains.size(); ++i) order_grain(i);
}

/// Sorts the receivers once for all pools of a grain, group by group, and adds their weights up
/// over all groups; a pool then counts from where its group starts. A window without PARTITION or
/// ORDER BY streams, in the order of its input; one for each group would sort four times as long.
void Allocation::order_grain(std::size_t index) {
  const Grain& grain = plan_.grains[index];
  std::vector<std::string> columns;
  std::vector<std::string> matched;
  const auto keep = [&](const std::string& name, std::vector<std::string>& into) {
    const std::string column = column_of("r", name);
    if (std::find(into.begin(), into.end(), column) == into.end()) into.push_back(column);
  };
  for (const Column& column : plan_.receiver_key) keep(column.name, columns);
  for (const auto& [pool_column, receiver_column] : grain.columns) {
    keep(receiver_column, columns);
    keep(receiver_column, matched);
  }
  std::string sums;
  for (const int number : weighers_) {
    const std::string name = std::to_string(number);
    columns.push_back(weigher(number) + " AS tm_w" + name);
    sums += ", CAST(sum(tm_w" + name +
            ") OVER (ROWS UNBOUNDED PRECEDING) AS DECIMAL(38,0)) AS tm_g" + name;
  }
  std::string from = plan_.receivers + " r";
  if (!plan_.tree.relation.empty())
    from += std::string(" JOIN ") + kPathTable + " t ON " + column_of("t", plan_.tree.key.name) +
            " = " + column_of("r", plan_.tree.receiver.name);
  std::string order = receiver_order();
  if (!matched.empty()) {
    const std::string names = join(matched, ", ");
    std::vector<std::string> same;
    for (const std::string& column : matched) same.push_back(column + " = n" + column.substr(1));
    from += " JOIN (SELECT *, row_number() OVER () AS tm_group FROM (SELECT DISTINCT " + names +
            " FROM " + plan_.receivers + " r)) n ON " + join(same, " AND ");
    order = "n.tm_group, " + order;
  }
  engine_.execute(create_table(kOrderedTable + std::to_string(index),
                               "SELECT *" + sums + " FROM (SELECT " + join(columns, ", ") +
                                   " FROM " + from + " ORDER BY " + order + ")"));
}

/// Pools that are allocated, with the numbers their parts are made by.
void Allocation::keep_ready(const std::string& columns, const std::string& joined) {
  engine_.execute(create_table(
      kReadyTable, "SELECT p.*, " + columns + " FROM " + allocated_pools() + " p" + joined));
}

/// Every pool that is allocated with each of its receivers, as a relation: tm_no, tm_units,
/// tm_total, and the receiver's weight w.
std::string Allocation::weighed_pairs() const {
  std::vector<std::string> selects;
  for (const Branch& branch : branches(allocated_pools()))
    selects.push_back("SELECT p.tm_no, p.tm_units, p.tm_total, " + branch.weight + " AS w" +
                      branch.from);
  return "(" + join(selects, " UNION ALL ") + ")";
}

void Allocation::find_cuts() {
  switch (plan_.method) {
    case Method::largest_remainder:
      return cut_remainders();
    case Method::cumulative:
      return find_starts();
    case Method::remainder_to_first: {
      keep_ready("coalesce(c.cut.units, 0) AS tm_wanted",
                 " LEFT JOIN (SELECT tm_no, " +
                     units_left_sql(engine_, "tm_units", "w", "tm_total") + " AS cut FROM " +
                     weighed_pairs() + " GROUP BY tm_no) c USING (tm_no)");
      return cut_in_key_order("tm_wanted", "w > 0", "");
    }
    case Method::webster:
    case Method::huntington_hill: {
      keep_ready(
          "c.cut.weight AS tm_last_weight, c.cut.units AS tm_last_units, coalesce(c.cut.wanted, 0) "
          "AS tm_wanted",
          " LEFT JOIN (SELECT tm_no, " + divisor_cut_sql(engine_, plan_.method, "tm_units", "w") +
              " AS cut FROM " + weighed_pairs() + " WHERE w > 0 GROUP BY tm_no) c USING (tm_no)");
      return cut_in_key_order(
          "tm_wanted", is_tied_sql(engine_, plan_.method, "w", "tm_last_weight", "tm_last_units"),
          "");
    }
  }
}

/// The bucket at the cut first; then, in that bucket alone, remainder and key of the last winner.
void Allocation::cut_remainders() {
  keep_ready("c.cut.bucket AS tm_bucket, coalesce(c.cut.wanted, 0) AS tm_wanted",
             " LEFT JOIN (SELECT tm_no, " +
                 remainder_cut_sql(engine_, "tm_units", "w", "tm_total") + " AS cut FROM " +
                 weighed_pairs() + " GROUP BY tm_no) c USING (tm_no)");
  cut_in_key_order("tm_wanted", "rest IS NOT NULL", "rest DESC, ");
}

/// Adds to the ready pools the key of the last receiver that still gets a unit, tm_l0, tm_l1, ...:
/// the `wanted`-th in key order of those that meet `condition`, or by `best_first` before; and its
/// remainder, tm_cut.
void Allocation::cut_in_key_order(const std::string& wanted, const std::string& condition,
                                  const std::string& best_first) {
  const bool by_remainder = !best_first.empty();
  const std::string pools =
      std::string("(SELECT * FROM ") + kReadyTable + " WHERE " + wanted + " > 0)";
  std::vector<std::string> selects;
  for (const Branch& branch : branches(pools)) {
    const std::string rest = by_remainder ? remainder_in_sql(engine_, "p.tm_bucket", "p.tm_units",
                                                             branch.weight, "p.tm_total")
                                          : "CAST(NULL AS DECIMAL(38,0))";
    selects.push_back("SELECT p.*, " + receiver_as_inner(plan_.receiver_key) + ", " +
                      branch.weight + " AS w, " + rest + " AS rest" + branch.from);
  }
  const std::string keys = key_columns(plan_.receiver_key, "tm_r");
  std::string last;
  for (std::size_t i = 0; i < plan_.receiver_key.size(); ++i)
    last += ", l.tm_r" + std::to_string(i) + " AS tm_l" + std::to_string(i);
  engine_.execute(create_table("tm_alloc_last",
                               "SELECT tm_no, rest, " + keys + " FROM (SELECT * FROM (" +
                                   join(selects, " UNION ALL ") + ") WHERE " + condition +
                                   ") QUALIFY row_number() OVER (PARTITION BY tm_no ORDER BY " +
                                   best_first + keys + ") = " + wanted));
  engine_.execute(create_table(kReadyTable, std::string("SELECT p.*, l.rest AS tm_cut") + last +
                                                " FROM " + kReadyTable +
                                                " p LEFT JOIN tm_alloc_last l USING (tm_no)"));
}

void Allocation::find_starts() {
  if (weighers_.empty()) return keep_ready("CAST(0 AS DECIMAL(38,0)) AS tm_start", "");
  std::vector<std::string> selects;
  for (std::size_t i = 0; i < plan_.grains.size(); ++i) {
    const Grain& grain = plan_.grains[i];
    std::string columns;
    std::string groups;
    for (const auto& [pool_column, receiver_column] : grain.columns) {
      columns += column_of("r", receiver_column) + ", ";
      groups += (groups.empty() ? " GROUP BY " : ", ") + column_of("r", receiver_column);
    }
    std::vector<std::string> starts;
    for (const int number : weighers_) {
      const std::string name = std::to_string(number);
      starts.push_back("CAST(min(r.tm_g" + name + " - r.tm_w" + name +
                       ") AS DECIMAL(38,0)) AS tm_s" + name);
    }
    selects.push_back("SELECT p.tm_no, " +
                      by_weigher([](int number) { return "r.tm_s" + std::to_string(number); }) +
                      " AS tm_start FROM " + allocated_pools() + " p JOIN (SELECT " + columns +
                      join(starts, ", ") + " FROM " + (kOrderedTable + std::to_string(i)) + " r" +
                      groups + ") r ON " + condition_of(grain) + " WHERE " + only_grain(grain));
  }
  keep_ready("coalesce(s.tm_start, CAST(0 AS DECIMAL(38,0))) AS tm_start",
             " LEFT JOIN (" + join(selects, " UNION ALL ") + ") s USING (tm_no)");
}

/// Whether receiver r is not behind the last one that gets a unit; null where none does.
std::string Allocation::within() const {
  std::vector<std::string> own;
  std::vector<std::string> last;
  for (std::size_t i = 0; i < plan_.receiver_key.size(); ++i) {
    own.push_back(column_of("r", plan_.receiver_key[i].name));
    last.push_back("p.tm_l" + std::to_string(i));
  }
  if (own.size() == 1) return own[0] + " <= " + last[0];
  return "(" + join(own, ", ") + ") <= (" + join(last, ", ") + ")";
}

std::string Allocation::part(const Branch& branch) const {
  const Type& type = plan_.amount.type;
  switch (plan_.method) {
    case Method::cumulative:
      return span_part_sql(engine_, type, "p.tm_units", branch.weight, branch.reached, branch.start,
                           "p.tm_total", "p.tm_sign");
    case Method::webster:
    case Method::huntington_hill:
      return divisor_part_sql(engine_, plan_.method, type, branch.weight, "p.tm_last_weight",
                              "p.tm_last_units", within(), "p.tm_sign");
    case Method::remainder_to_first:
      return quota_part_sql(engine_, type, "p.tm_units", branch.weight, "p.tm_total",
                            "CAST(NULL AS DECIMAL(38,0))",
                            "(" + branch.weight + " > 0 AND " + within() + ")", "p.tm_sign");
    case Method::largest_remainder:
      break;
  }
  // Without a last winner nothing was left over: `within` is null then, and so no one is first.
  return quota_part_sql(engine_, type, "p.tm_units", branch.weight, "p.tm_total", "p.tm_cut",
                        within(), "p.tm_sign");
}

std::string Allocation::parts() const {
  std::vector<std::string> selects;
  for (const Branch& branch : branches(kReadyTable))
    selects.push_back("SELECT " + column_list(plan_.carry, "p.") + ", " +
                      column_list(plan_.receiver_key, "r.") + ", " + part(branch) + " AS amount" +
                      branch.from);
  return join(selects, " UNION ALL ");
}

}  // namespace tallymill::books
