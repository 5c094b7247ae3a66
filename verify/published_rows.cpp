#include "verify/published_rows.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include "core/error.h"
#include "core/files.h"
#include "core/task.h"
#include "core/text.h"
#include "core/time/date.h"

namespace tallymill::verify {
namespace {

namespace fs = std::filesystem;

template <class T>
T value_at(const ColumnView& view, std::size_t row) {
  T value;
  std::memcpy(&value, view.as<char>() + row * sizeof(T), sizeof(T));
  return value;
}

bool is_text(const Type& type) {
  return type.kind == TypeKind::text || type.kind == TypeKind::enumeration;
}

bool is_wide(const Type& type) { return type.is_decimal() && type.precision > 18; }

static_assert(std::endian::native == std::endian::little);
void append_little_endian(std::string& bytes, Int128 value, std::size_t size) {
  bytes.append(reinterpret_cast<const char*>(&value), size);
}

/// Numbers that compare as bytes: the sign turned, the highest byte first.
void append_in_order(std::string& bytes, Int128 value) {
  const UInt128 turned = static_cast<UInt128>(value) ^ (static_cast<UInt128>(1) << 127);
  for (int i = 15; i >= 0; --i)
    bytes += static_cast<char>(static_cast<std::uint8_t>(turned >> (8 * i)));
}

/// What rows of several periods or partitions have behind their columns.
std::string origin_columns(const RecordedVersion& version) {
  if (!version.origin) return {};
  return ", " + quote_literal(version.origin->period) + " AS " + kPeriodColumn + ", " +
         quote_literal(version.origin->partition) + " AS " + kPartitionColumn;
}

std::string source_of(const RecordedVersion& version, const std::string& file) {
  const std::string rows = "read_parquet([" + quote_literal((version.folder / file).string()) +
                           "], file_row_number = true)";
  const std::string origin = origin_columns(version);
  return origin.empty() ? rows : "(SELECT *" + origin + " FROM " + rows + ")";
}

}  // namespace

Int128 Row::units(std::size_t column) const {
  const Type& type = columns_[column].type;
  if (is_wide(type)) return value_at<Int128>(views_[column], row_);
  switch (type.kind) {
    case TypeKind::date:
      return value_at<std::int32_t>(views_[column], row_);
    case TypeKind::boolean:
      return value_at<std::uint8_t>(views_[column], row_) != 0 ? 1 : 0;
    default:
      return value_at<std::int64_t>(views_[column], row_);
  }
}

void Row::encode(std::size_t column, std::string& bytes) const {
  const Type& type = columns_[column].type;
  if (is_null(column)) {
    bytes += 'n';
  } else if (is_text(type)) {
    const std::string_view value = text(column);
    bytes += 't';
    append_little_endian(bytes, static_cast<Int128>(value.size()), 4);
    bytes += value;
  } else if (type.is_decimal()) {
    bytes += is_wide(type) ? 'D' : 'd';
    bytes += static_cast<char>(type.scale);
    append_little_endian(bytes, units(column), is_wide(type) ? 16 : 8);
  } else if (type.kind == TypeKind::integer) {
    bytes += 'i';
    append_little_endian(bytes, units(column), 8);
  } else if (type.kind == TypeKind::date) {
    bytes += 'y';
    append_little_endian(bytes, units(column), 4);
  } else if (type.kind == TypeKind::timestamp) {
    bytes += 's';
    append_little_endian(bytes, units(column), 8);
  } else {
    bytes += 'b';
    append_little_endian(bytes, units(column), 1);
  }
}

void Row::encode_in_order(std::size_t column, std::string& bytes) const {
  bytes += is_null(column) ? '\1' : '\0';
  if (is_null(column)) return;
  if (!is_text(columns_[column].type)) return append_in_order(bytes, units(column));
  // A zero byte within the text is told from its end.
  for (const char each : text(column)) {
    bytes += each;
    if (each == '\0') bytes += '\xff';
  }
  bytes += std::string(2, '\0');
}

std::optional<std::string> Row::printed(std::size_t column) const {
  if (is_null(column)) return std::nullopt;
  const Type& type = columns_[column].type;
  return is_text(type) ? std::string(text(column)) : plain_text(units(column), type);
}

std::string Row::shown(std::size_t column) const {
  if (columns_[column].sensitive) return std::string(kMaskedValue);
  return printed(column).value_or("(none)");
}

std::string plain_text(Int128 value, const Type& type) {
  if (type.kind == TypeKind::date) return Date{static_cast<std::int32_t>(value)}.text();
  if (type.kind == TypeKind::boolean) return value != 0 ? "true" : "false";
  if (type.kind == TypeKind::timestamp) {
    // 2026-01-31T08:05:00Z
    std::string text = format_timestamp(static_cast<std::int64_t>(value));
    text[text.find('T')] = ' ';
    text.pop_back();
    return text;
  }
  return format_decimal(value, type.is_decimal() ? type.scale : 0);
}

json::object read_manifest(const fs::path& folder) {
  const fs::path file = folder / "manifest.json";
  const auto text = read_file_if_there(file);
  if (!text) throw Error(ErrorClass::data, "there is no " + file.string());
  json::value value = parse_json(*text, file.string());
  if (!value.is_object() || !value.as_object().contains("schema") ||
      !value.as_object().contains("files"))
    throw Error(ErrorClass::data, file.string() + " is no manifest");
  return std::move(value.as_object());
}

RowShape row_shape(const fs::path& folder) {
  const json::object manifest = read_manifest(folder);
  RowShape shape{.schema = Schema::from_json(manifest.at("schema").as_object()), .files = {}};
  for (const json::value& file : manifest.at("files").as_array())
    shape.files.push_back(json_text(file.as_object(), "name"));
  std::sort(shape.files.begin(), shape.files.end());
  return shape;
}

std::string all_rows(const RecordedVersion& version) {
  const std::vector<fs::path> folders{version.folder};
  return "SELECT *" + origin_columns(version) + " FROM " + parquet_relation(folders);
}

void read_rows(Engine& engine, const RecordedVersion& version, std::span<const Column> columns,
               const std::string& where, const std::function<void(const Row&)>& take,
               const std::map<std::string, std::string>& expressions) {
  std::vector<std::string> names;
  std::vector<Type> types;
  for (const Column& column : columns) {
    const auto expression = expressions.find(column.name);
    names.push_back(expression == expressions.end()
                        ? quote_identifier(column.name)
                        : "CAST(" + expression->second + " AS " + column.type.sql() + ")");
    types.push_back(column.type);
  }
  names.emplace_back("file_row_number");
  types.push_back(Type::integer());
  for (const std::string& file : row_shape(version.folder).files) {
    const std::string select = "SELECT " + join(names, ", ") + " FROM " + source_of(version, file) +
                               (where.empty() ? std::string() : " WHERE " + where);
    try {
      engine.read(select, types, [&](std::span<const ColumnView> views, std::size_t rows) {
        for (std::size_t row = 0; row < rows; ++row)
          take(Row(columns, views, row, file,
                   value_at<std::int64_t>(views[columns.size()], row) + 1));
      });
    } catch (Error& error) {
      error.add_context("reading " + (version.folder / file).string());
      throw;
    }
  }
}

Column computed_column(Engine& engine, const RecordedVersion& version, const std::string& name,
                       const std::string& expression) {
  const std::string file = row_shape(version.folder).files.at(0);
  const std::string type =
      engine.describe("SELECT " + expression + " AS value FROM " + source_of(version, file))
          .at(0)
          .sql_type;
  if (type.ends_with("INT") || type == "INTEGER") return {.name = name, .type = Type::integer()};
  if (type.starts_with("DECIMAL(")) {
    const std::size_t comma = type.find(',');
    const int scale = std::stoi(type.substr(comma + 1));
    return {.name = name, .type = Type::decimal(18, scale)};
  }
  throw Error(ErrorClass::data, "'" + expression + "' is " + type + ", which is no driver");
}

std::vector<Column> stored_columns(const Schema& schema) {
  std::vector<Column> columns = schema.columns;
  if (schema.has_provenance) {
    columns.push_back({.name = std::string(kSourceColumn), .type = Type::text()});
    columns.push_back({.name = std::string(kLineColumn), .type = Type::integer()});
  }
  return columns;
}

std::vector<Column> columns_named(const Schema& schema, std::span<const std::string> names,
                                  const std::string& dataset) {
  const std::vector<Column> stored = stored_columns(schema);
  std::vector<Column> columns;
  for (const std::string& name : names) {
    const auto column = std::find_if(stored.begin(), stored.end(),
                                     [&](const Column& each) { return each.name == name; });
    if (column == stored.end())
      throw Error(ErrorClass::data, "dataset '" + dataset + "' has no column '" + name + "'");
    columns.push_back(*column);
  }
  return columns;
}

std::vector<std::size_t> places(std::size_t from, std::size_t count) {
  std::vector<std::size_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), from);
  return numbers;
}

Hash128 hash_of(const Row& row, std::span<const std::size_t> columns, std::string& buffer) {
  buffer.clear();
  for (const std::size_t column : columns) row.encode(column, buffer);
  return xxh3_128(buffer);
}

std::string name_of(const Row& row, std::span<const Column> columns,
                    std::span<const std::size_t> which) {
  std::vector<std::string> parts;
  for (const std::size_t column : which)
    parts.push_back(columns[column].name + " " + row.shown(column));
  return join(parts, ", ");
}

}  // namespace tallymill::verify
