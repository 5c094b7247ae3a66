#include "rules/rule_value.h"

#include <array>
#include <charconv>
#include <cmath>

#include "core/money.h"
#include "core/time/date.h"
#include "rules/lua_value.h"

namespace tallymill {
namespace {

constexpr int kRatioScale = 9;

template <class T>
std::optional<json::value> exact(const Parsed<T>& parsed) {
  if (!parsed || parsed.value > kMaxExact || parsed.value < -kMaxExact) return std::nullopt;
  return json::value(static_cast<std::int64_t>(parsed.value));
}

/// As Lua prints it: 14 significant digits.
std::string shown_number(double number) {
  std::array<char, 32> text;
  const auto [end, problem] =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::general, 14);
  return problem == std::errc{} ? std::string(text.data(), end) : std::string("a number");
}

}  // namespace

std::optional<json::value> lua_value_from_text(const Type& type, std::string_view text) {
  switch (type.kind) {
    case TypeKind::integer:
      return exact(parse_integer(text));
    case TypeKind::money:
    case TypeKind::decimal:
      return exact(parse_decimal(text, type.precision, type.scale, true));
    case TypeKind::ratio: {
      const auto units = parse_decimal(text, 18, kRatioScale, true);
      if (!units) return std::nullopt;
      return json::value(static_cast<double>(units.value) / kRatioUnits);
    }
    case TypeKind::date: {
      const auto date = parse_date(text);
      if (!date) return std::nullopt;
      return json::value(static_cast<std::int64_t>(date.value.days));
    }
    case TypeKind::timestamp:
      return exact(parse_timestamp(text));
    case TypeKind::boolean:
      if (text != "true" && text != "false") return std::nullopt;
      return json::value(text == "true");
    default:
      return json::value(json::string(text));
  }
}

std::string lua_value_text(const Type& type, const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_bool()) return value.get_bool() ? "true" : "false";
  if (!value.is_number()) return json::serialize(value);
  const bool is_whole = value.is_int64();
  const std::int64_t whole = is_whole ? value.get_int64() : 0;
  if (is_whole && (type.kind == TypeKind::money || type.kind == TypeKind::decimal))
    return format_decimal(whole, type.scale);
  if (type.kind == TypeKind::ratio) {
    const auto units = static_cast<std::int64_t>(std::llround(value.to_number<double>() * 1e9));
    std::string text = format_decimal(units, kRatioScale);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
  }
  if (is_whole && type.kind == TypeKind::date) return Date{static_cast<std::int32_t>(whole)}.text();
  if (is_whole && type.kind == TypeKind::timestamp) return format_timestamp(whole);
  return is_whole ? std::to_string(whole) : json::serialize(value);
}

TypedValue typed_from_lua(const Type& type, const json::value& value) {
  if (is_text(type)) return {.text = std::string(value.as_string())};
  return parse_typed(type, lua_value_text(type, value)).value;
}

std::string lua_value_problem(const Type& type, const json::value& value) {
  const bool is_whole = value.is_int64();
  switch (type.kind) {
    case TypeKind::integer:
      return is_whole ? "" : "a whole number";
    case TypeKind::money:
      return is_whole ? "" : "a whole number of minor units, as t.money \"1.00\" gives it";
    case TypeKind::decimal:
      return is_whole ? ""
                      : "a whole number of units, as t.decimal(\"1.0\", " +
                            std::to_string(type.scale) + ") gives it";
    case TypeKind::ratio:
      return value.is_number() ? "" : "a number, as t.ratio \"0.05\" gives it";
    case TypeKind::date:
      return is_whole ? "" : "a day number, as t.date \"2026-01-31\" gives it";
    case TypeKind::timestamp:
      return is_whole ? "" : "whole microseconds, as t.timestamp \"2026-01-31T00:00:00Z\" gives it";
    case TypeKind::boolean:
      return value.is_bool() ? "" : "true or false";
    default:
      return value.is_string() ? "" : "a text";
  }
}

std::string lua_value_kind(const json::value& value) {
  if (value.is_object() && value.get_object().contains("$function")) return "a function";
  if (value.is_object() || value.is_array()) return "a table";
  if (value.is_string()) return "the text '" + std::string(value.get_string()) + "'";
  if (value.is_null()) return "nothing";
  if (value.is_double()) return shown_number(value.get_double());
  return json::serialize(value);
}

bool is_empty_lua_table(const json::value& value) {
  return value.is_object() && value.get_object().empty();
}

}  // namespace tallymill
