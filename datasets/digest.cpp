#include "core/digest.h"

#include <cstring>

#include "core/text.h"
#include "datasets/engine_state.h"
#include "datasets/version.h"
#include "datasets/version_scan.h"

// The row encoding, format v1. A value is a tag byte and its bytes, integers little-endian:
//   null 'n'; text and enum 't', 4 bytes length, the bytes; integer 'i', 8 bytes;
//   money, decimal, ratio 'd', 1 byte scale, 8 bytes ('D' and 16 bytes beyond 18 digits);
//   date 'y', 4 bytes; timestamp 's', 8 bytes; boolean 'b', 1 byte.
// A row is its business columns in schema order. Its hash is xxh3-128 of that; the digest is the
// number of rows and the sum of the hashes modulo 2^128, so neither order nor threads matter.

namespace tallymill {
namespace {

enum class Encoding : std::uint8_t { text, integer, narrow, wide, date, timestamp, boolean };

struct ColumnEncoding {
  Encoding encoding = Encoding::text;
  char scale = 0;
};

struct DigestFunction {
  std::vector<ColumnEncoding> columns;
  EngineState* engine = nullptr;
};

/// Lives in memory DuckDB gives us, aligned to 8 only: hence two halves.
struct DigestState {
  std::uint64_t rows = 0;
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  void add(std::uint64_t more_rows, std::uint64_t more_low, std::uint64_t more_high) {
    rows += more_rows;
    low += more_low;
    high += more_high + (low < more_low ? 1 : 0);
  }
};

ColumnEncoding encoding_of(const Type& type) {
  if (type.is_decimal())
    return {type.precision > 18 ? Encoding::wide : Encoding::narrow, static_cast<char>(type.scale)};
  switch (type.kind) {
    case TypeKind::integer:
      return {Encoding::integer};
    case TypeKind::date:
      return {Encoding::date};
    case TypeKind::timestamp:
      return {Encoding::timestamp};
    case TypeKind::boolean:
      return {Encoding::boolean};
    default:
      return {Encoding::text};
  }
}

/// The bytes of one row; grows as texts demand and is reused.
class RowBytes {
 public:
  void clear() { used_ = 0; }
  std::string_view view() const { return {bytes_.data(), used_}; }

  void append(const ColumnEncoding& column, const ColumnView& view, std::size_t row) {
    if (view.is_null(row)) return put('n');
    switch (column.encoding) {
      case Encoding::text:
        return put_text(view.as<StringRef>()[row].view());
      case Encoding::integer:
        return put_fixed<8>('i', view, row);
      case Encoding::narrow:
        put('d');
        return put_fixed<8>(column.scale, view, row);
      case Encoding::wide:
        put('D');
        return put_fixed<16>(column.scale, view, row);
      case Encoding::date:
        return put_fixed<4>('y', view, row);
      case Encoding::timestamp:
        return put_fixed<8>('s', view, row);
      case Encoding::boolean:
        put('b');
        return put(view.as<bool>()[row] ? '\1' : '\0');
    }
  }

 private:
  char* room(std::size_t size) {
    if (used_ + size > bytes_.size()) bytes_.resize((used_ + size) * 2);
    char* place = bytes_.data() + used_;
    used_ += size;
    return place;
  }
  void put(char byte) { *room(1) = byte; }
  template <std::size_t kSize>
  void put_fixed(char tag, const ColumnView& view, std::size_t row) {
    char* place = room(1 + kSize);
    *place = tag;
    std::memcpy(place + 1, view.as<char>() + row * kSize, kSize);
  }
  void put_text(std::string_view text) {
    const auto length = static_cast<std::uint32_t>(text.size());
    char* place = room(5 + text.size());
    *place = 't';
    std::memcpy(place + 1, &length, 4);
    std::memcpy(place + 5, text.data(), text.size());
  }

  std::vector<char> bytes_ = std::vector<char>(512);
  std::size_t used_ = 0;
};

void update_chunk(const DigestFunction& function, duckdb_data_chunk input,
                  duckdb_aggregate_state* states) {
  const DuckdbApi& duck = duckdb_api();
  std::vector<ColumnView> views(function.columns.size());
  for (std::size_t i = 0; i < views.size(); ++i) {
    duckdb_vector vector = duck.data_chunk_get_vector(input, i);
    views[i] = {duck.vector_get_data(vector), duck.vector_get_validity(vector)};
  }
  RowBytes bytes;
  for (std::size_t row = 0; row < duck.data_chunk_get_size(input); ++row) {
    bytes.clear();
    for (std::size_t i = 0; i < views.size(); ++i) bytes.append(function.columns[i], views[i], row);
    const Hash128 hash = xxh3_128(bytes.view());
    reinterpret_cast<DigestState*>(states[row])->add(1, hash.low, hash.high);
  }
}

idx_t state_size(duckdb_function_info) { return sizeof(DigestState); }

void start_state(duckdb_function_info, duckdb_aggregate_state state) { new (state) DigestState(); }

void update(duckdb_function_info info, duckdb_data_chunk input, duckdb_aggregate_state* states) {
  const DuckdbApi& duck = duckdb_api();
  const auto& function =
      *static_cast<const DigestFunction*>(duck.aggregate_function_get_extra_info(info));
  function.engine->guarded(
      [&] { update_chunk(function, input, states); },
      [&](const char* message) { duck.aggregate_function_set_error(info, message); });
}

void combine(duckdb_function_info, duckdb_aggregate_state* sources, duckdb_aggregate_state* targets,
             idx_t count) {
  for (idx_t i = 0; i < count; ++i) {
    const auto& source = *reinterpret_cast<const DigestState*>(sources[i]);
    reinterpret_cast<DigestState*>(targets[i])->add(source.rows, source.low, source.high);
  }
}

void finish(duckdb_function_info, duckdb_aggregate_state* states, duckdb_vector result, idx_t count,
            idx_t offset) {
  ColumnWriter writer(result);
  for (idx_t i = 0; i < count; ++i) {
    const auto& state = *reinterpret_cast<const DigestState*>(states[i]);
    writer.set_text(offset + i, "v1:" + std::to_string(state.rows) + ":" +
                                    Hash128{.low = state.low, .high = state.high}.hex());
  }
}

}  // namespace

std::string add_digest_function(Engine& engine, const Schema& schema) {
  const DuckdbApi& duck = duckdb_api();
  EngineState& state = EngineAccess::state(engine);
  const std::string name = "tm_digest_" + std::to_string(engine.next_name());
  DuckdbHandle<duckdb_aggregate_function, &DuckdbApi::destroy_aggregate_function> handle(
      duck.create_aggregate_function());
  auto function = std::make_unique<DigestFunction>();
  function->engine = &state;
  for (const Column& column : schema.columns) {
    function->columns.push_back(encoding_of(column.type));
    duck.aggregate_function_add_parameter(handle.get(), logical_type(column.type).get());
  }
  duck.aggregate_function_set_name(handle.get(), name.c_str());
  duck.aggregate_function_set_return_type(handle.get(), logical_type(Type::text()).get());
  duck.aggregate_function_set_special_handling(handle.get());
  duck.aggregate_function_set_functions(handle.get(), &state_size, &start_state, &update, &combine,
                                        &finish);
  duck.aggregate_function_set_extra_info(handle.get(), function.release(), [](void* data) {
    delete static_cast<DigestFunction*>(data);
  });
  if (duck.register_aggregate_function(state.connection, handle.get()) != DuckDBSuccess)
    throw Error(ErrorClass::bug, "cannot register SQL function '" + name + "'");
  return name + "(" + join(quoted_names(schema), ", ") + ")";
}

std::string content_digest(Engine& engine, const std::string& relation, const Schema& schema) {
  return engine.query("select " + add_digest_function(engine, schema) + " from " + relation)
      .text(0, 0);
}

}  // namespace tallymill
