#include "rules/typed_value.h"

#include "core/time/date.h"

namespace tallymill {
namespace {

constexpr int kMostDigits = 18;

template <class T>
Parsed<TypedValue> as_number(const Parsed<T>& parsed) {
  return {{static_cast<std::int64_t>(parsed.value), {}}, parsed.problem};
}

}  // namespace

bool is_text(const Type& type) {
  return type.kind == TypeKind::text || type.kind == TypeKind::enumeration;
}

bool has_typed_values(const Type& type) {
  return !type.is_decimal() || type.precision <= kMostDigits;
}

Parsed<TypedValue> parse_typed(const Type& type, std::string_view text) {
  switch (type.kind) {
    case TypeKind::integer:
      return as_number(parse_integer(text));
    case TypeKind::money:
    case TypeKind::decimal:
    case TypeKind::ratio:
      return as_number(parse_decimal(text, type.precision, type.scale, true));
    case TypeKind::date: {
      const Parsed<Date> date = parse_date(text);
      return {{date.value.days, {}}, date.problem};
    }
    case TypeKind::timestamp:
      return as_number(parse_timestamp(text));
    case TypeKind::boolean:
      if (text == "true" || text == "false") return {{text == "true" ? 1 : 0, {}}};
      return {{}, ParseProblem::not_a_boolean};
    default:
      return {{0, std::string(text)}};
  }
}

std::string typed_text(const Type& type, const TypedValue& value) {
  switch (type.kind) {
    case TypeKind::text:
    case TypeKind::enumeration:
      return value.text;
    case TypeKind::boolean:
      return value.number != 0 ? "true" : "false";
    case TypeKind::date:
      return Date{static_cast<std::int32_t>(value.number)}.text();
    case TypeKind::timestamp:
      return format_timestamp(value.number);
    case TypeKind::ratio: {
      std::string text = format_decimal(value.number, type.scale);
      text.erase(text.find_last_not_of('0') + 1);
      if (text.ends_with('.')) text.pop_back();
      return text;
    }
    default:
      return format_decimal(value.number, type.scale);
  }
}

void write_typed(const Type& type, const TypedValue& value, std::size_t row, ColumnWriter& writer) {
  switch (type.kind) {
    case TypeKind::text:
    case TypeKind::enumeration:
      writer.set_text(row, value.text);
      return;
    case TypeKind::date:
      writer.as<std::int32_t>()[row] = static_cast<std::int32_t>(value.number);
      return;
    case TypeKind::boolean:
      writer.as<bool>()[row] = value.number != 0;
      return;
    default:
      writer.as<std::int64_t>()[row] = value.number;
  }
}

std::string typed_example(const Type& type) {
  switch (type.kind) {
    case TypeKind::integer:
      return "a whole number such as 12";
    case TypeKind::money:
    case TypeKind::decimal:
      return "a number with at most " + std::to_string(type.scale) + " fraction digits, such as " +
             format_decimal(Int128{123}, type.scale);
    case TypeKind::ratio:
      return "a number such as 0.05";
    case TypeKind::date:
      return "a day such as 2026-01-31";
    case TypeKind::timestamp:
      return "an instant such as 2026-01-31T08:05:00Z";
    case TypeKind::boolean:
      return "true or false";
    default:
      return "a text";
  }
}

}  // namespace tallymill
