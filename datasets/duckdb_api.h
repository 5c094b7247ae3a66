#pragma once

#include <duckdb.h>

namespace tallymill {

/// The functions of DuckDB's C API this project uses, without their `duckdb_` prefix. All of them
/// exist in 1.4.4, whose header we compile against.
// clang-format off
#define TALLYMILL_DUCKDB_FUNCTIONS(X)                                                              \
  X(library_version) X(free) X(create_config) X(set_config) X(destroy_config) X(open_ext)          \
  X(close) X(connect) X(disconnect) X(interrupt) X(extract_statements)                             \
  X(extract_statements_error) X(prepare_extracted_statement) X(destroy_extracted)                  \
  X(prepare_error) X(destroy_prepare) X(prepared_statement_type)                                   \
  X(prepared_statement_column_count) X(prepared_statement_column_name)                             \
  X(prepared_statement_column_logical_type) X(nparams) X(bind_null) X(bind_varchar_length)         \
  X(query) X(bind_int64) X(bind_boolean) X(execute_prepared) X(execute_prepared_streaming) X(result_error) X(destroy_result)              \
  X(column_count) X(column_name) X(column_logical_type) X(fetch_chunk) X(destroy_data_chunk)       \
  X(data_chunk_get_size) X(data_chunk_set_size) X(data_chunk_get_vector)                           \
  X(data_chunk_get_column_count) X(vector_get_data) X(vector_get_validity)                         \
  X(vector_ensure_validity_writable) X(vector_assign_string_element_len)                           \
  X(vector_get_column_type) X(struct_vector_get_child) X(list_vector_get_child) X(vector_size)     \
  X(create_logical_type) X(create_decimal_type) X(create_struct_type) X(destroy_logical_type)      \
  X(get_type_id) X(decimal_width) X(decimal_scale) X(decimal_internal_type) X(enum_internal_type)  \
  X(enum_dictionary_value) X(list_type_child_type) X(struct_type_child_count)                      \
  X(struct_type_child_name) X(struct_type_child_type) X(create_scalar_function)                    \
  X(destroy_scalar_function) X(scalar_function_set_name) X(scalar_function_set_special_handling)   \
  X(scalar_function_add_parameter) X(scalar_function_set_return_type)                              \
  X(scalar_function_set_extra_info) X(scalar_function_set_function) X(register_scalar_function)    \
  X(scalar_function_get_extra_info) X(scalar_function_set_error) X(scalar_function_set_bind)       \
  X(scalar_function_set_volatile) X(scalar_function_bind_set_error)                                \
  X(scalar_function_bind_get_extra_info) X(scalar_function_bind_get_argument)                      \
  X(scalar_function_bind_get_argument_count) X(expression_return_type) X(destroy_expression)       \
  X(create_aggregate_function) X(destroy_aggregate_function) X(aggregate_function_set_name)        \
  X(aggregate_function_add_parameter) X(aggregate_function_set_return_type)                        \
  X(aggregate_function_set_functions) X(aggregate_function_set_special_handling)                   \
  X(aggregate_function_set_extra_info) X(aggregate_function_get_extra_info)                        \
  X(register_aggregate_function) X(create_table_function) X(destroy_table_function)                \
  X(table_function_set_name) X(table_function_set_extra_info) X(table_function_set_bind)           \
  X(table_function_set_init) X(table_function_set_local_init) X(table_function_set_function)       \
  X(register_table_function) X(bind_get_extra_info) X(bind_add_result_column)                      \
  X(init_get_extra_info) X(init_set_init_data) X(init_set_max_threads) X(init_set_error)           \
  X(init_get_column_count) X(init_get_column_index) X(function_get_init_data)                      \
  X(bind_set_cardinality)                                                                          \
  X(table_function_supports_projection_pushdown)                                                   \
  X(function_get_extra_info) X(function_get_local_init_data) X(function_set_error)                 \
  X(aggregate_function_set_error) X(aggregate_function_set_destructor)
// clang-format on

/// `duckdb_api().connect(...)` is duckdb_connect(...) of the library opened at run time.
struct DuckdbApi {
#define TALLYMILL_DUCKDB_MEMBER(name) decltype(&::duckdb_##name) name = nullptr;
  TALLYMILL_DUCKDB_FUNCTIONS(TALLYMILL_DUCKDB_MEMBER)
#undef TALLYMILL_DUCKDB_MEMBER
};

/// Opens libduckdb.so on the first call, for good (core/shared_library.h). Throws Error(config)
/// saying where it looked, or that it is not version 1.4.4. Thread-safe.
const DuckdbApi& duckdb_api();

/// Owns one handle of DuckDB's C API.
template <class Handle, auto kDestroy>
class DuckdbHandle {
 public:
  DuckdbHandle() = default;
  explicit DuckdbHandle(Handle handle) : handle_(handle) {}
  DuckdbHandle(DuckdbHandle&& other) noexcept : handle_(other.handle_) { other.handle_ = nullptr; }
  DuckdbHandle& operator=(DuckdbHandle&& other) noexcept {
    reset();
    handle_ = other.handle_;
    other.handle_ = nullptr;
    return *this;
  }
  ~DuckdbHandle() { reset(); }
  Handle get() const { return handle_; }
  /// For functions that fill a handle.
  Handle* out() {
    reset();
    return &handle_;
  }

 private:
  void reset() {
    if (handle_ != nullptr) (duckdb_api().*kDestroy)(&handle_);
    handle_ = nullptr;
  }
  Handle handle_ = nullptr;
};

using DuckdbType = DuckdbHandle<duckdb_logical_type, &DuckdbApi::destroy_logical_type>;
using DuckdbChunk = DuckdbHandle<duckdb_data_chunk, &DuckdbApi::destroy_data_chunk>;
using DuckdbStatement = DuckdbHandle<duckdb_prepared_statement, &DuckdbApi::destroy_prepare>;
using DuckdbStatements = DuckdbHandle<duckdb_extracted_statements, &DuckdbApi::destroy_extracted>;

}  // namespace tallymill
