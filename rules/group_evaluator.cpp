#include "rules/group_evaluator.h"

#include <algorithm>
#include <cstring>
#include <lua.hpp>

#include "core/error.h"
#include "core/text.h"
#include "core/utf8.h"
#include "rules/verdict_codec.h"

namespace tallymill {
namespace {

constexpr std::int64_t kMaxExact = 1LL << 53;
constexpr double kRatioUnits = 1e9;
constexpr int kNarrowPrecision = 18;

bool is_wide(const Type& type) { return type.is_decimal() && type.precision > kNarrowPrecision; }

template <class T>
void append(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// A cell so that equal bytes mean equal values.
void append_cell(std::string& bytes, const Type& type, const ColumnView& view, std::size_t row) {
  const bool is_null = view.is_null(row);
  append(bytes, is_null);
  if (is_null) return;
  if (is_text(type)) {
    const std::string_view text = view.as<StringRef>()[row].view();
    append(bytes, text.size());
    bytes += text;
  } else if (type.kind == TypeKind::date) {
    append(bytes, view.as<std::int32_t>()[row]);
  } else if (type.kind == TypeKind::boolean) {
    append(bytes, view.as<bool>()[row]);
  } else if (is_wide(type)) {
    append(bytes, view.as<Int128>()[row]);
  } else {
    append(bytes, view.as<std::int64_t>()[row]);
  }
}

std::int64_t exact(const RulePlan& plan, const PlanColumn& column, Int128 value) {
  if (value <= kMaxExact && value >= -kMaxExact) return static_cast<std::int64_t>(value);
  throw Error(
      ErrorClass::config,
      plan.rules[0].title + " reads column '" + column.name + "', which holds " +
          (column.sensitive ? std::string("a number") : format_decimal(value, column.type.scale)) +
          ": beyond 2^53, where Lua's numbers stop being exact; declare the column text");
}

/// One row on its way into Lua.
struct NewRow {
  const RulePlan* plan;
  std::span<const ColumnView> columns;
  std::size_t row;
  int rows, shape;
  std::int64_t number;
  std::vector<double> numbers;  ///< by column, where it is one
};

void push_cell(lua_State* lua, const NewRow& added, std::size_t index) {
  const Type& type = added.plan->columns[index].type;
  const ColumnView& view = added.columns[index];
  if (view.is_null(added.row)) {
    lua_pushnil(lua);
  } else if (is_text(type)) {
    const std::string_view text = view.as<StringRef>()[added.row].view();
    lua_pushlstring(lua, text.data(), text.size());
  } else if (type.kind == TypeKind::boolean) {
    lua_pushboolean(lua, view.as<bool>()[added.row] ? 1 : 0);
  } else {
    lua_pushnumber(lua, added.numbers[index]);
  }
}

/// Appends a row table to the list of the group.
int push_row(lua_State* lua) {
  const auto& added = *static_cast<const NewRow*>(lua_touserdata(lua, 1));
  const auto columns = added.plan->columns.size();
  lua_rawgeti(lua, LUA_REGISTRYINDEX, added.rows);
  lua_createtable(lua, 0, static_cast<int>(columns));
  for (std::size_t k = 0; k < columns; ++k) {
    const std::string& name = added.plan->columns[k].name;
    lua_pushlstring(lua, name.data(), name.size());
    push_cell(lua, added, k);
    lua_rawset(lua, -3);
  }
  lua_rawgeti(lua, LUA_REGISTRYINDEX, added.shape);
  lua_setmetatable(lua, -2);
  lua_rawseti(lua, -2, static_cast<int>(added.number));
  return 0;
}

struct References {
  int set;
  int *run, *shape, *lists, *handler;
};

int take_group_references(lua_State* lua) {
  const auto& take = *static_cast<const References*>(lua_touserdata(lua, 1));
  const auto reference = [lua](const char* name) {
    lua_getfield(lua, -1, name);
    return luaL_ref(lua, LUA_REGISTRYINDEX);
  };
  lua_rawgeti(lua, LUA_REGISTRYINDEX, take.set);
  *take.run = reference("run");
  *take.shape = reference("row_shape");
  *take.lists = reference("findings");
  lua_pushcfunction(lua, &locate_error);
  *take.handler = luaL_ref(lua, LUA_REGISTRYINDEX);
  return 0;
}

/// Replaces the list of rows by an empty one.
int renew_rows(lua_State* lua) {
  int& rows = *static_cast<int*>(lua_touserdata(lua, 1));
  if (rows == 0) {
    lua_newtable(lua);
    rows = luaL_ref(lua, LUA_REGISTRYINDEX);
    return 0;
  }
  lua_newtable(lua);
  lua_rawseti(lua, LUA_REGISTRYINDEX, rows);
  return 0;
}

std::string text_at(lua_State* lua, int index) {
  std::size_t length = 0;
  const char* text = lua_tolstring(lua, index, &length);
  return text == nullptr ? std::string() : mend_utf8({text, length});
}

Verdict::State state_from(std::string_view name) {
  if (name == "warn") return Verdict::State::warn;
  return name == "fail" ? Verdict::State::fail : Verdict::State::not_applicable;
}

std::vector<std::size_t> indexes_of(const RulePlan& plan, const std::vector<std::string>& names) {
  std::vector<std::size_t> indexes;
  for (const std::string& name : names)
    for (std::size_t i = 0; i < plan.columns.size(); ++i)
      if (plan.columns[i].name == name) indexes.push_back(i);
  return indexes;
}

}  // namespace

GroupEvaluator::GroupEvaluator(std::shared_ptr<const RulePlan> plan, Watchdog* watchdog)
    : plan_(std::move(plan)),
      watchdog_(watchdog),
      slot_(std::make_shared<WatchSlot>()),
      state_(plan_->limits.mode.value_or(LuaMode::compiled), plan_->limits.memory_bytes,
             plan_->currency_scale) {
  const PlanRule& rule = plan_->rules[0];
  slot_->row = &context_.row;
  slot_->rule = &context_.rule;
  if (state_.mode() == LuaMode::traced) slot_->last_line = &state_.last_line();
  slot_->titles.push_back(rule.title);
  if (watchdog_ != nullptr) watchdog_->watch(slot_);
  key_ = indexes_of(*plan_, rule.rule->key);
  order_ = indexes_of(*plan_, rule.rule->order);
  const RuleSource& source = rule.rule->source;
  slot_->begin(WatchSlot::Activity::loading);
  state_.call("load",
              json::object{{"name", source.name}, {"file", source.file}, {"text", source.text}});
  slot_->end();
  state_.call("bind_group", plan_->batch_spec(plan_->batches.front(), state_.mode(), 0), &set_);
  References take{set_, &run_, &row_shape_, &lists_, &handler_};
  state_.protect(&take_group_references, &take);
  state_.protect(&renew_rows, &rows_);
}

GroupEvaluator::~GroupEvaluator() {
  if (watchdog_ != nullptr) watchdog_->forget(slot_);
}

void GroupEvaluator::add(std::span<const ColumnView> columns, std::size_t rows) {
  NewRow added{plan_.get(), columns, 0, rows_, row_shape_, 0, {}};
  added.numbers.resize(plan_->columns.size());
  std::string group;
  std::string order;
  for (std::size_t row = 0; row < rows; ++row) {
    group.clear();
    order.clear();
    for (const std::size_t index : key_)
      append_cell(group, plan_->columns[index].type, columns[index], row);
    for (const std::size_t index : order_)
      append_cell(order, plan_->columns[index].type, columns[index], row);
    if (in_group_ > 0 && group != group_) end_group();
    if (in_group_ > 0 && order == last_order_)
      throw Error(ErrorClass::data,
                  plan_->rules[0].title + " sees rows in the order of " +
                      join(plan_->rules[0].rule->order, ", ") + ", but two rows of one " +
                      join(plan_->rules[0].rule->key, ", ") +
                      " have the same; add a column to 'order' that tells them apart");
    group_ = group;
    last_order_ = order;
    added.row = row;
    added.number = ++in_group_;
    ++seen_;
    for (std::size_t k = 0; k < plan_->columns.size(); ++k) {
      const PlanColumn& column = plan_->columns[k];
      const Type& type = column.type;
      if (columns[k].is_null(row) || is_text(type) || type.kind == TypeKind::boolean) continue;
      if (type.kind == TypeKind::date)
        added.numbers[k] = columns[k].as<std::int32_t>()[row];
      else if (type.kind == TypeKind::ratio)
        added.numbers[k] = static_cast<double>(columns[k].as<std::int64_t>()[row]) / kRatioUnits;
      else
        added.numbers[k] = static_cast<double>(
            exact(*plan_, column,
                  is_wide(type) ? columns[k].as<Int128>()[row]
                                : static_cast<Int128>(columns[k].as<std::int64_t>()[row])));
    }
    if (is_too_large_) continue;
    state_.begin_rules(plan_->limits.cpu_milliseconds);
    is_too_large_ = lua_cpcall(state_.raw(), &push_row, &added) != 0;
    lua_settop(state_.raw(), 0);
    state_.end_rules();
  }
}

void GroupEvaluator::finish() {
  if (in_group_ > 0) end_group();
}

void GroupEvaluator::end_group() {
  const std::int64_t first = seen_ - in_group_;
  lua_State* lua = state_.raw();
  if (is_too_large_) {
    state_.protect(&renew_rows, &rows_);
    state_.collect_garbage();
    keep(first, Verdict::State::error, "rule_error",
         plan_->rules[0].rule->info.file + ":" +
             std::to_string(plan_->rules[0].rule->function_line) + ": a group of " +
             std::to_string(in_group_) + " rows does not fit the rule's " +
             std::to_string(plan_->limits.memory_bytes >> 20) + " MiB of memory");
  } else {
    context_.row = 0;
    slot_->rows.store(in_group_, std::memory_order_relaxed);
    state_.begin_rules(plan_->limits.cpu_milliseconds);
    slot_->begin(WatchSlot::Activity::rows);
    lua_settop(lua, 0);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, handler_);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, run_);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, rows_);
    const int status = lua_pcall(lua, 1, 0, 1);
    slot_->end();
    state_.end_rules();
    if (status != 0)
      record_failure();
    else
      read_findings(first);
    lua_settop(lua, 0);
    state_.protect(&renew_rows, &rows_);
  }
  in_group_ = 0;
  is_too_large_ = false;
}

/// Only raw reads of values that are already texts and numbers: nothing here can raise.
void GroupEvaluator::read_findings(std::int64_t first) {
  lua_State* lua = state_.raw();
  lua_settop(lua, 0);
  lua_rawgeti(lua, LUA_REGISTRYINDEX, lists_);
  lua_rawgeti(lua, 1, 0);
  const int count = static_cast<int>(lua_tointeger(lua, -1));
  if (count == 0) return;
  for (int list = 1; list <= 4; ++list) lua_rawgeti(lua, 1, list);
  for (int n = 1; n <= count; ++n) {
    for (int list = 0; list < 4; ++list) lua_rawgeti(lua, 3 + list, n);
    keep(first + lua_tointeger(lua, -4) - 1, state_from(text_at(lua, -3)), text_at(lua, -2),
         text_at(lua, -1));
    lua_pop(lua, 4);
  }
}

void GroupEvaluator::record_failure() {
  lua_State* lua = state_.raw();
  const PlanRule& rule = plan_->rules[0];
  std::string message = text_at(lua, -1);
  if (state_.is_expired())
    throw Error(ErrorClass::config,
                rule.title + " did not finish within " +
                    format_duration(std::chrono::milliseconds(plan_->limits.cpu_milliseconds)) +
                    " of CPU on a group of " + std::to_string(in_group_) +
                    " rows; it was last seen at " + rule.rule->info.file + ":" +
                    std::to_string(state_.last_line().load()) +
                    "; look for a loop that never ends");
  for (const PlanColumn& column : plan_->columns)
    if (column.sensitive) message = "the rule raised; its message may hold sensitive values";
  if (!message.starts_with(rule.rule->info.file))
    message =
        rule.rule->info.file + ":" + std::to_string(rule.rule->function_line) + ": " + message;
  lua_settop(lua, 0);
  state_.collect_garbage();
  keep(seen_ - in_group_, Verdict::State::error, "rule_error", message);
}

void GroupEvaluator::keep(std::int64_t row, Verdict::State state, const std::string& code,
                          const std::string& message) {
  const Finding finding{0, 0, state, code, message};
  std::string text;
  encode_verdicts({&finding, 1}, text);
  findings_.push_back({row, std::move(text)});
}

}  // namespace tallymill
