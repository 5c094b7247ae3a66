#include "datasets/version_scan.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "datasets/key_set.h"
#include "datasets/row_hash_aggregate.h"
#include "datasets/sql_text.h"

namespace tallymill {
namespace {

constexpr int kExamples = 5;

/// What no published row may be, and how to say so.
struct Defect {
  std::string count;     ///< SQL aggregate: rows that are so
  std::string sentence;  ///< "in 12 rows" follows
};

std::string rows_where(const std::string& condition) {
  return "count(*) filter (" + condition + ")";
}
/// A filter looks at every row; this asks each vector whether it has nulls at all.
std::string rows_without(const std::string& column) { return "count(*) - count(" + column + ")"; }

std::string enum_list(const Type& type) {
  std::vector<std::string> quoted;
  for (const std::string& value : type.values) quoted.push_back(quote_literal(value));
  return join(quoted, ", ");
}

void add_column_defects(const Column& column, const std::vector<std::string>& key,
                        std::vector<Defect>& defects) {
  const std::string name = quote_identifier(column.name);
  const bool in_key = std::find(key.begin(), key.end(), column.name) != key.end();
  if (in_key)
    defects.push_back({rows_without(name), "key column '" + column.name + "' has no value"});
  else if (column.required)
    defects.push_back({rows_without(name), "required column '" + column.name + "' has no value"});
  const Type& type = column.type;
  if (type.kind == TypeKind::enumeration && !type.values.empty())
    defects.push_back(
        {rows_where(name + " not in (" + enum_list(type) + ")"),
         "column '" + column.name + "' has a value that is not one of " + join(type.values, ", ")});
  if (type.kind == TypeKind::decimal && type.precision < 18) {
    const std::string limit =
        "1" + std::string(static_cast<std::size_t>(type.precision - type.scale), '0');
    defects.push_back({rows_where("abs(" + name + ") >= " + limit + "::decimal(18," +
                                  std::to_string(type.scale) + ")"),
                       "column '" + column.name + "' has more digits than " + type.name()});
  }
}

std::vector<Defect> defects_of(const Schema& schema) {
  std::vector<Defect> defects;
  for (const Column& column : schema.columns) add_column_defects(column, schema.key, defects);
  for (const std::string& column : schema.key)
    if (is_provenance(column))
      defects.push_back(
          {rows_without(quote_identifier(column)), "key column '" + column + "' has no value"});
  return defects;
}

/// "'a', 'b'" of one row, sensitive values masked.
std::string shown_key(const Rows& rows, std::size_t row, const Schema& schema) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < schema.key.size(); ++i) {
    const Column* column = schema.find(schema.key[i]);
    const auto& cell = rows.cells[row][i];
    if (column != nullptr && column->sensitive)
      parts.emplace_back(kMaskedValue);
    else
      parts.push_back(cell ? quote_literal(*cell) : "null");
  }
  return "(" + join(parts, ", ") + ")";
}

[[noreturn]] void refuse(const std::string& dataset, std::int64_t count,
                         const std::string& sentence) {
  throw Error(ErrorClass::data, "dataset '" + dataset + "': " + sentence + " in " +
                                    std::to_string(count) + (count == 1 ? " row" : " rows"));
}

/// The schema's key columns with their types, provenance included.
std::vector<Column> key_columns(const Schema& schema) {
  std::vector<Column> columns;
  for (const std::string& name : schema.key) {
    const Column* column = schema.find(name);
    if (column != nullptr)
      columns.push_back(*column);
    else
      columns.push_back(
          {.name = name, .type = name == kLineColumn ? Type::integer() : Type::text()});
  }
  return columns;
}

std::string add_key_function(Engine& engine, const Schema& schema, std::uint64_t part,
                             std::uint64_t parts) {
  return RowHashAggregate<KeySet>::add(engine, "tm_keys_" + std::to_string(engine.next_name()),
                                       key_columns(schema), KeySet(part, parts));
}

/// In how many passes keys are compared so that each stays within its memory.
std::uint64_t key_parts(const ScanRules& rules) {
  return static_cast<std::uint64_t>(rules.rows * KeySet::kBytesPerRow /
                                    std::max<std::int64_t>(rules.key_memory, 1)) +
         1;
}

/// What one pass asks for: an SQL expression each, found again by its place.
class ScanQuery {
 public:
  std::size_t add(std::string expression) {
    expressions_.push_back(std::move(expression));
    return expressions_.size() - 1;
  }
  /// Grouped by a constant: without GROUP BY, DuckDB fills a hash table of 2 MiB for aggregates
  /// that are not its own; for a group of known range it takes an array. No rows make no group,
  /// though.
  Rows run(Engine& engine, const std::string& relation) const {
    const std::string select = "select " + join(expressions_, ", ") + " from " + relation;
    Rows rows = engine.query(select + " group by 0::utinyint");
    return rows.cells.empty() ? engine.query(select) : rows;
  }

 private:
  std::vector<std::string> expressions_;
};

}  // namespace

VersionScan scan_version(Engine& engine, const std::string& relation, const std::string& dataset,
                         const Schema& schema, const ScanRules& rules) {
  const bool has_key = rules.compares_keys && !schema.key.empty();
  const std::vector<Defect> defects = rules.is_strict ? defects_of(schema) : std::vector<Defect>{};
  const std::uint64_t parts = has_key ? key_parts(rules) : 1;

  ScanQuery query;
  query.add(add_digest_function(engine, schema));
  query.add("count(*)");
  const std::size_t keys = has_key ? query.add(add_key_function(engine, schema, 0, parts)) : 0;
  std::map<std::string, std::size_t> sums;
  for (const Column& column : schema.columns)
    if (column.type.is_summable())
      sums[column.name] = query.add("sum(" + quote_identifier(column.name) + ")");
  std::vector<std::size_t> counts;
  for (const Defect& defect : defects) counts.push_back(query.add(defect.count));
  const Rows rows = query.run(engine, relation);

  for (std::size_t i = 0; i < defects.size(); ++i)
    if (const std::int64_t count = rows.integer(0, counts[i]); count > 0)
      refuse(dataset, count, defects[i].sentence);
  VersionScan scan{
      .digests = version_digests(rows.text(0, 0)), .rows = rows.integer(0, 1), .amounts = {}};
  for (const auto& [column, place] : sums)
    scan.amounts[column] =
        rows.cells[0][place].value_or(format_decimal(0, schema.find(column)->type.scale));
  if (has_key) scan.repeated_keys = std::stoll(rows.text(0, keys));
  for (std::uint64_t part = 1; part < parts && scan.repeated_keys == 0; ++part)
    scan.repeated_keys = std::stoll(
        engine
            .query("select " + add_key_function(engine, schema, part, parts) + " from " + relation)
            .text(0, 0));
  return scan;
}

void require_unique_key(Engine& engine, const std::string& relation, const std::string& dataset,
                        const Schema& schema) {
  const std::string key = join(quoted(schema.key), ", ");
  const Rows rows = engine.query("select " + key + ", count(*), count(*) over () from " + relation +
                                 " group by " + key + " having count(*) > 1 order by " + key +
                                 " limit " + std::to_string(kExamples));
  if (rows.cells.empty()) return;
  const std::size_t width = schema.key.size();
  std::vector<std::string> examples;
  for (std::size_t row = 0; row < rows.cells.size(); ++row)
    examples.push_back(shown_key(rows, row, schema) + " " + rows.text(row, width) + " times");
  throw Error(ErrorClass::data, "dataset '" + dataset + "': " + rows.text(0, width + 1) +
                                    " keys (" + join(schema.key, ", ") +
                                    ") are not unique; first: " + join(examples, ", "));
}

}  // namespace tallymill
