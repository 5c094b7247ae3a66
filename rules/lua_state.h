#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "core/json.h"

struct lua_State;

namespace tallymill {

/// How a state executes rules: by the JIT; interpreted, for rules the JIT is bad at; or traced,
/// interpreted under hooks that know the line and stop a rule that does not end (compiled code
/// ignores hooks, and they make interpreted code several times slower).
enum class LuaMode { compiled, interpreted, traced };

/// One LuaJIT state with the engine of lua/engine loaded and nothing else reachable from rules.
/// Memory is counted by its allocator: rules get `memory_bytes`, the host a little more, so that
/// only rules ever meet the cap. Not thread-safe; may move between threads between calls.
class LuaState {
 public:
  LuaState(LuaMode mode, std::int64_t memory_bytes, int currency_scale);
  ~LuaState();
  LuaState(const LuaState&) = delete;
  LuaState& operator=(const LuaState&) = delete;

  lua_State* raw() { return lua_; }
  LuaMode mode() const { return mode_; }

  /// Calls function `name` of lua/engine/boot.lua, rule code included, and gives its result as
  /// plain data. Throws Error(config) with Lua's message. The result also stays in Lua under `keep`
  /// (a registry reference for set_field()) if it is not null.
  json::value call(const char* name, const json::value& argument, int* keep = nullptr);

  /// Runs `body(lua, data)` protected, on an empty stack, as the host. Throws Error(bug) if it
  /// raises. `body` must leave no object with a destructor on its frame.
  void protect(int (*body)(lua_State*), void* data);

  /// Rules run between these two: the memory cap holds, and traced code gets `cpu_milliseconds`
  /// of this thread's CPU time. A rule that exceeds them is stopped by an error no pcall survives.
  void begin_rules(int cpu_milliseconds);
  void end_rules();
  bool is_expired() const { return control_.expired; }
  /// The line traced code was last seen at; 0 if none. Read by the watchdog.
  const std::atomic<int>& last_line() const { return control_.last_line; }
  void collect_garbage();

  struct Control {
    std::int64_t used = 0;
    std::int64_t limit = 0;
    std::int64_t deadline_ns = 0;  ///< thread CPU clock
    bool expired = false;
    std::atomic<int> last_line{0};
  };

 private:
  void open(int currency_scale);

  LuaMode mode_;
  std::int64_t cap_;
  Control control_;
  lua_State* lua_ = nullptr;
  int engine_ = 0;  ///< registry reference of boot.lua's result
};

/// Nanoseconds of CPU time the calling thread has used.
std::int64_t thread_cpu_ns();

}  // namespace tallymill
