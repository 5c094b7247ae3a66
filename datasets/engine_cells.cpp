#include <charconv>
#include <cstring>

#include "core/time/date.h"
#include "datasets/engine_state.h"

namespace tallymill {
namespace {

template <class T>
T value_at(const void* data, idx_t row) {
  // Not every buffer of 16-byte values is aligned to 16.
  T value;
  std::memcpy(&value, static_cast<const char*>(data) + row * sizeof(T), sizeof(T));
  return value;
}

Int128 integer_at(duckdb_type type, const void* data, idx_t row) {
  switch (type) {
    case DUCKDB_TYPE_TINYINT:
      return value_at<std::int8_t>(data, row);
    case DUCKDB_TYPE_SMALLINT:
      return value_at<std::int16_t>(data, row);
    case DUCKDB_TYPE_INTEGER:
      return value_at<std::int32_t>(data, row);
    case DUCKDB_TYPE_BIGINT:
      return value_at<std::int64_t>(data, row);
    case DUCKDB_TYPE_UTINYINT:
      return value_at<std::uint8_t>(data, row);
    case DUCKDB_TYPE_USMALLINT:
      return value_at<std::uint16_t>(data, row);
    case DUCKDB_TYPE_UINTEGER:
      return value_at<std::uint32_t>(data, row);
    case DUCKDB_TYPE_UBIGINT:
      return value_at<std::uint64_t>(data, row);
    default:
      return value_at<Int128>(data, row);
  }
}

/// "2026-01-31 08:05:00" or with a fraction without trailing zeros, from microseconds.
std::string timestamp_text(std::int64_t micros) {
  constexpr std::int64_t kDay = 86'400'000'000;
  std::int64_t day = micros / kDay;
  std::int64_t rest = micros % kDay;
  if (rest < 0) {
    rest += kDay;
    --day;
  }
  const auto two = [](std::int64_t value) {
    return std::string{static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
  };
  const std::int64_t seconds = rest / 1'000'000;
  std::string text = Date{static_cast<std::int32_t>(day)}.text() + " " + two(seconds / 3600) + ":" +
                     two(seconds / 60 % 60) + ":" + two(seconds % 60);
  if (const std::int64_t fraction = rest % 1'000'000; fraction != 0) {
    std::string digits = std::to_string(fraction);
    digits.insert(0, 6 - digits.size(), '0');
    while (digits.back() == '0') digits.pop_back();
    text += "." + digits;
  }
  return text;
}

std::string double_text(double value) {
  char buffer[40];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  std::string text(buffer, error == std::errc{} ? end : buffer);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

class VectorText {
 public:
  VectorText(duckdb_vector vector, duckdb_logical_type type)
      : vector_(vector),
        type_(type),
        id_(duckdb_api().get_type_id(type)),
        data_(duckdb_api().vector_get_data(vector)),
        validity_(duckdb_api().vector_get_validity(vector)) {}

  std::optional<std::string> cell(idx_t row) const {
    if (validity_ != nullptr && (validity_[row / 64] >> (row % 64) & 1U) == 0) return std::nullopt;
    return text(row);
  }

 private:
  std::string text(idx_t row) const {
    const DuckdbApi& duck = duckdb_api();
    switch (id_) {
      case DUCKDB_TYPE_BOOLEAN:
        return value_at<bool>(data_, row) ? "true" : "false";
      case DUCKDB_TYPE_VARCHAR:
      case DUCKDB_TYPE_BLOB:
        return std::string(static_cast<const StringRef*>(data_)[row].view());
      case DUCKDB_TYPE_DECIMAL:
        return format_decimal(integer_at(duck.decimal_internal_type(type_), data_, row),
                              duck.decimal_scale(type_));
      case DUCKDB_TYPE_DATE:
        return Date{value_at<std::int32_t>(data_, row)}.text();
      case DUCKDB_TYPE_TIMESTAMP:
      case DUCKDB_TYPE_TIMESTAMP_TZ:
        return timestamp_text(value_at<std::int64_t>(data_, row));
      case DUCKDB_TYPE_FLOAT:
        return double_text(static_cast<double>(value_at<float>(data_, row)));
      case DUCKDB_TYPE_DOUBLE:
        return double_text(value_at<double>(data_, row));
      case DUCKDB_TYPE_ENUM:
        return enum_text(row);
      case DUCKDB_TYPE_LIST:
        return list_text(row);
      case DUCKDB_TYPE_STRUCT:
        return struct_text(row);
      case DUCKDB_TYPE_TINYINT:
      case DUCKDB_TYPE_SMALLINT:
      case DUCKDB_TYPE_INTEGER:
      case DUCKDB_TYPE_BIGINT:
      case DUCKDB_TYPE_UTINYINT:
      case DUCKDB_TYPE_USMALLINT:
      case DUCKDB_TYPE_UINTEGER:
      case DUCKDB_TYPE_UBIGINT:
      case DUCKDB_TYPE_HUGEINT:
        return format_decimal(integer_at(id_, data_, row), 0);
      default:
        throw Error(ErrorClass::config,
                    "a value of type " + type_text(type_) + " cannot be shown; cast it to text");
    }
  }

  std::string enum_text(idx_t row) const {
    const Int128 code = integer_at(duckdb_api().enum_internal_type(type_), data_, row);
    char* value = duckdb_api().enum_dictionary_value(type_, static_cast<idx_t>(code));
    std::string text(value);
    duckdb_api().free(value);
    return text;
  }

  std::string list_text(idx_t row) const {
    const auto entry = value_at<duckdb_list_entry>(data_, row);
    const DuckdbType child_type(duckdb_api().list_type_child_type(type_));
    const VectorText child(duckdb_api().list_vector_get_child(vector_), child_type.get());
    std::string text = "[";
    for (idx_t i = 0; i < entry.length; ++i)
      text += (i == 0 ? "" : ", ") + child.cell(entry.offset + i).value_or("NULL");
    return text + "]";
  }

  std::string struct_text(idx_t row) const {
    std::string text = "{";
    for (idx_t i = 0; i < duckdb_api().struct_type_child_count(type_); ++i) {
      char* name = duckdb_api().struct_type_child_name(type_, i);
      const DuckdbType child_type(duckdb_api().struct_type_child_type(type_, i));
      const VectorText child(duckdb_api().struct_vector_get_child(vector_, i), child_type.get());
      text += (i == 0 ? "'" : ", '") + std::string(name) + "': " + child.cell(row).value_or("NULL");
      duckdb_api().free(name);
    }
    return text + "}";
  }

  duckdb_vector vector_;
  duckdb_logical_type type_;
  duckdb_type id_;
  const void* data_;
  const std::uint64_t* validity_;
};

}  // namespace

void append_cells(duckdb_data_chunk chunk, const std::vector<DuckdbType>& types, Rows& rows) {
  const idx_t count = duckdb_api().data_chunk_get_size(chunk);
  const std::size_t first = rows.cells.size();
  rows.cells.resize(first + count);
  for (std::size_t column = 0; column < types.size(); ++column) {
    const VectorText vector(duckdb_api().data_chunk_get_vector(chunk, column), types[column].get());
    for (idx_t row = 0; row < count; ++row) rows.cells[first + row].push_back(vector.cell(row));
  }
}

std::string type_text(duckdb_logical_type type) {
  const DuckdbApi& duck = duckdb_api();
  switch (duck.get_type_id(type)) {
    case DUCKDB_TYPE_BOOLEAN:
      return "BOOLEAN";
    case DUCKDB_TYPE_TINYINT:
      return "TINYINT";
    case DUCKDB_TYPE_SMALLINT:
      return "SMALLINT";
    case DUCKDB_TYPE_INTEGER:
      return "INTEGER";
    case DUCKDB_TYPE_BIGINT:
      return "BIGINT";
    case DUCKDB_TYPE_HUGEINT:
      return "HUGEINT";
    case DUCKDB_TYPE_UTINYINT:
      return "UTINYINT";
    case DUCKDB_TYPE_USMALLINT:
      return "USMALLINT";
    case DUCKDB_TYPE_UINTEGER:
      return "UINTEGER";
    case DUCKDB_TYPE_UBIGINT:
      return "UBIGINT";
    case DUCKDB_TYPE_UHUGEINT:
      return "UHUGEINT";
    case DUCKDB_TYPE_FLOAT:
      return "FLOAT";
    case DUCKDB_TYPE_DOUBLE:
      return "DOUBLE";
    case DUCKDB_TYPE_VARCHAR:
      return "VARCHAR";
    case DUCKDB_TYPE_BLOB:
      return "BLOB";
    case DUCKDB_TYPE_DATE:
      return "DATE";
    case DUCKDB_TYPE_TIME:
      return "TIME";
    case DUCKDB_TYPE_TIMESTAMP:
      return "TIMESTAMP";
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return "TIMESTAMP WITH TIME ZONE";
    case DUCKDB_TYPE_INTERVAL:
      return "INTERVAL";
    case DUCKDB_TYPE_UUID:
      return "UUID";
    case DUCKDB_TYPE_ENUM:
      return "ENUM";
    case DUCKDB_TYPE_SQLNULL:
      return "NULL";
    case DUCKDB_TYPE_DECIMAL:
      return "DECIMAL(" + std::to_string(duck.decimal_width(type)) + "," +
             std::to_string(duck.decimal_scale(type)) + ")";
    case DUCKDB_TYPE_LIST: {
      const DuckdbType child(duck.list_type_child_type(type));
      return type_text(child.get()) + "[]";
    }
    case DUCKDB_TYPE_STRUCT:
      return "STRUCT";
    case DUCKDB_TYPE_INVALID:
      return "UNKNOWN";
    default:
      return "TYPE_" + std::to_string(duck.get_type_id(type));
  }
}

}  // namespace tallymill
