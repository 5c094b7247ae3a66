#include "books/exact_functions.h"

#include "core/error.h"
#include "core/money.h"

namespace tallymill::books {
namespace {

constexpr std::int64_t kMaxDecimal18 = 999'999'999'999'999'999;

bool any_null(std::span<const ColumnView> arguments, std::size_t row) {
  for (const ColumnView& argument : arguments)
    if (argument.is_null(row)) return true;
  return false;
}

void ensure(Engine& engine, ScalarFunction function) {
  if (!engine.has_function(function.name)) engine.add_function(function);
}

/// A function whose value is null where an argument is.
template <class Value>
ScalarFunction strict_function(std::string name, std::vector<Type> parameters, Type result,
                               Value value) {
  return {.name = std::move(name),
          .parameters = std::move(parameters),
          .result = {{.name = "value", .type = std::move(result)}},
          .evaluate = [value](std::span<const ColumnView> arguments, std::size_t rows,
                              ColumnWriter& result_column) {
            for (std::size_t row = 0; row < rows; ++row) {
              if (any_null(arguments, row))
                result_column.set_null(row);
              else
                value(arguments, row, result_column);
            }
          }};
}

}  // namespace

std::string units_sql(Engine& engine, const Type& type, const std::string& expression) {
  if (type.kind == TypeKind::integer) return expression;
  const std::string name = "tm_units_" + std::to_string(type.scale);
  // A decimal of up to 18 digits is its units inside DuckDB; only the type changes.
  ensure(engine, strict_function(
                     name, {type}, Type::integer(),
                     [](std::span<const ColumnView> arguments, std::size_t row, ColumnWriter& to) {
                       to.as<std::int64_t>()[row] = arguments[0].as<std::int64_t>()[row];
                     }));
  return name + "(" + expression + ")";
}

std::string amount_sql(Engine& engine, const Type& type, const std::string& expression) {
  if (type.kind == TypeKind::integer) return expression;
  const std::string name = "tm_amount_" + std::to_string(type.scale);
  const int scale = type.scale;
  ensure(engine,
         strict_function(
             name, {Type::integer()}, type,
             [scale](std::span<const ColumnView> arguments, std::size_t row, ColumnWriter& to) {
               const std::int64_t units = arguments[0].as<std::int64_t>()[row];
               if (units > kMaxDecimal18 || units < -kMaxDecimal18)
                 throw Error(ErrorClass::data, "the amount " + format_decimal(units, scale) +
                                                   " has more than 18 digits");
               to.as<std::int64_t>()[row] = units;
             }));
  return name + "(" + expression + ")";
}

std::string units_text_sql(Engine& engine, const std::string& units, const std::string& scale) {
  ensure(engine, strict_function(
                     "tm_units_text", {Type::decimal(38, 0), Type::integer()}, Type::text(),
                     [](std::span<const ColumnView> arguments, std::size_t row, ColumnWriter& to) {
                       to.set_text(
                           row,
                           format_decimal(arguments[0].as<Int128>()[row],
                                          static_cast<int>(arguments[1].as<std::int64_t>()[row])));
                     }));
  return "tm_units_text(" + units + ", " + scale + ")";
}

}  // namespace tallymill::books
