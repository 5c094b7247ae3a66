#pragma once

#include <cstdint>

#include "core/json.h"

struct lua_State;

namespace tallymill {

/// Whole numbers beyond 2^53 are not exact in Lua.
inline constexpr std::int64_t kMaxExact = 1LL << 53;
/// A ratio travels as so many parts of one, and is a plain number in Lua.
inline constexpr double kRatioUnits = 1e9;

/// Pushes plain data: null as nil, arrays as 1-based tables. May raise a Lua error (out of memory),
/// so it is called in protected code only.
void push_json(lua_State* lua, const json::value& value);

/// The plain data at `index`; whole numbers as integers, a table with keys 1..n as an array, other
/// tables as objects in key order, an empty table as an object. Functions and the like become null.
json::value to_json(lua_State* lua, int index);

}  // namespace tallymill
