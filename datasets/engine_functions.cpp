#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "datasets/engine_state.h"

namespace tallymill {
namespace {

constexpr int kNarrowPrecision = 18;
constexpr std::size_t kInlineBytes = sizeof(StringRef::prefix) + sizeof(StringRef::rest);

bool is_wide(const Type& type) { return type.is_decimal() && type.precision > kNarrowPrecision; }

/// In-memory blocks start 8 bytes off, so DuckDB may hand out 16-byte values that are not aligned
/// to 16; a copy is, and costs one chunk.
const void* aligned(const void* data, std::size_t rows, std::vector<Int128>& copy) {
  if (reinterpret_cast<std::uintptr_t>(data) % alignof(Int128) == 0) return data;
  copy.resize(rows);
  std::memcpy(copy.data(), data, rows * sizeof(Int128));
  return copy.data();
}

/// A scalar function as DuckDB holds it.
struct RegisteredFunction {
  ScalarFunction function;
  EngineState* engine = nullptr;
};

void evaluate_chunk(const RegisteredFunction& registered, duckdb_data_chunk input,
                    duckdb_vector output) {
  const ChunkViews arguments(input, registered.function.parameters);
  ColumnWriter writer(output);
  registered.function.evaluate(arguments.columns(), arguments.rows(), writer);
}

void evaluate(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const DuckdbApi& duck = duckdb_api();
  const auto& registered =
      *static_cast<const RegisteredFunction*>(duck.scalar_function_get_extra_info(info));
  registered.engine->guarded(
      [&] { evaluate_chunk(registered, input, output); },
      [&](const char* message) { duck.scalar_function_set_error(info, message); });
}

DuckdbType result_type(const ScalarFunction& function) {
  if (!function.result_is_struct) return logical_type(function.result.at(0).type);
  std::vector<DuckdbType> types;
  std::vector<duckdb_logical_type> handles;
  std::vector<const char*> names;
  for (const Column& field : function.result) {
    types.push_back(logical_type(field.type));
    handles.push_back(types.back().get());
    names.push_back(field.name.c_str());
  }
  return DuckdbType(duckdb_api().create_struct_type(handles.data(), names.data(), handles.size()));
}

/// A table source as DuckDB holds it: its function, and one cursor per scanning thread.
struct RegisteredSource {
  std::vector<Column> columns;
  std::shared_ptr<TableSource> source;
  EngineState* engine = nullptr;
};

/// `Registered` has the columns of its rows.
template <class Registered>
void bind_source(duckdb_bind_info info) {
  const DuckdbApi& duck = duckdb_api();
  const auto& registered = *static_cast<const Registered*>(duck.bind_get_extra_info(info));
  for (const Column& column : registered.columns) {
    const DuckdbType type = logical_type(column.type);
    duck.bind_add_result_column(info, column.name.c_str(), type.get());
  }
}

void init_source(duckdb_init_info info) {
  const DuckdbApi& duck = duckdb_api();
  const auto& registered = *static_cast<const RegisteredSource*>(duck.init_get_extra_info(info));
  duck.init_set_max_threads(info, std::max<idx_t>(registered.source->max_threads(), 1));
}

void open_source_cursor(duckdb_init_info info) {
  const DuckdbApi& duck = duckdb_api();
  auto& registered = *static_cast<RegisteredSource*>(duck.init_get_extra_info(info));
  registered.engine->guarded(
      [&] {
        duck.init_set_init_data(info, registered.source->open_cursor().release(), [](void* cursor) {
          delete static_cast<TableSource::Cursor*>(cursor);
        });
      },
      [&](const char* message) { duck.init_set_error(info, message); });
}

void fill_from_source(duckdb_function_info info, duckdb_data_chunk output) {
  const DuckdbApi& duck = duckdb_api();
  auto& registered = *static_cast<RegisteredSource*>(duck.function_get_extra_info(info));
  auto* cursor = static_cast<TableSource::Cursor*>(duck.function_get_local_init_data(info));
  registered.engine->guarded(
      [&] {
        std::vector<ColumnWriter> writers;
        writers.reserve(registered.columns.size());
        for (std::size_t i = 0; i < registered.columns.size(); ++i)
          writers.emplace_back(duck.data_chunk_get_vector(output, i));
        duck.data_chunk_set_size(output,
                                 cursor == nullptr ? 0 : cursor->fill(writers, duck.vector_size()));
      },
      [&](const char* message) { duck.function_set_error(info, message); });
}

/// Kept rows as DuckDB holds them; each reading has a scan.
struct RegisteredRows {
  std::vector<Column> columns;
  std::shared_ptr<KeptRows> rows;
  EngineState* engine = nullptr;
};

struct RunningScan {
  std::vector<std::size_t> vectors;  ///< of a chunk, that get something
  std::unique_ptr<KeptRows::Scan> scan;
};

void bind_kept_rows(duckdb_bind_info info) {
  const DuckdbApi& duck = duckdb_api();
  bind_source<RegisteredRows>(info);
  const auto& registered = *static_cast<const RegisteredRows*>(duck.bind_get_extra_info(info));
  duck.bind_set_cardinality(info, static_cast<idx_t>(registered.rows->rows()), true);
}

void open_kept_rows(duckdb_init_info info) {
  const DuckdbApi& duck = duckdb_api();
  const auto& registered = *static_cast<const RegisteredRows*>(duck.init_get_extra_info(info));
  duck.init_set_max_threads(info, std::max<idx_t>(registered.rows->max_threads(), 1));
  registered.engine->guarded(
      [&] {
        auto running = std::make_unique<RunningScan>();
        std::vector<std::size_t> asked;
        for (idx_t i = 0; i < duck.init_get_column_count(info); ++i) {
          const std::size_t column = duck.init_get_column_index(info, i);
          if (column >= registered.columns.size()) continue;  // rows are counted, nobody reads it
          running->vectors.push_back(i);
          asked.push_back(column);
        }
        running->scan = registered.rows->open_scan(std::move(asked));
        duck.init_set_init_data(info, running.release(),
                                [](void* scan) { delete static_cast<RunningScan*>(scan); });
      },
      [&](const char* message) { duck.init_set_error(info, message); });
}

void fill_from_kept_rows(duckdb_function_info info, duckdb_data_chunk output) {
  const DuckdbApi& duck = duckdb_api();
  const auto& registered = *static_cast<const RegisteredRows*>(duck.function_get_extra_info(info));
  const auto& running = *static_cast<const RunningScan*>(duck.function_get_init_data(info));
  registered.engine->guarded(
      [&] {
        std::vector<ColumnWriter> writers;
        writers.reserve(running.vectors.size());
        for (const std::size_t vector : running.vectors)
          writers.emplace_back(duck.data_chunk_get_vector(output, vector));
        duck.data_chunk_set_size(output, running.scan->fill(writers, duck.vector_size()));
      },
      [&](const char* message) { duck.function_set_error(info, message); });
}

using TableFunction = DuckdbHandle<duckdb_table_function, &DuckdbApi::destroy_table_function>;

void register_table(EngineState& state, const std::string& name, const TableFunction& function) {
  const DuckdbApi& duck = duckdb_api();
  duck.table_function_set_name(function.get(), name.c_str());
  if (duck.register_table_function(state.connection, function.get()) != DuckDBSuccess)
    throw Error(ErrorClass::bug, "cannot register table source '" + name + "'");
}

}  // namespace

ChunkViews::ChunkViews(duckdb_data_chunk chunk, std::span<const Type> types)
    : rows_(duckdb_api().data_chunk_get_size(chunk)),
      columns_(types.size()),
      copies_(types.size()) {
  const DuckdbApi& duck = duckdb_api();
  for (std::size_t i = 0; i < types.size(); ++i) {
    duckdb_vector vector = duck.data_chunk_get_vector(chunk, i);
    columns_[i].data = duck.vector_get_data(vector);
    columns_[i].validity = duck.vector_get_validity(vector);
    if (is_wide(types[i])) columns_[i].data = aligned(columns_[i].data, rows_, copies_[i]);
  }
}

DuckdbType logical_type(const Type& type) {
  const DuckdbApi& duck = duckdb_api();
  if (type.is_decimal()) {
    const int precision = std::max(type.precision, kNarrowPrecision);
    return DuckdbType(duck.create_decimal_type(static_cast<std::uint8_t>(precision),
                                               static_cast<std::uint8_t>(type.scale)));
  }
  switch (type.kind) {
    case TypeKind::integer:
      return DuckdbType(duck.create_logical_type(DUCKDB_TYPE_BIGINT));
    case TypeKind::date:
      return DuckdbType(duck.create_logical_type(DUCKDB_TYPE_DATE));
    case TypeKind::timestamp:
      return DuckdbType(duck.create_logical_type(DUCKDB_TYPE_TIMESTAMP));
    case TypeKind::boolean:
      return DuckdbType(duck.create_logical_type(DUCKDB_TYPE_BOOLEAN));
    default:
      return DuckdbType(duck.create_logical_type(DUCKDB_TYPE_VARCHAR));
  }
}

ColumnWriter::ColumnWriter(void* vector)
    : vector_(vector), data_(duckdb_api().vector_get_data(static_cast<duckdb_vector>(vector))) {}

std::uint64_t* ColumnWriter::writable_validity() {
  if (validity_ == nullptr) {
    const DuckdbApi& duck = duckdb_api();
    auto* vector = static_cast<duckdb_vector>(vector_);
    duck.vector_ensure_validity_writable(vector);
    validity_ = duck.vector_get_validity(vector);
  }
  return validity_;
}

void ColumnWriter::set_null(std::size_t row) {
  writable_validity()[row / 64] &= ~(std::uint64_t{1} << (row % 64));
}

void ColumnWriter::set_all_null(std::size_t rows) {
  std::uint64_t* validity = writable_validity();
  std::fill(validity, validity + (rows + 63) / 64, std::uint64_t{0});
}

void ColumnWriter::set_valid(std::size_t row) {
  writable_validity()[row / 64] |= std::uint64_t{1} << (row % 64);
}

void ColumnWriter::set_text(std::size_t row, std::string_view value) {
  if (value.size() <= kInlineBytes) {
    // Nearly all texts of a business are this short and ASCII: what DuckDB keeps in the cell itself
    // needs no call. It looks whether other texts are sound UTF-8.
    std::array<char, 16> bytes{};
    if (!value.empty()) std::memcpy(bytes.data(), value.data(), value.size());
    const auto words = std::bit_cast<std::array<std::uint64_t, 2>>(bytes);
    if (((words[0] | words[1]) & 0x8080808080808080U) == 0) {
      StringRef& cell = static_cast<StringRef*>(data_)[row];
      cell.length = static_cast<std::uint32_t>(value.size());
      std::memcpy(cell.prefix, bytes.data(), sizeof cell.prefix);
      std::memcpy(cell.rest, bytes.data() + sizeof cell.prefix, sizeof cell.rest);
      return;
    }
  }
  duckdb_api().vector_assign_string_element_len(static_cast<duckdb_vector>(vector_), row,
                                                value.data(), value.size());
}

ColumnWriter ColumnWriter::field(std::size_t index) {
  return ColumnWriter(
      duckdb_api().struct_vector_get_child(static_cast<duckdb_vector>(vector_), index));
}

void Engine::add_function(const ScalarFunction& function) {
  const DuckdbApi& duck = duckdb_api();
  DuckdbHandle<duckdb_scalar_function, &DuckdbApi::destroy_scalar_function> handle(
      duck.create_scalar_function());
  duck.scalar_function_set_name(handle.get(), function.name.c_str());
  for (const Type& parameter : function.parameters)
    duck.scalar_function_add_parameter(handle.get(), logical_type(parameter).get());
  duck.scalar_function_set_return_type(handle.get(), result_type(function).get());
  duck.scalar_function_set_special_handling(handle.get());
  if (function.is_volatile) duck.scalar_function_set_volatile(handle.get());
  duck.scalar_function_set_extra_info(
      handle.get(), new RegisteredFunction{function, state_.get()},
      [](void* data) { delete static_cast<RegisteredFunction*>(data); });
  duck.scalar_function_set_function(handle.get(), &evaluate);
  if (duck.register_scalar_function(state_->connection, handle.get()) != DuckDBSuccess)
    throw Error(ErrorClass::bug, "cannot register SQL function '" + function.name + "'");
  state_->functions.insert(function.name);
}

bool Engine::has_function(const std::string& name) const {
  return state_->functions.contains(name);
}

void Engine::add_source(const std::string& name, std::vector<Column> columns,
                        std::shared_ptr<TableSource> source) {
  const DuckdbApi& duck = duckdb_api();
  const TableFunction handle(duck.create_table_function());
  duck.table_function_set_extra_info(
      handle.get(), new RegisteredSource{std::move(columns), std::move(source), state_.get()},
      [](void* data) { delete static_cast<RegisteredSource*>(data); });
  duck.table_function_set_bind(handle.get(), &bind_source<RegisteredSource>);
  duck.table_function_set_init(handle.get(), &init_source);
  duck.table_function_set_local_init(handle.get(), &open_source_cursor);
  duck.table_function_set_function(handle.get(), &fill_from_source);
  register_table(*state_, name, handle);
}

void Engine::add_kept_rows(const std::string& name, std::vector<Column> columns,
                           std::shared_ptr<KeptRows> rows) {
  const DuckdbApi& duck = duckdb_api();
  const TableFunction handle(duck.create_table_function());
  duck.table_function_set_extra_info(
      handle.get(), new RegisteredRows{std::move(columns), std::move(rows), state_.get()},
      [](void* data) { delete static_cast<RegisteredRows*>(data); });
  duck.table_function_supports_projection_pushdown(handle.get(), true);
  duck.table_function_set_bind(handle.get(), &bind_kept_rows);
  duck.table_function_set_init(handle.get(), &open_kept_rows);
  duck.table_function_set_function(handle.get(), &fill_from_kept_rows);
  register_table(*state_, name, handle);
}

}  // namespace tallymill
