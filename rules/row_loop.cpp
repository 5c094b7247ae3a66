#include "rules/row_loop.h"

#include <lua.hpp>

#include "datasets/engine.h"
#include "rules/lua_value.h"

namespace tallymill {
namespace {

/// Stack positions while rows are evaluated in C: then come the columns' keys and dictionaries.
enum Slot { kRow = 1, kTake, kFunctions, kParams, kFirstKey };

/// Whether an index stands for a text that is in no dictionary.
bool is_own_text(std::int32_t index) {
  return index > 0 && index <= static_cast<std::int32_t>(kChunkRows);
}

void push_value(lua_State* lua, const Type& type, const void* data, std::size_t row,
                int dictionary) {
  switch (type.kind) {
    case TypeKind::text:
    case TypeKind::enumeration: {
      const std::int32_t index = static_cast<const std::int32_t*>(data)[row];
      if (is_own_text(index))
        lua_pushnil(lua);  // fetched when a rule looks at it
      else
        lua_rawgeti(lua, dictionary, index);
      return;
    }
    case TypeKind::boolean:
      lua_pushboolean(lua, static_cast<const std::uint8_t*>(data)[row]);
      return;
    case TypeKind::date:
      lua_pushnumber(lua, static_cast<const std::int32_t*>(data)[row]);
      return;
    case TypeKind::ratio:
      lua_pushnumber(
          lua, static_cast<double>(static_cast<const std::int64_t*>(data)[row]) / kRatioUnits);
      return;
    default:
      lua_pushnumber(lua, static_cast<double>(static_cast<const std::int64_t*>(data)[row]));
  }
}

/// Evaluates rows of one batch through the C API.
class InterpretedRows {
 public:
  InterpretedRows(lua_State* lua, RowLoop& loop) : lua_(lua), loop_(loop) {
    const std::size_t columns = loop.batch->columns.size();
    luaL_checkstack(lua, static_cast<int>(2 * columns) + 16, "columns of a rule set");
    lua_settop(lua, 0);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, loop.set);
    for (const char* field : {"row", "take", "functions", "params"}) lua_getfield(lua, 1, field);
    lua_remove(lua, 1);
    for (const std::size_t index : loop.batch->columns) {
      const std::string& name = loop.plan->columns[index].name;
      lua_pushlstring(lua, name.data(), name.size());
    }
    for (std::size_t k = 0; k < columns; ++k)
      loop.dictionaries[k] == 0 ? lua_pushnil(lua)
                                : lua_rawgeti(lua, LUA_REGISTRYINDEX, loop.dictionaries[k]);
  }

  void fill(std::size_t row) {
    const std::size_t columns = loop_.batch->columns.size();
    for (std::size_t k = 0; k < columns; ++k) {
      const PlanColumn& column = loop_.plan->columns[loop_.batch->columns[k]];
      const int key = kFirstKey + static_cast<int>(k);
      if (column.lookup) {
        feed(column, k, row, key + static_cast<int>(columns));
        continue;
      }
      lua_pushvalue(lua_, key);
      if (column.optional && loop_.nulls[k][row] != 0)
        lua_pushnil(lua_);
      else
        push_value(lua_, column.type, loop_.data[k], row, key + static_cast<int>(columns));
      lua_rawset(lua_, kRow);
    }
  }

  /// Calls the rules from the `first`-th (0-based) on.
  void call_rules(std::size_t row, std::size_t first) {
    const bool is_check = loop_.plan->kind == RuleKind::check;
    for (std::size_t r = first; r < loop_.batch->rules; ++r) {
      if (loop_.skips[r][row] != 0) continue;
      const int number = static_cast<int>(r) + 1;
      loop_.context.rule = static_cast<std::int32_t>(loop_.batch->first_rule + r);
      lua_rawgeti(lua_, kFunctions, number);
      lua_pushvalue(lua_, kRow);
      lua_rawgeti(lua_, kParams, number);
      lua_call(lua_, 2, 1);
      if (!is_check || !lua_isnil(lua_, -1)) take(row, number);
      lua_pop(lua_, 1);
    }
  }

 private:
  /// A value of a parameter table goes to the parameters of rules.
  void feed(const PlanColumn& column, std::size_t k, std::size_t row, int dictionary) {
    const PlanBatch& batch = *loop_.batch;
    for (const PlanColumn::Feed& feed : column.feeds) {
      if (feed.rule < batch.first_rule || feed.rule >= batch.first_rule + batch.rules) continue;
      lua_rawgeti(lua_, kParams, static_cast<int>(feed.rule - batch.first_rule) + 1);
      lua_pushlstring(lua_, feed.param.data(), feed.param.size());
      if (column.type.kind == TypeKind::text &&
          is_own_text(static_cast<const std::int32_t*>(loop_.data[k])[row])) {
        const std::string_view text = static_cast<const StringRef*>(loop_.texts[k])[row].view();
        lua_pushlstring(lua_, text.data(), text.size());
      } else {
        push_value(lua_, column.type, loop_.data[k], row, dictionary);
      }
      lua_rawset(lua_, -3);
      lua_pop(lua_, 1);
    }
  }

  /// Hands the result on top of the stack to the set's `take`.
  void take(std::size_t row, int number) {
    lua_pushvalue(lua_, kTake);
    lua_pushinteger(lua_, static_cast<lua_Integer>(row));
    lua_pushinteger(lua_, number);
    lua_pushvalue(lua_, -4);
    lua_call(lua_, 3, 0);
  }

  lua_State* lua_;
  RowLoop& loop_;
};

RowLoop& upvalue_loop(lua_State* lua) {
  return *static_cast<RowLoop*>(lua_touserdata(lua, lua_upvalueindex(1)));
}

/// fetch(k): the text of the k-th column of the batch in the row at hand, if it is in no
/// dictionary.
int fetch_text(lua_State* lua) {
  const RowLoop& loop = upvalue_loop(lua);
  const auto k = static_cast<std::size_t>(lua_tointeger(lua, 1)) - 1;
  const auto row = static_cast<std::size_t>(loop.context.row);
  if (!is_own_text(static_cast<const std::int32_t*>(loop.data[k])[row])) return 0;
  const std::string_view text = static_cast<const StringRef*>(loop.texts[k])[row].view();
  lua_pushlstring(lua, text.data(), text.size());
  return 1;
}

int loop_rows(lua_State* lua) {
  RowLoop& loop = upvalue_loop(lua);
  const auto from = static_cast<std::size_t>(lua_tointeger(lua, 1));
  InterpretedRows rows(lua, loop);
  for (std::size_t row = from; row < static_cast<std::size_t>(loop.context.rows); ++row) {
    loop.context.row = static_cast<std::int32_t>(row);
    rows.fill(row);
    rows.call_rules(row, 0);
  }
  return 0;
}

int rest_of_row(lua_State* lua) {
  RowLoop& loop = upvalue_loop(lua);
  const auto row = static_cast<std::size_t>(lua_tointeger(lua, 1));
  const auto first = static_cast<std::size_t>(lua_tointeger(lua, 2));
  InterpretedRows(lua, loop).call_rules(row, first - 1);
  return 0;
}

int reference_field(lua_State* lua, const char* name) {
  lua_getfield(lua, -1, name);
  return luaL_ref(lua, LUA_REGISTRYINDEX);
}

void reference_list(lua_State* lua, const char* name, std::vector<int>& references) {
  lua_getfield(lua, -1, name);
  for (std::size_t k = 0; k < references.size(); ++k) {
    lua_rawgeti(lua, -1, static_cast<int>(k) + 1);
    if (lua_istable(lua, -1))
      references[k] = luaL_ref(lua, LUA_REGISTRYINDEX);
    else
      lua_pop(lua, 1);
  }
  lua_pop(lua, 1);
}

int reference_closure(lua_State* lua, lua_CFunction function, RowLoop* loop) {
  lua_pushlightuserdata(lua, loop);
  lua_pushcclosure(lua, function, 1);
  return luaL_ref(lua, LUA_REGISTRYINDEX);
}

}  // namespace

RowLoop::RowLoop(const RulePlan& owner, const PlanBatch& part)
    : plan(&owner),
      batch(&part),
      data(part.columns.size()),
      texts(part.columns.size()),
      nulls(part.columns.size()),
      skips(part.rules),
      dictionaries(part.columns.size()),
      outputs() {
  context.data = data.data();
  context.nulls = nulls.data();
  context.skips = skips.data();
  context.texts = texts.data();
  std::size_t count = 0;
  for (std::size_t r = 0; r < part.rules; ++r)
    count += owner.rules[part.first_rule + r].outputs.size();
  outputs.resize(count);
}

void RowLoop::attach(const ChunkFeed& feed) {
  context.rows = static_cast<std::int32_t>(feed.rows());
  context.has_nulls = feed.has_nulls() ? 1 : 0;
  for (std::size_t k = 0; k < batch->columns.size(); ++k) {
    data[k] = feed.data(batch->columns[k]);
    texts[k] = feed.texts(batch->columns[k]);
    nulls[k] = feed.nulls(batch->columns[k]);
  }
  for (std::size_t r = 0; r < batch->rules; ++r) skips[r] = feed.skips(batch->first_rule + r);
}

int locate_error(lua_State* lua) {
  if (lua_type(lua, 1) != LUA_TSTRING) {
    lua_settop(lua, 0);
    lua_pushliteral(lua, "the rule raised an error that is no text");
  }
  lua_Debug record{};
  for (int level = 1; lua_getstack(lua, level, &record) != 0; ++level) {
    if (lua_getinfo(lua, "Sl", &record) == 0 || record.source[0] != '@') continue;
    const char* text = lua_tostring(lua, 1);
    const std::string_view file(record.source + 1);
    if (std::string_view(text).substr(0, file.size()) == file) return 1;
    lua_pushfstring(lua, "%s:%d: %s", record.source + 1, record.currentline, text);
    return 1;
  }
  return 1;
}

int take_references(lua_State* lua) {
  const auto& take = *static_cast<const TakeReferences*>(lua_touserdata(lua, 1));
  RowLoop& loop = *take.loop;
  lua_rawgeti(lua, LUA_REGISTRYINDEX, loop.set);
  loop.loop =
      take.compiled ? reference_field(lua, "loop") : reference_closure(lua, &loop_rows, &loop);
  loop.rest =
      take.compiled ? reference_field(lua, "rest") : reference_closure(lua, &rest_of_row, &loop);
  if (!take.compiled) {
    lua_pushlightuserdata(lua, &loop);
    lua_pushcclosure(lua, &fetch_text, 1);
    lua_setfield(lua, -2, "fetch");
  }
  reference_list(lua, "dictionaries", loop.dictionaries);
  reference_list(lua, "outputs", loop.outputs);
  if (loop.outputs.empty()) loop.findings = reference_field(lua, "findings");
  lua_pushcfunction(lua, &locate_error);
  loop.handler = luaL_ref(lua, LUA_REGISTRYINDEX);
  return 0;
}

}  // namespace tallymill
