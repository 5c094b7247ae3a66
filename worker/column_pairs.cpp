#include "worker/column_pairs.h"

#include <algorithm>

#include "core/text.h"

namespace tallymill {
namespace {

/// Pairs grow with the square of the columns; those with the fewest values, or the most, are looked
/// at first.
constexpr std::size_t kMostColumns = 16;
/// No two rows among so many tell that a pair is no key, whichever they are.
constexpr const char* kFewRows = "50000";

bool is_unique(const ColumnFacts& column, std::int64_t rows) {
  return column.nulls == 0 && column.distinct == rows;
}

bool has_duplicates(Engine& engine, const std::string& columns, const std::string& relation) {
  return engine
             .query("select count(*) from (select 1 from " + relation + " group by " + columns +
                    " having count(*) > 1 limit 1)")
             .integer(0, 0) > 0;
}

std::string both(const ColumnFacts& a, const ColumnFacts& b) {
  return quote_identifier(a.name) + ", " + quote_identifier(b.name);
}

/// The most rows that can stay if each value of `a` goes with one value of `b`.
std::int64_t rows_holding(Engine& engine, const ColumnFacts& a, const ColumnFacts& b,
                          const std::string& relation) {
  return engine
      .query("select coalesce(sum(most), 0)::bigint from (select max(n) as most from (select " +
             both(a, b) + ", count(*) as n from " + relation + " where " +
             quote_identifier(a.name) + " is not null group by all) group by " +
             quote_identifier(a.name) + ")")
      .integer(0, 0);
}

}  // namespace

json::array find_keys(Engine& engine, const ProfileSubject& subject,
                      const std::vector<ColumnFacts>& facts) {
  json::array keys;
  std::vector<ColumnFacts> candidates;
  if (subject.rows < 2) return keys;
  for (const ColumnFacts& column : facts) {
    if (is_unique(column, subject.rows))
      keys.push_back(json::array{json::value(column.name)});
    else if (column.nulls == 0 && column.distinct > 1)
      candidates.push_back(column);
  }
  if (!keys.empty()) return keys;
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.distinct > b.distinct; });
  if (candidates.size() > kMostColumns) candidates.resize(kMostColumns);
  const std::string few = "(select * from " + subject.relation + " limit " + kFewRows + ")";
  for (std::size_t i = 0; i < candidates.size(); ++i)
    for (std::size_t j = i + 1; j < candidates.size(); ++j) {
      const ColumnFacts& a = candidates[i];
      const ColumnFacts& b = candidates[j];
      if (Int128{a.distinct} * b.distinct < subject.rows) continue;
      const std::string columns = both(a, b);
      if (has_duplicates(engine, columns, few) || has_duplicates(engine, columns, subject.relation))
        continue;
      keys.push_back(json::array{json::value(a.name), json::value(b.name)});
    }
  return keys;
}

json::array find_dependencies(Engine& engine, const ProfileSubject& subject,
                              const std::vector<ColumnFacts>& facts) {
  std::vector<ColumnFacts> candidates;
  for (const ColumnFacts& column : facts)
    if (column.distinct > 1 && column.distinct * 2 <= subject.rows) candidates.push_back(column);
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto& a, const auto& b) { return a.distinct < b.distinct; });
  if (candidates.size() > kMostColumns) candidates.resize(kMostColumns);
  json::array found;
  for (const ColumnFacts& a : candidates)
    for (const ColumnFacts& b : candidates) {
      // Fewer values cannot decide more, but for a few rows.
      if (a.name == b.name || b.distinct > a.distinct + subject.rows / 50) continue;
      const std::int64_t rows = subject.rows - a.nulls;
      const std::int64_t holds = rows_holding(engine, a, b, subject.relation);
      const std::int64_t exceptions = rows - holds;
      if (Int128{holds} * 100 < Int128{rows} * 98) continue;
      if (exceptions * 10 > std::max<std::int64_t>(rows - b.most_frequent, 0)) continue;
      found.push_back(json::object{
          {"determinant", a.name}, {"dependent", b.name}, {"rows", rows}, {"holds", holds}});
    }
  return found;
}

}  // namespace tallymill
