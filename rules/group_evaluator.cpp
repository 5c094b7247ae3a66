#include "rules/group_evaluator.h"

#include <lua.hpp>

#include "core/error.h"
#include "core/text.h"
#include "core/time/date.h"
#include "core/utf8.h"
#include "rules/lua_value.h"
#include "rules/verdict_codec.h"

namespace tallymill {
namespace {

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

/// "user_id 'U1', month 2026-01": what the rows of a group share.
std::string key_text(const RulePlan& plan, const std::vector<std::size_t>& key,
                     std::span<const ColumnView> columns, std::size_t row) {
  std::string text;
  for (const std::size_t index : key) {
    const PlanColumn& column = plan.columns[index];
    const ColumnView& view = columns[index];
    text += (text.empty() ? "" : ", ") + column.name + " ";
    if (view.is_null(row))
      text += "null";
    else if (column.sensitive)
      text += kMaskedValue;
    else if (is_text(column.type))
      text += "'" + std::string(view.as<StringRef>()[row].view()) + "'";
    else if (column.type.kind == TypeKind::date)
      text += Date{view.as<std::int32_t>()[row]}.text();
    else if (column.type.kind == TypeKind::boolean)
      text += view.as<bool>()[row] ? "true" : "false";
    else
      text +=
          format_decimal(is_wide(column.type) ? view.as<Int128>()[row]
                                              : static_cast<Int128>(view.as<std::int64_t>()[row]),
                         column.type.scale);
  }
  return text;
}

std::int64_t exact(const RulePlan& plan, const PlanColumn& column, Int128 value) {
  if (value <= kMaxExact && value >= -kMaxExact) return static_cast<std::int64_t>(value);
  throw Error(
      ErrorClass::config,
      plan.rules[0].title + " reads column '" + column.name + "', which holds " +
          (column.sensitive ? std::string("a number") : format_decimal(value, column.type.scale)) +
          ": beyond 2^53, where Lua's numbers stop being exact; declare the column text");
}

/// The cell as Lua will see it.
void read_cell(const RulePlan& plan, std::size_t index, const ColumnView& view, std::size_t row,
               GroupCell& cell) {
  const PlanColumn& column = plan.columns[index];
  const Type& type = column.type;
  cell.is_null = view.is_null(row);
  if (cell.is_null) return;
  if (is_text(type))
    cell.text = view.as<StringRef>()[row].view();
  else if (type.kind == TypeKind::boolean)
    cell.number = view.as<bool>()[row] ? 1 : 0;
  else if (type.kind == TypeKind::date)
    cell.number = view.as<std::int32_t>()[row];
  else if (type.kind == TypeKind::ratio)
    cell.number = static_cast<double>(view.as<std::int64_t>()[row]) / kRatioUnits;
  else
    cell.number = static_cast<double>(
        exact(plan, column,
              is_wide(type) ? view.as<Int128>()[row]
                            : static_cast<Int128>(view.as<std::int64_t>()[row])));
}

/// One row on its way into Lua.
struct NewRow {
  const RulePlan* plan;
  const std::vector<GroupCell>* cells;
  int rows, shape;
  std::int64_t number;
};

void push_cell(lua_State* lua, const Type& type, const GroupCell& cell) {
  if (cell.is_null)
    lua_pushnil(lua);
  else if (is_text(type))
    lua_pushlstring(lua, cell.text.data(), cell.text.size());
  else if (type.kind == TypeKind::boolean)
    lua_pushboolean(lua, cell.number != 0 ? 1 : 0);
  else
    lua_pushnumber(lua, cell.number);
}

/// Appends a row table to the list of the group.
int push_row(lua_State* lua) {
  const auto& added = *static_cast<const NewRow*>(lua_touserdata(lua, 1));
  const auto columns = added.plan->columns.size();
  lua_rawgeti(lua, LUA_REGISTRYINDEX, added.rows);
  lua_createtable(lua, 0, static_cast<int>(columns));
  for (std::size_t k = 0; k < columns; ++k) {
    if (added.plan->columns[k].lookup) continue;
    const std::string& name = added.plan->columns[k].name;
    lua_pushlstring(lua, name.data(), name.size());
    push_cell(lua, added.plan->columns[k].type, (*added.cells)[k]);
    lua_rawset(lua, -3);
  }
  lua_rawgeti(lua, LUA_REGISTRYINDEX, added.shape);
  lua_setmetatable(lua, -2);
  lua_rawseti(lua, -2, static_cast<int>(added.number));
  return 0;
}

/// What the parameters of tables are for a group.
struct NewParams {
  const RulePlan* plan;
  const std::vector<GroupCell>* cells;
  int params;
};

int push_params(lua_State* lua) {
  const auto& set = *static_cast<const NewParams*>(lua_touserdata(lua, 1));
  lua_rawgeti(lua, LUA_REGISTRYINDEX, set.params);
  for (std::size_t k = 0; k < set.cells->size(); ++k) {
    const PlanColumn& column = set.plan->columns[k];
    for (const PlanColumn::Feed& feed : column.feeds) {
      lua_pushlstring(lua, feed.param.data(), feed.param.size());
      push_cell(lua, column.type, (*set.cells)[k]);
      lua_rawset(lua, -3);
    }
  }
  return 0;
}

struct References {
  int set;
  int *run, *shape, *params, *lists, *handler;
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
  *take.params = reference("params");
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

GroupEvaluator::GroupEvaluator(std::shared_ptr<const RulePlan> plan, LuaMode mode,
                               Watchdog* watchdog)
    : plan_(std::move(plan)),
      watchdog_(watchdog),
      slot_(std::make_shared<WatchSlot>()),
      state_(mode, plan_->limits.memory_bytes, plan_->currency_scale) {
  const PlanRule& rule = plan_->rules[0];
  slot_->row = &context_.row;
  slot_->rule = &context_.rule;
  if (mode == LuaMode::traced)
    slot_->last_line = &state_.last_line();
  else
    slot_->replay = [this](auto& line) { replay(line); };
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
  References take{set_, &run_, &row_shape_, &params_, &lists_, &handler_};
  state_.protect(&take_group_references, &take);
  state_.protect(&renew_rows, &rows_);
}

GroupEvaluator::~GroupEvaluator() {
  if (watchdog_ != nullptr) watchdog_->forget(slot_);
}

void GroupEvaluator::add(std::span<const ColumnView> columns, std::size_t rows) {
  std::vector<GroupCell> cells(plan_->columns.size());
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
      throw Error(ErrorClass::config,
                  plan_->rules[0].title + " sees rows in the order of " +
                      join(plan_->rules[0].rule->order, ", ") + ", but two rows of one " +
                      join(plan_->rules[0].rule->key, ", ") +
                      " have the same; add a column to 'order' that tells them apart");
    const bool is_first = in_group_ == 0;
    if (is_first) group_text_ = key_text(*plan_, key_, columns, row);
    group_ = group;
    last_order_ = order;
    ++in_group_;
    ++seen_;
    for (std::size_t k = 0; k < cells.size(); ++k) read_cell(*plan_, k, columns[k], row, cells[k]);
    if (is_first) set_params(cells);
    push(cells);
    if (is_too_large_)
      kept_.clear();
    else if (slot_->replay && watchdog_ != nullptr)
      kept_.push_back(cells);
  }
}

void GroupEvaluator::push(const std::vector<GroupCell>& cells) {
  if (is_too_large_) return;
  NewRow added{plan_.get(), &cells, rows_, row_shape_, in_group_};
  state_.begin_rules(plan_->limits.cpu_milliseconds);
  is_too_large_ = lua_cpcall(state_.raw(), &push_row, &added) != 0;
  lua_settop(state_.raw(), 0);
  state_.end_rules();
}

/// The rows of a group share their key, and with it the org that its parameters are looked up by.
void GroupEvaluator::set_params(const std::vector<GroupCell>& cells) {
  missing_.clear();
  for (std::size_t k = 0; k < cells.size(); ++k)
    if (plan_->columns[k].lookup && cells[k].is_null && missing_.empty())
      missing_ = missing_value(plan_->columns[k], cells);
  if (!plan_->rules[0].lookups.empty()) {
    NewParams set{plan_.get(), &cells, params_};
    state_.protect(&push_params, &set);
  }
}

std::string GroupEvaluator::missing_value(const PlanColumn& column,
                                          const std::vector<GroupCell>& cells) const {
  const ParamLookup& lookup = *column.lookup;
  std::string org(kAnyOrg);
  for (std::size_t k = 0; k < cells.size(); ++k)
    if (plan_->columns[k].name == lookup.by && !cells[k].is_null) org = cells[k].text;
  const LoadedRule& rule = *plan_->rules[0].rule;
  return rule.info.file + ":" + std::to_string(rule.function_line) + ": parameter '" +
         lookup.param + "': " + lookup.table->file() + " has " +
         (plan_->period ? lookup.table->missing(org, *plan_->period) : "no value without a period");
}

/// The group again. The evaluator is left behind, because the watchdog reads its line when this has
/// ended, and may not wait for its end.
void GroupEvaluator::replay(std::atomic<const std::atomic<int>*>& line) const {
  auto* again = new GroupEvaluator(plan_, LuaMode::traced, nullptr);
  line.store(&again->state_.last_line());
  for (const std::vector<GroupCell>& cells : kept_) {
    if (again->in_group_ == 0) again->set_params(cells);
    ++again->in_group_;
    ++again->seen_;
    again->push(cells);
  }
  again->finish();
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
  } else if (!missing_.empty()) {
    state_.protect(&renew_rows, &rows_);
    keep(first, Verdict::State::error, "rule_error", missing_);
  } else {
    context_.row = 0;
    slot_->rows.store(in_group_, std::memory_order_relaxed);
    state_.begin_rules(plan_->limits.cpu_milliseconds);
    slot_->group.store(&group_text_);
    slot_->begin(WatchSlot::Activity::group);
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
  kept_.clear();
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
                    " of CPU on the " + std::to_string(in_group_) + " rows of " + group_text_ +
                    "; it was last seen at " + rule.rule->info.file + ":" +
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
