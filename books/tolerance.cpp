#include "books/tolerance.h"

#include <algorithm>
#include <cstdlib>

namespace tallymill::books {
namespace {

constexpr std::int64_t kRelUnit = 1'000'000'000;

Int128 magnitude(Int128 value) { return value < 0 ? -value : value; }

std::string wide(const std::string& expression, int scale) {
  return "CAST(" + expression + " AS DECIMAL(38," + std::to_string(scale) + "))";
}

std::string part_text(std::optional<Int128> abs, std::optional<std::int64_t> rel) {
  return (abs ? format_decimal(*abs, 0) : std::string("any")) + "_" +
         (rel ? std::to_string(*rel) : std::string("any"));
}

std::string gap_sql(const std::string& left, const std::string& right, int scale) {
  return "abs(" + wide(left, scale) + " - " + wide(right, scale) + ")";
}

/// Days between two dates or timestamps, whichever is earlier.
std::string days_sql(Engine& engine, const DayWindow& window, const std::string& left,
                     const std::string& right) {
  const std::string a = "CAST(" + left + " AS DATE)";
  const std::string b = "CAST(" + right + " AS DATE)";
  if (!window.calendar) return "abs(" + a + " - " + b + ")";
  const std::string function = "tm_workdays_" + window.calendar->name();
  if (!engine.has_function(function))
    engine.add_function({.name = function,
                         .parameters = {Type::date(), Type::date()},
                         .result = {{.name = "value", .type = Type::integer()}},
                         .evaluate = [window](std::span<const ColumnView> arguments,
                                              std::size_t rows, ColumnWriter& result) {
                           for (std::size_t row = 0; row < rows; ++row) {
                             if (arguments[0].is_null(row) || arguments[1].is_null(row))
                               result.set_null(row);
                             else
                               result.as<std::int64_t>()[row] =
                                   window.between(arguments[0].as<std::int32_t>()[row],
                                                  arguments[1].as<std::int32_t>()[row]);
                           }
                         }});
  return function + "(" + a + ", " + b + ")";
}

}  // namespace

Int128 allowed_difference(Int128 left, Int128 right, std::optional<Int128> abs,
                          std::optional<std::int64_t> rel) {
  if (!rel) return abs.value_or(0);
  const Int128 larger = std::max(magnitude(left), magnitude(right));
  // Taken apart so that a sum of 38 digits times the share does not overflow.
  const Int128 share = larger / kRelUnit * *rel + larger % kRelUnit * *rel / kRelUnit;
  return abs ? std::min(*abs, share) : share;
}

Int128 Tolerance::allowed(Int128 left, Int128 right) const {
  const Int128 larger = std::max(magnitude(left), magnitude(right));
  const auto band = std::find_if(bands.begin(), bands.end(),
                                 [&](const Band& each) { return larger <= each.up_to; });
  return band == bands.end() ? allowed_difference(left, right, abs, rel)
                             : allowed_difference(left, right, band->abs, band->rel);
}

std::string Tolerance::text() const {
  std::string text = part_text(abs, rel);
  for (const Band& band : bands)
    text += "_to_" + format_decimal(band.up_to, 0) + "_" + part_text(band.abs, band.rel);
  return text;
}

std::int64_t DayWindow::between(std::int32_t left, std::int32_t right) const {
  if (!calendar) return std::abs(std::int64_t{left} - right);
  const auto [first, last] = std::minmax(left, right);
  return calendar->workdays_between(Date{first}, Date{last});
}

ComparedColumn::Kind ComparedColumn::kind() const {
  if (type.is_decimal() || type.kind == TypeKind::integer) return Kind::number;
  if (type.kind == TypeKind::date || type.kind == TypeKind::timestamp) return Kind::day;
  return Kind::other;
}

std::string allowed_sql(Engine& engine, const Tolerance& tolerance, int scale,
                        const std::string& left, const std::string& right) {
  if (!tolerance.rel && tolerance.bands.empty())
    return wide("'" + format_decimal(tolerance.abs.value_or(0), scale) + "'", scale);
  // The tolerance is part of the function, so it is part of its name.
  const std::string function = "tm_allowed_" + std::to_string(scale) + "_" + tolerance.text();
  if (!engine.has_function(function)) {
    const Type type = Type::decimal(38, scale);
    engine.add_function({.name = function,
                         .parameters = {type, type},
                         .result = {{.name = "value", .type = type}},
                         .evaluate = [tolerance](std::span<const ColumnView> arguments,
                                                 std::size_t rows, ColumnWriter& result) {
                           for (std::size_t row = 0; row < rows; ++row) {
                             if (arguments[0].is_null(row) || arguments[1].is_null(row))
                               result.set_null(row);
                             else
                               result.as<Int128>()[row] = tolerance.allowed(
                                   arguments[0].as<Int128>()[row], arguments[1].as<Int128>()[row]);
                           }
                         }});
  }
  return "\"" + function + "\"(" + wide(left, scale) + ", " + wide(right, scale) + ")";
}

std::string within_sql(Engine& engine, const ComparedColumn& column, const std::string& left,
                       const std::string& right) {
  switch (column.kind()) {
    case ComparedColumn::Kind::number:
      if (column.tolerance.is_exact()) return "false";
      return gap_sql(left, right, column.type.scale) +
             " <= " + allowed_sql(engine, column.tolerance, column.type.scale, left, right);
    case ComparedColumn::Kind::day:
      if (!column.window) return "false";
      return days_sql(engine, *column.window, left, right) +
             " <= " + std::to_string(column.window->days);
    case ComparedColumn::Kind::other:
      break;
  }
  return "false";
}

std::string distance_sql(Engine& engine, const ComparedColumn& column, const std::string& left,
                         const std::string& right) {
  std::string distance = "'differs'";
  if (column.is_sensitive) return distance;
  if (column.kind() == ComparedColumn::Kind::number) {
    distance = "CAST(" + gap_sql(left, right, column.type.scale) + " AS VARCHAR)";
  } else if (column.kind() == ComparedColumn::Kind::day) {
    const DayWindow window = column.window.value_or(DayWindow{});
    distance = "(" + days_sql(engine, window, left, right) + ") || '" +
               (window.calendar ? " work days" : " days") + "'";
  }
  return "CASE WHEN " + left + " IS NULL OR " + right + " IS NULL THEN 'missing' ELSE " + distance +
         " END";
}

}  // namespace tallymill::books
