#include "rules/lua_value.h"

#include <cmath>
#include <lua.hpp>
#include <map>
#include <string>

namespace tallymill {
namespace {

json::value number_to_json(double number) {
  if (std::floor(number) == number && std::fabs(number) <= static_cast<double>(kMaxExact))
    return static_cast<std::int64_t>(number);
  return number;
}

std::string_view text_at(lua_State* lua, int index) {
  std::size_t length = 0;
  const char* text = lua_tolstring(lua, index, &length);
  return {text, length};
}

json::value table_to_json(lua_State* lua, int index) {
  const std::size_t length = lua_objlen(lua, index);
  json::array array;
  std::map<std::string, json::value> entries;
  std::size_t count = 0;
  lua_pushnil(lua);
  while (lua_next(lua, index) != 0) {
    ++count;
    // Never lua_tolstring on a number key: it would turn the key into a text and confuse lua_next.
    if (lua_type(lua, -2) == LUA_TSTRING)
      entries.insert_or_assign(std::string(text_at(lua, -2)), to_json(lua, -1));
    else if (lua_type(lua, -2) == LUA_TNUMBER)
      entries.insert_or_assign("[" + std::to_string(lua_tointeger(lua, -2)) + "]",
                               to_json(lua, -1));
    lua_pop(lua, 1);
  }
  if (count > 0 && length == count) {
    for (std::size_t i = 1; i <= length; ++i) {
      lua_rawgeti(lua, index, static_cast<int>(i));
      array.push_back(to_json(lua, -1));
      lua_pop(lua, 1);
    }
    return array;
  }
  json::object object;
  for (auto& [key, value] : entries) object.emplace(key, std::move(value));
  return object;
}

}  // namespace

void push_json(lua_State* lua, const json::value& value) {
  luaL_checkstack(lua, 4, "nested data");
  switch (value.kind()) {
    case json::kind::null:
      lua_pushnil(lua);
      return;
    case json::kind::bool_:
      lua_pushboolean(lua, value.get_bool() ? 1 : 0);
      return;
    case json::kind::string:
      lua_pushlstring(lua, value.get_string().data(), value.get_string().size());
      return;
    case json::kind::array: {
      const auto& array = value.get_array();
      lua_createtable(lua, static_cast<int>(array.size()), 0);
      int position = 0;
      for (const auto& item : array) {
        push_json(lua, item);
        lua_rawseti(lua, -2, ++position);
      }
      return;
    }
    case json::kind::object:
      lua_createtable(lua, 0, static_cast<int>(value.get_object().size()));
      for (const auto& entry : value.get_object()) {
        lua_pushlstring(lua, entry.key().data(), entry.key().size());
        push_json(lua, entry.value());
        lua_rawset(lua, -3);
      }
      return;
    default:
      lua_pushnumber(lua, value.to_number<double>());
  }
}

json::value to_json(lua_State* lua, int index) {
  if (index < 0) index = lua_gettop(lua) + index + 1;
  switch (lua_type(lua, index)) {
    case LUA_TBOOLEAN:
      return lua_toboolean(lua, index) != 0;
    case LUA_TNUMBER:
      return number_to_json(lua_tonumber(lua, index));
    case LUA_TSTRING:
      return json::value(json::string(text_at(lua, index)));
    case LUA_TTABLE:
      return lua_checkstack(lua, 4) != 0 ? table_to_json(lua, index) : json::value();
    default:
      return nullptr;
  }
}

}  // namespace tallymill
