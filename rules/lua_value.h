#pragma once

#include "core/json.h"

struct lua_State;

namespace tallymill {

/// Pushes plain data: null as nil, arrays as 1-based tables. May raise a Lua error (out of memory),
/// so it is called in protected code only.
void push_json(lua_State* lua, const json::value& value);

/// The plain data at `index`; whole numbers as integers, a table with keys 1..n as an array, other
/// tables as objects in key order, an empty table as an object. Functions and the like become null.
json::value to_json(lua_State* lua, int index);

}  // namespace tallymill
