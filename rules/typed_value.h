#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/money.h"
#include "datasets/engine.h"

namespace tallymill {

/// A value of a file people keep, read strictly: money and decimals as whole units, dates as day
/// numbers, timestamps as microseconds, booleans as 0 and 1; texts as they are.
struct TypedValue {
  std::int64_t number = 0;
  std::string text = {};

  friend auto operator<=>(const TypedValue&, const TypedValue&) = default;
};

/// Whether columns of `type` travel as texts.
bool is_text(const Type& type);

/// Decimals of more than 18 digits have no TypedValue.
bool has_typed_values(const Type& type);
Parsed<TypedValue> parse_typed(const Type& type, std::string_view text);

/// For people, and parse_typed() reads it back: 12.30, 2026-01-31, true.
std::string typed_text(const Type& type, const TypedValue& value);

/// Writes it as a column of `type` holds it.
void write_typed(const Type& type, const TypedValue& value, std::size_t row, ColumnWriter& writer);

/// "an amount such as 12.30": what parse_typed() takes, for messages.
std::string typed_example(const Type& type);

}  // namespace tallymill
