#include "worker/column_values.h"

#include <algorithm>

#include "core/text.h"
#include "rules/typed_value.h"

namespace tallymill {
namespace {

/// A statement of all questions takes 40 ms to plan, which sixty-four columns of few rows share.
constexpr std::size_t kMostColumns = 64;
constexpr std::int64_t kMostCells = 1 << 17;
/// Of texts: all of them may be in memory twice, and nothing of them is spilled.
constexpr std::int64_t kMostBytes = 8 << 20;

bool are_alike(const ProfileSubject& subject, const Column& a, const Column& b) {
  return (a.type == b.type || (is_text(a.type) && is_text(b.type))) &&
         subject.shows(a) == subject.shows(b);
}

/// How many bytes the texts of each of these columns have.
std::vector<std::int64_t> text_bytes(Engine& engine, const ProfileSubject& subject,
                                     const std::vector<std::size_t>& columns) {
  std::vector<std::int64_t> bytes(columns.size(), 0);
  if (!is_text(subject.schema.columns[columns.front()].type)) return bytes;
  for (std::size_t from = 0; from < columns.size(); from += kMostColumns) {
    const std::size_t end = std::min(from + kMostColumns, columns.size());
    std::vector<std::string> sums;
    for (std::size_t i = from; i < end; ++i)
      sums.push_back("sum(strlen(" + quote_identifier(subject.schema.columns[columns[i]].name) +
                     "))::bigint");
    const Rows rows = engine.query("select " + join(sums, ", ") + " from " + subject.relation);
    for (std::size_t i = from; i < end; ++i) bytes[i] = rows.integer(0, i - from);
  }
  return bytes;
}

}  // namespace

std::vector<std::vector<std::size_t>> columns_together(Engine& engine,
                                                       const ProfileSubject& subject) {
  const std::vector<Column>& columns = subject.schema.columns;
  std::vector<std::vector<std::size_t>> kinds;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const auto& others) {
      return are_alike(subject, columns[others.front()], columns[i]);
    });
    if (kind == kinds.end())
      kinds.push_back({i});
    else
      kind->push_back(i);
  }
  const std::size_t most = std::clamp<std::size_t>(
      static_cast<std::size_t>(kMostCells / std::max<std::int64_t>(subject.rows, 1)), 1,
      kMostColumns);
  std::vector<std::vector<std::size_t>> together;
  for (const std::vector<std::size_t>& kind : kinds) {
    if (most == 1) {
      for (const std::size_t column : kind) together.push_back({column});
      continue;
    }
    const std::vector<std::int64_t> bytes = text_bytes(engine, subject, kind);
    std::int64_t taken = 0;
    for (std::size_t i = 0; i < kind.size(); ++i) {
      if (i == 0 || together.back().size() == most || taken + bytes[i] > kMostBytes) {
        together.emplace_back();
        taken = 0;
      }
      together.back().push_back(kind[i]);
      taken += bytes[i];
    }
  }
  return together;
}

ColumnValues::ColumnValues(Engine& engine, const ProfileSubject& subject,
                           const std::vector<std::size_t>& columns)
    : columns_(columns.size()) {
  std::vector<std::string> names;
  for (const std::size_t column : columns)
    names.push_back(quote_identifier(subject.schema.columns[column].name));
  // One pass over all of them: a relation of many columns, or of many files, is slow to open.
  const std::string values =
      columns_ == 1
          ? "select 0::usmallint as c, " + names.front() + " as v, count(*) as n from " +
                subject.relation + " group by 2"
          : "select c, v, count(*) as n from (select unnest(range(" + std::to_string(columns_) +
                "))::usmallint as c, unnest([" + join(names, ", ") + "]) as v from " +
                subject.relation + ") group by c, v";
  engine.execute("create or replace temp table tm_values as " + values);
}

std::string ColumnValues::most_frequent(std::size_t most) const {
  return "(select c, t.v as v, -t.minus_n as n from (select c, unnest(min({minus_n: -n, v: v}, " +
         std::to_string(most) + ")) as t from " + relation() + " where v is not null group by c))";
}

std::string ColumnValues::sample(std::size_t most) const {
  return "(select c, v, 1 as n from " + most_frequent(most) +
         " union all select c, t.v as v, 1 as n from (select c, unnest(min({h: hash(v), v: v}, " +
         std::to_string(most) + ")) as t from " + relation() + " where v is not null group by c))";
}

Rows ColumnValues::aggregate(Engine& engine, const std::string& sql,
                             const std::string& relation) const {
  // A group that is the only one costs a tenth of the time for nothing.
  return columns_ == 1 ? engine.query("select 0, " + sql + " from " + relation)
                       : engine.query("select c, " + sql + " from " + relation + " group by c");
}

}  // namespace tallymill
