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

struct Share {
  std::int64_t quota;
  std::int64_t bucket;
  Int128 remainder;
};

Share share_of(std::int64_t amount, std::int64_t weight, Int128 total) {
  const UInt128 product = static_cast<UInt128>(amount) * static_cast<UInt128>(weight);
  const auto divisor = static_cast<UInt128>(total);
  const UInt128 quota = product / divisor;
  const UInt128 remainder = product - quota * divisor;
  // Rounding the width up keeps the last bucket within range; the order of remainders is kept.
  const UInt128 width = divisor / kRemainderBuckets + 1;
  return {static_cast<std::int64_t>(quota), static_cast<std::int64_t>(remainder / width),
          static_cast<Int128>(remainder)};
}

void evaluate_share(std::span<const ColumnView> arguments, std::size_t rows, ColumnWriter& result) {
  ColumnWriter quotas = result.field(0);
  ColumnWriter buckets = result.field(1);
  ColumnWriter remainders = result.field(2);
  for (std::size_t row = 0; row < rows; ++row) {
    // A total of zero has no shares; such pools never get here, but must not divide if they did.
    if (any_null(arguments, row) || arguments[2].as<Int128>()[row] <= 0) {
      result.set_null(row);
      continue;
    }
    const Share share =
        share_of(arguments[0].as<std::int64_t>()[row], arguments[1].as<std::int64_t>()[row],
                 arguments[2].as<Int128>()[row]);
    quotas.as<std::int64_t>()[row] = share.quota;
    buckets.as<std::int64_t>()[row] = share.bucket;
    remainders.as<Int128>()[row] = share.remainder;
  }
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

std::string share_sql(Engine& engine, const std::string& amount, const std::string& weight,
                      const std::string& total) {
  ensure(engine, {.name = "tm_share",
                  .parameters = {Type::integer(), Type::integer(), Type::decimal(38, 0)},
                  .result = {{.name = "quota", .type = Type::integer()},
                             {.name = "bucket", .type = Type::integer()},
                             {.name = "remainder", .type = Type::decimal(38, 0)}},
                  .result_is_struct = true,
                  .evaluate = &evaluate_share});
  return "tm_share(" + amount + ", " + weight + ", " + total + ")";
}

}  // namespace tallymill::books
