#include "rules/lua_state.h"

#include <cstdlib>
#include <ctime>
#include <lua.hpp>

#include "core/error.h"
#include "rules/lua_library.h"
#include "rules/lua_value.h"
#include "rules/rule_math.h"

namespace tallymill {
namespace {

/// What the host may use beyond the rules' cap, to read results after a rule hit it.
constexpr std::int64_t kHostReserve = 16LL << 20;
constexpr int kHookInstructions = 1000;

void* allocate(void* user_data, void* block, std::size_t old_size, std::size_t new_size) {
  auto& control = *static_cast<LuaState::Control*>(user_data);
  if (block == nullptr) old_size = 0;
  const std::int64_t used =
      control.used - static_cast<std::int64_t>(old_size) + static_cast<std::int64_t>(new_size);
  if (new_size == 0) {
    std::free(block);
    control.used = used;
    return nullptr;
  }
  if (new_size > old_size && used > control.limit) return nullptr;
  void* moved = std::realloc(block, new_size);
  if (moved != nullptr) control.used = used;
  return moved;
}

LuaState::Control& control_of(lua_State* lua) {
  void* user_data = nullptr;
  lua_getallocf(lua, &user_data);
  return *static_cast<LuaState::Control*>(user_data);
}

/// Remembers the line and ends the rule when its time is over. From then on every instruction
/// raises, so that a loop around pcall ends too.
void watch(lua_State* lua, lua_Debug* record) {
  LuaState::Control& control = control_of(lua);
  if (lua_getinfo(lua, "Sl", record) != 0 && record->source[0] == '@' && record->currentline > 0)
    control.last_line.store(record->currentline, std::memory_order_relaxed);
  if (record->event == LUA_HOOKLINE && !control.expired) return;
  if (!control.expired && thread_cpu_ns() < control.deadline_ns) return;
  control.expired = true;
  lua_sethook(lua, &watch, LUA_MASKCOUNT, 1);
  luaL_error(lua, "time is over");
}

struct Call {
  int engine;
  const char* name;
  const json::value* argument;
  json::value* result;
  int* keep;
};

int call_engine(lua_State* lua) {
  const Call& call = *static_cast<const Call*>(lua_touserdata(lua, 1));
  lua_rawgeti(lua, LUA_REGISTRYINDEX, call.engine);
  lua_getfield(lua, -1, call.name);
  push_json(lua, *call.argument);
  lua_call(lua, 1, 1);
  if (call.keep != nullptr)
    *call.keep = luaL_ref(lua, LUA_REGISTRYINDEX);
  else
    *call.result = to_json(lua, -1);
  return 0;
}

struct Boot {
  LuaMode mode;
  int currency_scale;
  int* engine;
};

void set_address(lua_State* lua, const char* name, std::uintptr_t address) {
  lua_pushnumber(lua, static_cast<double>(address));  // user addresses have 47 bits
  lua_setfield(lua, -2, name);
}

int boot(lua_State* lua) {
  const Boot& boot = *static_cast<const Boot*>(lua_touserdata(lua, 1));
  luaL_openlibs(lua);
  lua_newtable(lua);
  const char* text = "";
  std::size_t size = 0;
  for (const LuaModule& module : lua_library()) {
    lua_pushlstring(lua, module.name.data(), module.name.size());
    lua_pushlstring(lua, module.text.data(), module.text.size());
    lua_rawset(lua, -3);
    if (module.name == "engine.boot") {
      text = module.text.data();
      size = module.text.size();
    }
  }
  if (luaL_loadbuffer(lua, text, size, "=lua/engine/boot.lua") != 0) return lua_error(lua);
  lua_insert(lua, -2);
  lua_newtable(lua);
  lua_pushinteger(lua, boot.currency_scale);
  lua_setfield(lua, -2, "scale");
  lua_pushboolean(lua, boot.mode == LuaMode::compiled ? 1 : 0);
  lua_setfield(lua, -2, "compiled");
  set_address(lua, "share", reinterpret_cast<std::uintptr_t>(&tallymill_share));
  set_address(lua, "rest", reinterpret_cast<std::uintptr_t>(&tallymill_share_rest));
  set_address(lua, "round", reinterpret_cast<std::uintptr_t>(&tallymill_round));
  set_address(lua, "random", reinterpret_cast<std::uintptr_t>(&tallymill_random));
  lua_call(lua, 2, 1);
  *boot.engine = luaL_ref(lua, LUA_REGISTRYINDEX);
  return 0;
}

/// Takes the error object off the stack.
std::string take_message(lua_State* lua) {
  std::size_t length = 0;
  const char* text =
      lua_type(lua, -1) == LUA_TSTRING ? lua_tolstring(lua, -1, &length) : "an error without text";
  std::string message = length > 0 ? std::string(text, length) : std::string(text);
  lua_pop(lua, 1);
  return message;
}

}  // namespace

std::int64_t thread_cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

LuaState::LuaState(LuaMode mode, std::int64_t memory_bytes, int currency_scale)
    : mode_(mode), cap_(memory_bytes) {
  control_.limit = cap_ + kHostReserve;
  lua_ = lua_newstate(&allocate, &control_);
  if (lua_ == nullptr) throw Error(ErrorClass::memory, "no memory for a Lua state");
  try {
    open(currency_scale);
  } catch (...) {
    lua_close(lua_);
    throw;
  }
}

LuaState::~LuaState() { lua_close(lua_); }

void LuaState::open(int currency_scale) {
  Boot data{mode_, currency_scale, &engine_};
  protect(&boot, &data);
  if (mode_ != LuaMode::compiled) luaJIT_setmode(lua_, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);
}

json::value LuaState::call(const char* name, const json::value& argument, int* keep) {
  json::value result;
  Call data{engine_, name, &argument, &result, keep};
  if (lua_cpcall(lua_, &call_engine, &data) != 0)
    throw Error(ErrorClass::config, take_message(lua_));
  return result;
}

void LuaState::protect(int (*body)(lua_State*), void* data) {
  if (lua_cpcall(lua_, body, data) != 0) throw Error(ErrorClass::bug, take_message(lua_));
}

void LuaState::begin_rules(int cpu_milliseconds) {
  control_.limit = cap_;
  if (mode_ != LuaMode::traced) return;
  control_.expired = false;
  control_.last_line.store(0, std::memory_order_relaxed);
  control_.deadline_ns = thread_cpu_ns() + static_cast<std::int64_t>(cpu_milliseconds) * 1'000'000;
  lua_sethook(lua_, &watch, LUA_MASKCOUNT | LUA_MASKLINE, kHookInstructions);
}

void LuaState::end_rules() {
  control_.limit = cap_ + kHostReserve;
  if (mode_ == LuaMode::traced) lua_sethook(lua_, nullptr, 0, 0);
}

void LuaState::collect_garbage() { lua_gc(lua_, LUA_GCCOLLECT, 0); }

}  // namespace tallymill
