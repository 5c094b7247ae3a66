#pragma once

#include <span>
#include <string_view>

namespace tallymill {

/// One file of lua/, embedded by cmake/TallymillLua.cmake.
struct LuaModule {
  std::string_view name;  ///< "tallymill.texts" for lua/tallymill/texts.lua
  std::string_view text;
};
std::span<const LuaModule> lua_library();

}  // namespace tallymill
