#include "connectors/postgresql/comparison.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "core/text.h"
#include "datasets/sql_text.h"

namespace tallymill {
namespace {

constexpr const char* kHashDigits = "32";
/// Keeps what a subquery computes from being computed anew wherever it is named: hashes are dear.
const std::string kOnce = " OFFSET 0";

std::string nearest_or_all(const std::string& name, const std::vector<std::string>& names) {
  if (std::string meant = did_you_mean(name, names); !meant.empty()) return "; " + meant;
  return names.empty() ? "" : "; there: " + join(names, ", ");
}

/// SQL: the first 32 bits of a hash in hex, from part `part` of them.
std::string bits_of(const std::string& hash, int part = 0) {
  return "('x' || substr(" + hash + ", " + std::to_string(8 * part + 1) + ", 8))::bit(32)::bigint";
}

std::string segment_of(int bits) {
  return "(" + bits_of("key_hash") + " >> " + std::to_string(32 - bits) + ")";
}

}  // namespace

PostgresqlComparison::PostgresqlComparison(const std::string& connect, CompareRequest request)
    : request_(std::move(request)),
      table_(request_.table.text("table")),
      parameters_{request_.salt},
      session_(connect) {
  session_.execute("SET TIME ZONE 'UTC'");
  session_.execute("SET DateStyle = 'ISO, YMD'");
  session_.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  require_columns();
  prepare_condition();
}

/// Columns, and what must not stand for an amount: a floating-point number has none that is exact.
void PostgresqlComparison::require_columns() {
  std::vector<std::string> names;
  const std::vector<std::string> table{postgresql_table(table_)};
  session_.query(
      "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = "
      "to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
      table, [&](PostgresqlSession::Cells cells) {
        names.emplace_back(*cells[0]);
        types_.emplace(*cells[0], *cells[1]);
      });
  if (names.empty()) {
    std::vector<std::string> tables;
    session_.query(
        "SELECT CASE WHEN n.nspname = ANY(current_schemas(false)) THEN c.relname ELSE n.nspname || "
        "'.' || c.relname END FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
        "c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname NOT IN ('pg_catalog', "
        "'information_schema') ORDER BY 1 LIMIT 200",
        {}, [&](PostgresqlSession::Cells cells) { tables.emplace_back(*cells[0]); });
    throw Error(ErrorClass::config, "no table '" + table_ + "'" + nearest_or_all(table_, tables),
                request_.table.position("table"));
  }
  for (const auto* columns : {&request_.key, &request_.columns})
    for (const ComparedColumn& column : *columns) {
      const auto type = types_.find(column.name);
      if (type == types_.end())
        throw Error(ErrorClass::config,
                    "table '" + table_ + "' has no column '" + column.name + "'" +
                        nearest_or_all(column.name, names),
                    column.where);
      if (field_letter(column.type) == 'n' &&
          (type->second == "double precision" || type->second == "real"))
        throw Error(ErrorClass::config,
                    "column '" + column.name + "' of table '" + table_ + "' is " + type->second +
                        ", which has no exact value to compare with " + column.type.name(),
                    column.where);
    }
}

/// The condition is the graph author's SQL; values only ever come in as parameters.
void PostgresqlComparison::prepare_condition() {
  const std::string condition = request_.table.text("where");
  const SourcePosition where = request_.table.position("where");
  if (condition.empty()) return;
  if (condition.find(';') != std::string::npos)
    throw Error(ErrorClass::config, "'where' holds a ';'; it must be one condition", where);
  const std::string bound = replace_sql_parameters(condition, [&](const SqlParameter& parameter) {
    const auto found =
        std::find_if(request_.parameters.begin(), request_.parameters.end(),
                     [&](const SourceParameter& known) { return known.name == parameter.name; });
    if (found == request_.parameters.end()) {
      std::vector<std::string> names;
      for (const SourceParameter& known : request_.parameters) names.push_back(":" + known.name);
      throw Error(ErrorClass::config,
                  "unknown parameter ':" + parameter.name + "'; known are " + join(names, ", "),
                  where);
    }
    parameters_.push_back(found->value.value);
    return std::optional("$" + std::to_string(parameters_.size()));
  });
  // The line break ends a trailing comment before our parenthesis.
  condition_ = " WHERE (" + bound + "\n)";
}

/// SQL: the value of a column as it is hashed. A time of day in a column of days is not lost.
std::string PostgresqlComparison::value(const ComparedColumn& column) const {
  const std::string name = postgresql_identifier(column.name);
  std::string instant =
      "to_char((" + name + ")::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')";
  switch (field_letter(column.type)) {
    case 'n':
      return "trim_scale((" + name + ")::numeric)::text";
    case 'd':
      if (types_.at(column.name) == "date") return "(" + name + ")::text";
      return "regexp_replace(" + instant + ", 'T00:00:00[.]000000$', '')";
    case 's':
      return instant;
    case 'b':
      return "(" + name + ")::boolean::text";
    default:
      return "(" + name + ")::text";
  }
}

/// key_hash, row_hash, v0, v1, ... of the rows whose key_hash meets `condition`; of the others the
/// row's hash is not computed.
std::string PostgresqlComparison::hashed_rows(const std::string& condition) const {
  std::string values;
  std::string names;
  std::string key = "$1";
  std::string rest;
  std::size_t number = 0;
  const auto add = [&](const ComparedColumn& column, std::string& text) {
    const std::string name = "v" + std::to_string(number++);
    values += (values.empty() ? "" : ", ") + value(column) + " AS " + name;
    names += ", " + name;
    text += " || coalesce('" + std::string(1, field_letter(column.type)) +
            "' || octet_length(convert_to(" + name + ", 'UTF8')) || ':' || " + name + ", '-')";
  };
  for (const ComparedColumn& column : request_.key) add(column, key);
  for (const ComparedColumn& column : request_.columns) add(column, rest);
  const auto hash = [&](const std::string& text) {
    return "substr(encode(sha256(convert_to(" + text + ", 'UTF8')), 'hex'), 1, " +
           std::string(kHashDigits) + ")";
  };
  // The first parameter's type must be known before anything is asked about it.
  const std::string salted = "$1::text" + key.substr(2);
  return "(SELECT key_hash, " + hash(salted + " || '|'" + rest) + " AS row_hash" + names +
         " FROM (SELECT *, " + hash(salted) + " AS key_hash FROM (SELECT " + values + " FROM " +
         postgresql_table(table_) + condition_ + kOnce + ") s" + kOnce + ") k WHERE " + condition +
         kOnce + ") h";
}

std::vector<std::string> PostgresqlComparison::with(std::string more) const {
  std::vector<std::string> parameters = parameters_;
  parameters.push_back(std::move(more));
  return parameters;
}

std::string PostgresqlComparison::next_parameter() const {
  return "$" + std::to_string(parameters_.size() + 1);
}

std::vector<SegmentSum> PostgresqlComparison::segments(int bits) {
  std::string sums;
  for (int part = 0; part < 4; ++part) sums += ", sum(" + bits_of("row_hash", part) + ")::text";
  std::vector<SegmentSum> found;
  session_.query("SELECT segment::text, count(*)::text" + sums + " FROM (SELECT row_hash, " +
                     segment_of(bits) + " AS segment FROM " + hashed_rows("true") +
                     ") g GROUP BY segment",
                 parameters_, [&](PostgresqlSession::Cells cells) {
                   SegmentSum& sum = found.emplace_back();
                   sum.segment = parse_integer(*cells[0]).value;
                   sum.rows = parse_integer(*cells[1]).value;
                   for (std::size_t i = 0; i < sum.sums.size(); ++i) sum.sums[i] = *cells[2 + i];
                 });
  std::sort(found.begin(), found.end(),
            [](const SegmentSum& a, const SegmentSum& b) { return a.segment < b.segment; });
  return found;
}

void PostgresqlComparison::hashes(int bits, std::span<const std::int64_t> segments,
                                  const TakeHashes& take) {
  std::vector<std::string> numbers;
  for (const std::int64_t segment : segments) numbers.push_back(std::to_string(segment));
  session_.query("SELECT key_hash, row_hash FROM " +
                     hashed_rows(segment_of(bits) + " = ANY(" + next_parameter() + "::bigint[])"),
                 with(postgresql_array(numbers)),
                 [&](PostgresqlSession::Cells cells) { take(*cells[0], *cells[1]); });
}

void PostgresqlComparison::rows(std::span<const std::string> keys, const TakeRow& take) {
  std::vector<std::optional<std::string>> fields;
  session_.query("SELECT * FROM " + hashed_rows("key_hash = ANY(" + next_parameter() + "::text[])"),
                 with(postgresql_array(keys)), [&](PostgresqlSession::Cells cells) {
                   fields.clear();
                   for (const auto& cell : cells.subspan(2))
                     fields.emplace_back(cell ? std::optional(std::string(*cell)) : std::nullopt);
                   take(*cells[0], fields);
                 });
}

}  // namespace tallymill
