#include "rules/rule_code.h"

#include <algorithm>
#include <charconv>

#include "core/utf8.h"
#include "rules/lua_operators.h"

namespace tallymill {
namespace {

using Kind = LuaExpression::Kind;

/// Fields of a rule that are logic; the rest describes it.
bool is_logic_field(std::string_view field, std::string_view function) {
  return field == function || field == "params";
}

bool gives_first_type(std::string_view function) {
  return function == "round" || function == "share" || function == "max" || function == "min" ||
         function == "abs" || function == "floor" || function == "ceil";
}

/// Names a rule may use that hold nothing of a row.
constexpr std::string_view kLibraries[] = {"math",  "string", "table",  "bit",      "ipairs",
                                           "pairs", "type",   "select", "tonumber", "unpack",
                                           "pcall", "error",  "assert", "tostring", "require"};

}  // namespace

RuleCode::RuleCode(const LoadedRule& rule, int currency_scale, std::set<std::string> sensitive)
    : rule_(rule),
      scale_(currency_scale),
      sensitive_(std::move(sensitive)),
      lua_(rule.source.text),
      clear_(std::begin(kLibraries), std::end(kLibraries)),
      edits_(lua_.tokens().size()) {
  find_parts();
  find_locals();
  find_conditions();
}

std::string_view RuleCode::text_of(std::size_t expression) const {
  return lua_.text(at(expression).first, at(expression).end);
}

SourcePosition RuleCode::position(std::size_t first, std::size_t end) const {
  const LuaToken& token = lua_.tokens()[first];
  const std::string_view text = lua_.text(first, end);
  return {rule_.source.file, token.line, token.column,
          static_cast<int>(count_characters(text.substr(0, text.find('\n'))))};
}

std::string_view RuleCode::library_function(const LuaExpression& call) const {
  const LuaExpression& callee = at(call.children.front());
  if (callee.kind != Kind::field) return {};
  const std::string_view base = text_of(callee.children.front());
  return base == library_ || base == "math" ? lua_.tokens()[callee.op].text : std::string_view();
}

/// Finds the rule's table and what its fields are, messages, and literals of the library.
void RuleCode::find_parts() {
  for (const LuaStatement& statement : lua_.statements())
    if (statement.kind == LuaStatement::Kind::local && statement.values.size() == 1 &&
        text_of(statement.values.front()).starts_with("require"))
      library_ = statement.names.front();
  const std::string_view function = shape_of(rule_.info.kind).function;
  std::size_t rule_call = lua_.tokens().size();
  for (const LuaExpression& call : lua_.expressions()) {
    if (call.kind != Kind::call || call.children.size() < 2) continue;
    const std::string_view name = library_function(call);
    const std::size_t argument = call.children[1];
    if (name.ends_with("_rule") && at(argument).kind == Kind::table) {
      rule_call = call.first;
      const LuaExpression& table = at(argument);
      for (std::size_t i = 0; i < table.children.size(); ++i) {
        const LuaExpression& value = at(table.children[i]);
        const std::string_view field =
            table.keys[i] == 0 ? std::string_view() : lua_.tokens()[table.keys[i]].text;
        (is_logic_field(field, function) ? logic_ : other_).push_back({value.first, value.end});
        if (field != function || value.kind != Kind::function) continue;
        for (const LuaFunction& body : lua_.functions()) {
          if (body.first != value.first) continue;
          if (!body.parameters.empty()) row_name_ = body.parameters[0];
          if (body.parameters.size() > 1) params_name_ = body.parameters[1];
        }
      }
    } else if ((name == "fail" || name == "warn" || name == "band") && call.children.size() > 2) {
      prose_.push_back({at(call.children[2]).first, at(call.children[2]).end});
    } else if (name == "param" && at(argument).kind == Kind::table) {
      const LuaExpression& table = at(argument);
      for (std::size_t i = 0; i < table.children.size(); ++i)
        if (table.keys[i] != 0 && lua_.tokens()[table.keys[i]].text != "default")
          prose_.push_back({at(table.children[i]).first, at(table.children[i]).end});
    } else if (!name.empty() && at(argument).kind == Kind::constant) {
      literals_[at(argument).first] = name;
    }
  }
  logic_.push_back({0, std::min(rule_call, lua_.tokens().size() - 1)});
  for (const LuaExpression& call : lua_.expressions())
    if (call.kind == Kind::call && text_of(call.children.front()) == "require")
      other_.push_back({call.first, call.end});
}

bool RuleCode::is_logic(std::size_t token) const {
  const auto holds = [&](const Span& span) { return span.holds(token); };
  return std::any_of(logic_.begin(), logic_.end(), holds) &&
         std::none_of(other_.begin(), other_.end(), holds);
}

bool RuleCode::is_prose(std::size_t token) const {
  return std::any_of(prose_.begin(), prose_.end(),
                     [&](const Span& span) { return span.holds(token); });
}

std::string RuleCode::literal_kind(std::size_t token) const {
  const auto found = literals_.find(token);
  return found == literals_.end() ? std::string() : found->second;
}

/// What names hold, as far as their declarations tell; a name stands for all of its uses.
void RuleCode::find_locals() {
  clear_.insert(library_);
  clear_.insert(params_name_);
  for (int pass = 0; pass < 2; ++pass) {  // a loop may change a name before it is read
    for (const LuaStatement& statement : lua_.statements()) {
      if (statement.kind == LuaStatement::Kind::local) {
        for (std::size_t i = 0; i < statement.names.size(); ++i) {
          const std::string_view name = statement.names[i];
          const bool has_value = i < statement.values.size();
          const bool clear = !has_value || is_clear(statement.values[i]);
          if (clear && pass == 0) clear_.insert(name);
          if (!clear) clear_.erase(name);
          if (!has_value) continue;
          if (const auto type = type_of(statement.values[i])) locals_.emplace(name, *type);
        }
      } else if (statement.kind == LuaStatement::Kind::assign) {
        const bool clear = std::all_of(statement.values.begin(), statement.values.end(),
                                       [&](std::size_t value) { return is_clear(value); });
        if (!clear) clear_.erase(lua_.tokens()[statement.first].text);
      }
    }
  }
}

std::string_view RuleCode::base_of(const LuaExpression& field) const {
  if (field.kind != Kind::field || at(field.children.front()).kind != Kind::name) return {};
  const std::string_view base = text_of(field.children.front());
  return base == row_name_ || base == params_name_ ? base : std::string_view();
}

bool RuleCode::is_clear(std::size_t expression) const {
  if (sensitive_.empty()) return true;
  const LuaExpression& it = at(expression);
  if (base_of(it) == row_name_) return !sensitive_.contains(std::string(lua_.tokens()[it.op].text));
  if (it.kind == Kind::name) return clear_.contains(text_of(expression));
  if (it.kind == Kind::function) return false;
  return std::all_of(it.children.begin(), it.children.end(),
                     [&](std::size_t child) { return is_clear(child); });
}

void RuleCode::add_columns(std::size_t expression, std::vector<std::string>& columns) const {
  const LuaExpression& it = at(expression);
  if (base_of(it) == row_name_) columns.emplace_back(lua_.tokens()[it.op].text);
  for (const std::size_t child : it.children) add_columns(child, columns);
}

std::optional<Type> RuleCode::type_of(std::size_t expression) const {
  const LuaExpression& it = at(expression);
  switch (it.kind) {
    case Kind::constant: {
      const LuaToken& token = lua_.tokens()[it.first];
      if (token.kind == LuaToken::Kind::text) return Type::text();
      if (token.is("true") || token.is("false")) return Type::boolean();
      return std::nullopt;
    }
    case Kind::name: {
      const auto local = locals_.find(text_of(expression));
      return local == locals_.end() ? std::nullopt : std::optional(local->second);
    }
    case Kind::field: {
      const std::string_view base = base_of(it);
      const std::string name(lua_.tokens()[it.op].text);
      // The rows of a group have names that the rule chooses.
      if (base == row_name_ || (rule_.info.kind == RuleKind::group && base != params_name_))
        for (const RuleNeed& need : rule_.info.needs)
          if (need.column == name) return need.type;
      if (base == params_name_)
        if (const auto found = rule_.param_types.find(name); found != rule_.param_types.end())
          return found->second;
      return std::nullopt;
    }
    case Kind::call:
      return type_of_call(it);
    case Kind::group:
      return type_of(it.children.front());
    case Kind::unary:
      return lua_.tokens()[it.op].is("-") ? type_of(it.children.front()) : std::nullopt;
    case Kind::binary:
      return type_of_binary(it);
    default:
      return std::nullopt;
  }
}

std::optional<Type> RuleCode::type_of_call(const LuaExpression& call) const {
  const std::string_view name = library_function(call);
  if (name == "money") return Type::money(scale_);
  if (name == "percent" || name == "ratio") return Type::ratio();
  if (name == "date") return Type::date();
  if (name == "timestamp") return Type::timestamp();
  if (name == "decimal" && call.children.size() > 2) {
    int scale = 0;
    const std::string_view text = text_of(call.children[2]);
    std::from_chars(text.data(), text.data() + text.size(), scale);
    return Type::decimal(18, scale);
  }
  if (gives_first_type(name) && call.children.size() > 1) return type_of(call.children[1]);
  return std::nullopt;
}

std::optional<Type> RuleCode::type_of_binary(const LuaExpression& binary) const {
  const LuaToken& op = lua_.tokens()[binary.op];
  const auto left = type_of(binary.children[0]);
  const auto right = type_of(binary.children[1]);
  if (op.is("and") || op.is("or")) return right ? right : left;
  if (op.is("..")) return Type::text();
  if (op.is("+") || op.is("-")) {
    if (op.is("-") && left && right && left->kind == TypeKind::date) return std::nullopt;
    return left ? left : right;
  }
  if (op.is("*")) return left && right ? std::nullopt : left ? left : right;
  return std::nullopt;
}

void RuleCode::find_conditions() {
  const auto counts = [&](const LuaExpression& it) {
    return it.function != 0 && is_logic(it.first);
  };
  for (const std::size_t condition : lua_.conditions())
    if (counts(at(condition))) ask(condition);
  // Outer expressions come behind their parts.
  for (std::size_t i = lua_.expressions().size(); i-- > 0;) {
    const LuaExpression& it = at(i);
    if (!counts(it) || asked_.contains(i)) continue;
    const LuaToken& op = lua_.tokens()[it.op];
    const LuaOperator* binary = it.kind == Kind::binary ? lua_operator(op) : nullptr;
    if (binary != nullptr && binary->is_logical()) ask(it.children.front());
    if (it.kind == Kind::unary && op.is("not")) ask(it.children.front());
    if (binary != nullptr && binary->is_comparison()) add_condition(i);
  }
}

/// `expression` is asked for its truth: so are its parts.
void RuleCode::ask(std::size_t expression) {
  const LuaExpression& it = at(expression);
  const LuaToken& op = lua_.tokens()[it.op];
  if (it.kind == Kind::group || (it.kind == Kind::unary && op.is("not"))) {
    asked_.insert(expression);
    return ask(it.children.front());
  }
  if (it.kind == Kind::binary && (op.is("and") || op.is("or"))) {
    asked_.insert(expression);
    ask(it.children[0]);
    return ask(it.children[1]);
  }
  if (it.kind != Kind::constant && it.kind != Kind::table && it.kind != Kind::function)
    add_condition(expression);
}

void RuleCode::add_condition(std::size_t expression) {
  if (!asked_.insert(expression).second) return;
  const LuaExpression& it = at(expression);
  RuleCondition made{.where = position(it.first, it.end),
                     .text = std::string(text_of(expression)),
                     .is_clear = is_clear(expression)};
  const LuaOperator* op = it.kind == Kind::binary ? lua_operator(lua_.tokens()[it.op]) : nullptr;
  made.is_comparison = op != nullptr && op->is_comparison();
  const std::string number = std::to_string(conditions_.size());
  // Outer conditions come first: what they put around is further out.
  const auto wrap = [&](const std::string& call) {
    edits_[it.first].before += call + "(" + number + ", ";
    edits_[it.end - 1].after = ")" + edits_[it.end - 1].after;
  };
  if (made.is_comparison) {
    const std::size_t left = it.children[0];
    const std::size_t right = it.children[1];
    made.op = op->symbol;
    made.left = text_of(left);
    made.right = text_of(right);
    made.type = type_of(left);
    if (!made.type) made.type = type_of(right);
    add_columns(left, made.left_columns);
    add_columns(right, made.right_columns);
    wrap(" tm_compare");
    edits_[it.op].is_operator = true;
  } else {
    made.type = type_of(expression);
    add_columns(expression, made.left_columns);
    wrap(" tm_seen");
  }
  conditions_.push_back(std::move(made));
}

std::string RuleCode::instrumented() const {
  const std::string_view source = lua_.source();
  std::string text;
  std::size_t copied = 0;
  for (std::size_t i = 0; i + 1 < lua_.tokens().size(); ++i) {
    const std::size_t from = lua_.offset(i);
    const std::string_view token = lua_.tokens()[i].text;
    text += source.substr(copied, from - copied);
    text += edits_[i].before;
    text += edits_[i].is_operator ? std::string_view(",") : token;
    text += edits_[i].after;
    copied = from + token.size();
  }
  return text + std::string(source.substr(copied));
}

}  // namespace tallymill
