#include <cstring>

#include "datasets/engine_state.h"
#include "datasets/rounding.h"

namespace tallymill {
namespace {

constexpr int kRatioScale = 9;
constexpr Int128 kMaxDecimal18 = 999'999'999'999'999'999;

/// What the three functions differ in; DuckDB holds one per function.
struct MoneyFunction {
  std::string name;
  std::size_t numbers = 1;  ///< leading exact numbers
  bool has_mode = false;    ///< then a rounding mode follows
  int result_scale = 2;
  bool zero_divisor_is_null = false;
  EngineState* engine = nullptr;
};

bool is_exact(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_DECIMAL:
    case DUCKDB_TYPE_SQLNULL:
      return true;
    default:
      return false;
  }
}

/// A vector of integers or decimals of any width, read as scaled 128-bit integers.
class ExactColumn {
 public:
  explicit ExactColumn(duckdb_vector vector)
      : data_(duckdb_api().vector_get_data(vector)),
        validity_(duckdb_api().vector_get_validity(vector)) {
    const DuckdbType type(duckdb_api().vector_get_column_type(vector));
    physical_ = duckdb_api().get_type_id(type.get());
    if (physical_ == DUCKDB_TYPE_DECIMAL) {
      scale_ = duckdb_api().decimal_scale(type.get());
      physical_ = duckdb_api().decimal_internal_type(type.get());
    }
  }
  int scale() const { return scale_; }
  bool is_null(std::size_t row) const {
    return physical_ == DUCKDB_TYPE_SQLNULL ||
           (validity_ != nullptr && (validity_[row / 64] >> (row % 64) & 1U) == 0);
  }
  Int128 operator[](std::size_t row) const {
    switch (physical_) {
      case DUCKDB_TYPE_TINYINT:
        return at<std::int8_t>(row);
      case DUCKDB_TYPE_SMALLINT:
        return at<std::int16_t>(row);
      case DUCKDB_TYPE_INTEGER:
        return at<std::int32_t>(row);
      case DUCKDB_TYPE_BIGINT:
        return at<std::int64_t>(row);
      case DUCKDB_TYPE_UTINYINT:
        return at<std::uint8_t>(row);
      case DUCKDB_TYPE_USMALLINT:
        return at<std::uint16_t>(row);
      case DUCKDB_TYPE_UINTEGER:
        return at<std::uint32_t>(row);
      case DUCKDB_TYPE_UBIGINT:
        return at<std::uint64_t>(row);
      default:
        return at<Int128>(row);
    }
  }

 private:
  template <class T>
  T at(std::size_t row) const {
    T value;
    std::memcpy(&value, static_cast<const char*>(data_) + row * sizeof(T), sizeof(T));
    return value;
  }
  const void* data_;
  const std::uint64_t* validity_;
  duckdb_type physical_ = DUCKDB_TYPE_INVALID;
  int scale_ = 0;
};

Rounding mode_of(const MoneyFunction& function, std::string_view word) {
  if (const auto mode = rounding_from(word)) return *mode;
  throw Error(ErrorClass::config,
              function.name + ": unknown rounding mode '" + std::string(word) +
                  "'; expected half_even, half_odd, half_up, half_down, half_ceiling, "
                  "half_floor, down or up");
}

std::int64_t fitted(const MoneyFunction& function, std::optional<Int128> value) {
  if (value && *value <= kMaxDecimal18 && *value >= -kMaxDecimal18)
    return static_cast<std::int64_t>(*value);
  throw Error(ErrorClass::data,
              function.name + ": the result has more than 18 digits" +
                  (value ? ": " + format_decimal(*value, function.result_scale) : std::string()));
}

void evaluate_chunk(const MoneyFunction& function, duckdb_data_chunk input, duckdb_vector output) {
  const DuckdbApi& duck = duckdb_api();
  const ExactColumn number(duck.data_chunk_get_vector(input, 0));
  const ExactColumn divisor(duck.data_chunk_get_vector(input, function.numbers - 1));
  const bool divides = function.numbers == 2;
  const int shift = function.result_scale - number.scale() + (divides ? divisor.scale() : 0);
  ColumnView modes;
  if (function.has_mode) {
    duckdb_vector vector = duck.data_chunk_get_vector(input, function.numbers);
    modes = {duck.vector_get_data(vector), duck.vector_get_validity(vector)};
  }
  ColumnWriter writer(output);
  Rounding mode = Rounding::half_even;
  std::string_view mode_word = "half_even";
  for (std::size_t row = 0; row < duck.data_chunk_get_size(input); ++row) {
    if (number.is_null(row) || divisor.is_null(row) || modes.is_null(row)) {
      writer.set_null(row);
      continue;
    }
    if (function.has_mode && modes.as<StringRef>()[row].view() != mode_word) {
      mode_word = modes.as<StringRef>()[row].view();
      mode = mode_of(function, mode_word);
    }
    const Int128 by = divides ? divisor[row] : 1;
    if (by == 0 && function.zero_divisor_is_null) {
      writer.set_null(row);
      continue;
    }
    if (by == 0)
      throw Error(ErrorClass::data,
                  function.name + ": division by zero; guard it with nullif() or case");
    writer.as<std::int64_t>()[row] =
        fitted(function, rounded_quotient(number[row], by, shift, mode));
  }
}

void evaluate(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const DuckdbApi& duck = duckdb_api();
  const auto& function =
      *static_cast<const MoneyFunction*>(duck.scalar_function_get_extra_info(info));
  function.engine->guarded(
      [&] { evaluate_chunk(function, input, output); },
      [&](const char* message) { duck.scalar_function_set_error(info, message); });
}

/// Refuses doubles and texts while SQL is bound, long before a row is seen.
void check_arguments(duckdb_bind_info info) {
  const DuckdbApi& duck = duckdb_api();
  const auto& function =
      *static_cast<const MoneyFunction*>(duck.scalar_function_bind_get_extra_info(info));
  for (idx_t i = 0; i < function.numbers; ++i) {
    DuckdbHandle<duckdb_expression, &DuckdbApi::destroy_expression> argument(
        duck.scalar_function_bind_get_argument(info, i));
    const DuckdbType type(duck.expression_return_type(argument.get()));
    if (is_exact(duck.get_type_id(type.get()))) continue;
    duck.scalar_function_bind_set_error(
        info,
        (function.name + " takes integers and decimals, got " + type_text(type.get())).c_str());
    return;
  }
}

void add(EngineState& state, MoneyFunction function) {
  const DuckdbApi& duck = duckdb_api();
  function.engine = &state;
  DuckdbHandle<duckdb_scalar_function, &DuckdbApi::destroy_scalar_function> handle(
      duck.create_scalar_function());
  duck.scalar_function_set_name(handle.get(), function.name.c_str());
  const DuckdbType any(duck.create_logical_type(DUCKDB_TYPE_ANY));
  for (std::size_t i = 0; i < function.numbers; ++i)
    duck.scalar_function_add_parameter(handle.get(), any.get());
  if (function.has_mode)
    duck.scalar_function_add_parameter(handle.get(), logical_type(Type::text()).get());
  duck.scalar_function_set_return_type(handle.get(),
                                       logical_type(Type::money(function.result_scale)).get());
  duck.scalar_function_set_special_handling(handle.get());
  duck.scalar_function_set_bind(handle.get(), &check_arguments);
  duck.scalar_function_set_function(handle.get(), &evaluate);
  const std::string name = function.name;
  duck.scalar_function_set_extra_info(handle.get(), new MoneyFunction(std::move(function)),
                                      [](void* data) { delete static_cast<MoneyFunction*>(data); });
  if (duck.register_scalar_function(state.connection, handle.get()) != DuckDBSuccess)
    throw Error(ErrorClass::bug, "cannot register SQL function '" + name + "'");
}

}  // namespace

void register_money_functions(EngineState& state, int scale) {
  add(state, {.name = "round_money", .numbers = 1, .has_mode = true, .result_scale = scale});
  add(state, {.name = "div_money", .numbers = 2, .has_mode = true, .result_scale = scale});
  // No whole, no share: a null says so without ending the job.
  add(state, {.name = "share",
              .numbers = 2,
              .has_mode = false,
              .result_scale = kRatioScale,
              .zero_divisor_is_null = true});
}

}  // namespace tallymill
