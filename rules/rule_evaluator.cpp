#include "rules/rule_evaluator.h"

#include <algorithm>
#include <lua.hpp>

#include "core/error.h"
#include "core/text.h"
#include "core/utf8.h"

namespace tallymill {
namespace {

/// A rule that runs out of memory row after row would cost a full collection each time.
constexpr int kMaxMemoryErrors = 10;

std::string_view text_at(lua_State* lua, int index) {
  std::size_t length = 0;
  const char* text = lua_tolstring(lua, index, &length);
  return {text, length};
}

void mask(std::string& message, std::string_view text) {
  if (text.empty()) return;
  for (std::size_t at = message.find(text); at != message.npos;
       at = message.find(text, at + kMaskedValue.size()))
    message.replace(at, text.size(), kMaskedValue);
}

struct NewTexts {
  int dictionary;
  std::span<const NewText> texts;
};

int push_texts(lua_State* lua) {
  const auto& added = *static_cast<const NewTexts*>(lua_touserdata(lua, 1));
  lua_rawgeti(lua, LUA_REGISTRYINDEX, added.dictionary);
  for (const auto& [index, text] : added.texts) {
    lua_pushlstring(lua, text.data(), text.size());
    lua_rawseti(lua, -2, index);
  }
  return 0;
}

Verdict::State state_from(std::string_view name) {
  if (name == "warn") return Verdict::State::warn;
  return name == "fail" ? Verdict::State::fail : Verdict::State::not_applicable;
}

/// Where a rule's function stands, for errors that have no line of their own.
std::string place_of(const PlanRule& rule) {
  return rule.rule->info.file + ":" + std::to_string(rule.rule->function_line) + ": ";
}

/// Around rule code: limits and watchdog on, and off again however it ends.
class Running {
 public:
  Running(LuaState& state, WatchSlot& slot, int cpu_milliseconds) : state_(state), slot_(slot) {
    lua_settop(state_.raw(), 0);
    state_.begin_rules(cpu_milliseconds);
    slot_.begin(WatchSlot::Activity::rows);
  }
  ~Running() {
    slot_.end();
    state_.end_rules();
    lua_settop(state_.raw(), 0);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  LuaState& state_;
  WatchSlot& slot_;
};

std::string megabytes(std::int64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

}  // namespace

RuleEvaluator::RuleEvaluator(std::shared_ptr<const RulePlan> plan, LuaMode mode, Watchdog* watchdog)
    : plan_(std::move(plan)),
      watchdog_(watchdog),
      slot_(std::make_shared<WatchSlot>()),
      state_(mode, plan_->limits.memory_bytes, plan_->currency_scale),
      feed_(*plan_) {
  slot_->row = &idle_.row;
  slot_->rule = &idle_.rule;
  if (mode == LuaMode::traced)
    slot_->last_line = &state_.last_line();
  else
    slot_->replay = [this](auto& line) { replay(line); };
  for (const PlanRule& rule : plan_->rules) slot_->titles.push_back(rule.title);
  if (watchdog_ != nullptr) watchdog_->watch(slot_);
  load_rules();
  for (const PlanBatch& batch : plan_->batches) {
    auto loop = std::make_unique<RowLoop>(*plan_, batch);
    const auto address = reinterpret_cast<std::uintptr_t>(&loop->context);
    state_.call("bind", plan_->batch_spec(batch, mode, address), &loop->set);
    TakeReferences take{loop.get(), mode == LuaMode::compiled};
    state_.protect(&take_references, &take);
    loops_.push_back(std::move(loop));
  }
  result_.outputs.resize(plan_->outputs.size());
  std::size_t first_output = 0;
  for (const PlanRule& rule : plan_->rules) {
    first_outputs_.push_back(first_output);
    first_output += rule.outputs.size();
  }
}

RuleEvaluator::~RuleEvaluator() {
  if (watchdog_ != nullptr) watchdog_->forget(slot_);
}

void RuleEvaluator::load_rules() {
  slot_->begin(WatchSlot::Activity::loading);
  for (const PlanRule& rule : plan_->rules) {
    const RuleSource& source = rule.rule->source;
    const json::value answer = state_.call(
        "load", json::object{{"name", source.key()}, {"file", source.file}, {"text", source.text}});
    if (!answer.as_object().contains("description"))
      throw Error(ErrorClass::config, rule.title + " loaded before and does not now: " +
                                          json_text_or(answer.as_object(), "error", "no rule"));
    ++idle_.rule;
  }
  slot_->end();
}

const ChunkResult& RuleEvaluator::evaluate(std::span<const ColumnView> columns, std::size_t rows) {
  columns_ = columns;
  feed_.read(columns, rows);
  result_.findings.clear();
  result_.owned.clear();
  clear_outputs();
  for (const auto& loop : loops_) {
    loop->attach(feed_);
    add_texts(*loop);
    run_batch(*loop);
    read_findings(*loop);
    read_outputs(*loop);
  }
  add_skipped();
  for (std::size_t rule = 0; rule < plan_->rules.size(); ++rule) refuse_texts(rule);
  std::sort(result_.findings.begin(), result_.findings.end(),
            [](const Finding& a, const Finding& b) {
              return std::tie(a.row, a.rule) < std::tie(b.row, b.rule);
            });
  return result_;
}

/// The chunk again, up to the row at hand. The evaluator is left behind, because the watchdog reads
/// its line when this has ended, and may not wait for its end.
void RuleEvaluator::replay(std::atomic<const std::atomic<int>*>& line) const {
  const auto rows =
      static_cast<std::size_t>(
          std::atomic_ref<std::int32_t>(*const_cast<std::int32_t*>(slot_->row)).load()) +
      1;
  auto* again = new RuleEvaluator(plan_, LuaMode::traced, nullptr);
  line.store(&again->last_line());
  again->evaluate(columns_, rows);
}

void RuleEvaluator::add_texts(const RowLoop& loop) {
  for (std::size_t k = 0; k < loop.dictionaries.size(); ++k) {
    const auto texts = feed_.new_texts(loop.batch->columns[k]);
    if (loop.dictionaries[k] == 0 || texts.empty()) continue;
    NewTexts added{loop.dictionaries[k], texts};
    state_.protect(&push_texts, &added);
  }
}

/// Runs a function of the batch under the handler at stack position 1; if it raised, the error
/// object and Lua's status are left on the stack. A negative argument is left out.
bool RuleEvaluator::run(int function, int first, int second) {
  lua_State* lua = state_.raw();
  lua_rawgeti(lua, LUA_REGISTRYINDEX, function);
  lua_pushinteger(lua, first);
  if (second >= 0) lua_pushinteger(lua, second);
  const int status = lua_pcall(lua, second >= 0 ? 2 : 1, 0, 1);
  if (status != 0) lua_pushinteger(lua, status);
  return status == 0;
}

void RuleEvaluator::run_batch(RowLoop& loop) {
  slot_->row = &loop.context.row;
  slot_->rule = &loop.context.rule;
  slot_->rows.store(loop.context.rows, std::memory_order_relaxed);
  slot_->provenance.store(feed_.provenance(), std::memory_order_relaxed);
  const Running running(state_, *slot_, plan_->limits.cpu_milliseconds);
  lua_rawgeti(state_.raw(), LUA_REGISTRYINDEX, loop.handler);
  for (int from = 0; from < loop.context.rows;) {
    bool ended = run(loop.loop, from, -1);
    if (ended) break;
    while (!ended) {
      record_failure(loop);
      // The next rule of the same row still runs; rest() counts rules from 1.
      const int failed = loop.context.rule - static_cast<int>(loop.batch->first_rule);
      ended = run(loop.rest, loop.context.row, failed + 2);
    }
    from = loop.context.row + 1;
  }
}

/// An error's text without the sensitive texts of the row at hand, which the rule may have named.
/// Nothing here can raise: these keys are texts of the state already.
std::string RuleEvaluator::without_sensitive(const RowLoop& loop, std::string message) {
  lua_State* lua = state_.raw();
  lua_rawgeti(lua, LUA_REGISTRYINDEX, loop.set);
  lua_pushliteral(lua, "row");
  lua_rawget(lua, -2);
  for (const std::size_t index : loop.batch->columns) {
    const PlanColumn& column = plan_->columns[index];
    if (!column.sensitive) continue;
    lua_pushlstring(lua, column.name.data(), column.name.size());
    lua_rawget(lua, -2);
    if (lua_type(lua, -1) == LUA_TSTRING) mask(message, text_at(lua, -1));
    lua_pop(lua, 1);
  }
  lua_pop(lua, 2);
  return message;
}

void RuleEvaluator::record_failure(const RowLoop& loop) {
  lua_State* lua = state_.raw();
  const auto status = static_cast<int>(lua_tointeger(lua, -1));
  const PlanRule& rule = plan_->rules[static_cast<std::size_t>(loop.context.rule)];
  const auto row = static_cast<std::size_t>(loop.context.row);
  const std::string place = place_of(rule);
  std::string message = without_sensitive(loop, mend_utf8(text_at(lua, -2)));
  lua_pop(lua, 2);
  if (state_.is_expired()) {
    throw Error(ErrorClass::config,
                rule.title + " did not finish within " +
                    format_duration(std::chrono::milliseconds(plan_->limits.cpu_milliseconds)) +
                    " of CPU on row " + feed_.row_text(row) + "; it was last seen at " +
                    rule.rule->info.file + ":" + std::to_string(state_.last_line().load()) +
                    "; look for a loop that never ends");
  }
  const bool is_memory = status == LUA_ERRMEM || message.ends_with("not enough memory");
  if (is_memory) {
    message =
        place + "the rule ran out of its " + megabytes(plan_->limits.memory_bytes) + " of memory";
    state_.collect_garbage();
    if (++memory_errors_ > kMaxMemoryErrors)
      throw Error(ErrorClass::config,
                  rule.title + " ran out of its " + megabytes(plan_->limits.memory_bytes) +
                      " of memory on more than " + std::to_string(kMaxMemoryErrors) +
                      " rows, the last one row " + feed_.row_text(row) +
                      "; a rule looks at one row and needs little");
  }
  if (!message.starts_with(rule.rule->info.file)) message = place + message;
  add_error(row, static_cast<std::size_t>(loop.context.rule), std::move(message));
}

std::string_view RuleEvaluator::own(std::string text) {
  return result_.owned.emplace_back(std::move(text));
}

/// A text of Lua, which lives as long as the result; a mended copy if it is not UTF-8.
std::string_view RuleEvaluator::shown(std::string_view text) {
  return is_valid_utf8(text) ? text : own(mend_utf8(text));
}

void RuleEvaluator::add_error(std::size_t row, std::size_t rule, std::string message) {
  result_.findings.push_back({static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(rule),
                              Verdict::State::error, "rule_error", own(std::move(message))});
}

/// Only raw reads of values that are already texts and numbers: nothing here can raise.
void RuleEvaluator::read_findings(const RowLoop& loop) {
  if (plan_->kind != RuleKind::check) return;
  lua_State* lua = state_.raw();
  lua_rawgeti(lua, LUA_REGISTRYINDEX, loop.findings);
  lua_rawgeti(lua, 1, 0);
  const int count = static_cast<int>(lua_tointeger(lua, -1));
  if (count > 0) {
    for (int list = 1; list <= 5; ++list) lua_rawgeti(lua, 1, list);
    const int first = 3;
    for (int n = 1; n <= count; ++n) {
      for (int list = 0; list < 5; ++list) lua_rawgeti(lua, first + list, n);
      result_.findings.push_back({static_cast<std::uint32_t>(lua_tointeger(lua, -5)),
                                  static_cast<std::uint32_t>(lua_tointeger(lua, -4)),
                                  state_from(text_at(lua, -3)), shown(text_at(lua, -2)),
                                  shown(text_at(lua, -1))});
      lua_pop(lua, 5);
    }
    lua_pushinteger(lua, 0);
    lua_rawseti(lua, 1, 0);
  }
  lua_settop(lua, 0);
}

void RuleEvaluator::clear_outputs() {
  for (OutputColumn& output : result_.outputs) output.is_null.assign(feed_.rows(), 0);
}

void RuleEvaluator::read_outputs(const RowLoop& loop) {
  if (plan_->kind == RuleKind::check) return;
  std::size_t position = 0;
  for (std::size_t r = 0; r < loop.batch->rules; ++r) {
    const std::size_t rule = loop.batch->first_rule + r;
    for (std::size_t i = 0; i < plan_->rules[rule].outputs.size(); ++i)
      read_output(loop.outputs[position++], first_outputs_[rule] + i);
  }
}

void RuleEvaluator::read_output(int reference, std::size_t index) {
  lua_State* lua = state_.raw();
  const Type& type = plan_->outputs[index].type;
  OutputColumn& output = result_.outputs[index];
  const std::size_t rows = feed_.rows();
  const bool is_text = type.kind == TypeKind::text;
  output.numbers.resize(is_text ? 0 : rows);
  output.texts.resize(is_text ? rows : 0);
  lua_rawgeti(lua, LUA_REGISTRYINDEX, reference);
  for (std::size_t row = 0; row < rows; ++row) {
    lua_rawgeti(lua, 1, static_cast<int>(row));
    const int kind = lua_type(lua, -1);
    if (is_text && kind == LUA_TSTRING)
      output.texts[row] = text_at(lua, -1);
    else if (!is_text && kind == LUA_TNUMBER)
      output.numbers[row] = static_cast<std::int64_t>(lua_tonumber(lua, -1));
    else if (type.kind == TypeKind::boolean && kind == LUA_TBOOLEAN)
      output.numbers[row] = lua_toboolean(lua, -1);
    else
      output.is_null[row] = 1;
    lua_pop(lua, 1);
  }
  lua_settop(lua, 0);
}

/// Texts that are not UTF-8 are errors of their rows. Only after add_skipped(): a row that its rule
/// did not see, or raised on, still shows a text of an earlier chunk.
void RuleEvaluator::refuse_texts(std::size_t rule) {
  const std::size_t first = first_outputs_[rule];
  const std::size_t end = first + plan_->rules[rule].outputs.size();
  for (std::size_t index = first; index < end; ++index) {
    if (plan_->outputs[index].type.kind != TypeKind::text) continue;
    for (std::size_t row = 0; row < feed_.rows(); ++row) {
      const OutputColumn& output = result_.outputs[index];
      if (output.is_null[row] != 0 || is_valid_utf8(output.texts[row])) continue;
      add_error(row, rule,
                place_of(plan_->rules[rule]) + plan_->outputs[index].name +
                    " holds bytes that are not UTF-8; string.sub counts bytes, not characters");
      for (std::size_t i = first; i < end; ++i) result_.outputs[i].is_null[row] = 1;
    }
  }
}

/// Why a skipped row has no value of some parameter; empty where a column it needs is null.
std::string RuleEvaluator::missing_value(std::size_t rule, std::size_t row) const {
  const PlanRule& planned = plan_->rules[rule];
  for (const std::size_t column : planned.required)
    if (feed_.is_null(column, row)) return {};
  for (const std::size_t column : planned.lookups) {
    if (!feed_.is_null(column, row) || !plan_->period) continue;
    const ParamLookup& lookup = *plan_->columns[column].lookup;
    std::string org(kAnyOrg);
    for (std::size_t i = 0; i < plan_->columns.size(); ++i)
      if (plan_->columns[i].name == lookup.by && !feed_.is_null(i, row)) org = feed_.text(i, row);
    return place_of(planned) + "parameter '" + lookup.param + "': " + lookup.table->file() +
           " has " + lookup.table->missing(org, *plan_->period);
  }
  return {};
}

/// Rows a rule did not see have no result of it: what the arrays hold there is of an earlier chunk.
void RuleEvaluator::add_skipped() {
  const auto clear = [&](std::size_t rule, std::size_t row) {
    for (std::size_t i = 0; i < plan_->rules[rule].outputs.size(); ++i)
      result_.outputs[first_outputs_[rule] + i].is_null[row] = 1;
  };
  for (const Finding& finding : result_.findings)
    if (finding.state == Verdict::State::error) clear(finding.rule, finding.row);
  if (!feed_.has_nulls()) return;
  for (std::size_t rule = 0; rule < plan_->rules.size(); ++rule) {
    const std::uint8_t* skips = feed_.skips(rule);
    for (std::size_t row = 0; row < feed_.rows(); ++row) {
      if (skips[row] == 0) continue;
      clear(rule, row);
      std::string missing = missing_value(rule, row);
      if (missing.empty())
        result_.findings.push_back({static_cast<std::uint32_t>(row),
                                    static_cast<std::uint32_t>(rule),
                                    Verdict::State::not_applicable, "", ""});
      else
        add_error(row, rule, std::move(missing));
    }
  }
}

}  // namespace tallymill
