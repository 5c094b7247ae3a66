#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json.h"
#include "datasets/type.h"
#include "rules/typed_value.h"

namespace tallymill {

/// `text` as the value a column of `type` has in Lua: money and decimals as whole units, ratios as
/// numbers, dates as day numbers, timestamps as microseconds. Empty if it is not of that type.
std::optional<json::value> lua_value_from_text(const Type& type, std::string_view text);

/// A Lua value (as plain data) of `type` for people: 1230 of money is "12.30".
std::string lua_value_text(const Type& type, const json::value& value);

/// The same value as files have it; `value` is of that type.
TypedValue typed_from_lua(const Type& type, const json::value& value);

/// What `value` would have to be, e.g. "a whole number, as t.money \"1.00\" gives it"; empty if it
/// can stand in a column of `type`.
std::string lua_value_problem(const Type& type, const json::value& value);

/// What `value` is, for messages: "a table", "the text 'x'", "12.5".
std::string lua_value_kind(const json::value& value);

/// Whether it is `{}`, which may stand for a list or for a table with keys.
bool is_empty_lua_table(const json::value& value);

}  // namespace tallymill
