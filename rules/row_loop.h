#pragma once

#include <cstdint>
#include <vector>

#include "rules/chunk_feed.h"

struct lua_State;

namespace tallymill {

/// What generated code and the watchdog share with C++: `tallymill_chunk` of
/// lua/engine/row_set.lua.
struct ChunkContext {
  std::int32_t row = 0;   ///< being evaluated, 0-based
  std::int32_t rule = 0;  ///< being evaluated, index in the plan
  std::int32_t rows = 0;
  std::int32_t has_nulls = 0;
  const void** data = nullptr;
  const std::uint8_t** nulls = nullptr;
  const std::uint8_t** skips = nullptr;
  const void** texts = nullptr;  ///< by column: StringRef by row, where it is a text
};

/// One batch of a plan inside one Lua state, and the registry references that drive it.
struct RowLoop {
  const RulePlan* plan = nullptr;
  const PlanBatch* batch = nullptr;
  ChunkContext context;
  std::vector<const void*> data;
  std::vector<const void*> texts;
  std::vector<const std::uint8_t*> nulls, skips;
  int set = 0;   ///< what row_set.make() gave
  int loop = 0;  ///< function(from)
  int rest = 0;  ///< function(row, first rule of the batch, 1-based)
  int handler = 0;
  std::vector<int> dictionaries;  ///< by column of the batch; 0 where it is no text
  int findings = 0;               ///< of checks: lists of rows, rules, states, codes, messages
  std::vector<int> outputs;       ///< of value kinds: 0-based arrays by row

  RowLoop(const RulePlan& owner, const PlanBatch& part);
  /// Points the context at the feed's buffers.
  void attach(const ChunkFeed& feed);
};

/// Protected body (LuaState::protect) that fills the references of a RowLoop whose `set` is known.
/// A state without the JIT gets loop and rest written in C, which do what the generated ones do:
/// with the JIT off, FFI is slow and the C API is not.
int take_references(lua_State* lua);
/// Message handler of a protected call: puts the place of the innermost frame of a rule file in
/// front of a message that has none.
int locate_error(lua_State* lua);
struct TakeReferences {
  RowLoop* loop;
  bool compiled;
};

}  // namespace tallymill
