#include "rules/rule_lint.h"

#include <cstdlib>
#include <optional>
#include <vector>

#include "core/text.h"
#include "rules/lua_operators.h"
#include "rules/rule_units.h"

namespace tallymill {
namespace {

using Unit = UnitValue::Unit;

/// A recursive-descent reader of expressions inside a flat walk over statements. It never fails:
/// Lua has already accepted the file.
class Lint : private LuaCursor {
 public:
  Lint(const RuleOutline& outline, const LintNames& names, Diagnostics& diagnostics)
      : LuaCursor(outline.tokens()),
        outline_(outline),
        names_(names),
        diagnostics_(diagnostics),
        units_(outline, diagnostics) {
    for (std::size_t i = 0; i + 3 < tokens_.size(); ++i)
      if (tokens_[i].is("local") && tokens_[i + 2].is("=") && tokens_[i + 3].is("require"))
        library_ = tokens_[i + 1].text;
  }

  void run() {
    while (!at_end()) walk(0);
  }

 private:
  static bool starts_expression(const LuaToken& token) {
    using Kind = LuaToken::Kind;
    return token.kind == Kind::name || token.kind == Kind::number || token.kind == Kind::text ||
           token.is("(") || token.is("{") || token.is("-") || token.is("#") || token.is("not") ||
           token.is("nil") || token.is("true") || token.is("false") || token.is("...");
  }

  /// Statements up to the `end` that closes `depth` blocks; to the end of the file for 0.
  void walk(int depth) {
    const bool is_file = depth == 0;
    while (!at_end()) {
      const LuaToken& token = now();
      if (token.is("function")) {
        ++depth;
        skip_function_head();
      } else if (token.is("if") || token.is("do") || token.is("repeat")) {
        ++depth;
        next();
      } else if (token.is("end") || token.is("until")) {
        next();
        if (--depth == 0 && !is_file) return;
      } else if (token.is("for")) {
        while (!at_end() && !now().is("=") && !now().is("in")) forget(), next();
      } else if (token.is("return") && ahead(1).is("{")) {
        next();
        read_table(&names_.returns);
      } else if (token.kind == LuaToken::Kind::name && ahead(1).is("=")) {
        assign();
      } else if (starts_expression(token)) {
        read_expression(0);
      } else {
        next();
      }
    }
  }

  void forget() { locals_.erase(std::string(now().text)); }

  void assign() {
    const std::string name(now().text);
    next();
    next();
    if (starts_expression(now()) || now().is("function")) locals_[name] = read_expression(0);
  }

  /// From `function` to behind its parameter list.
  void skip_function_head() {
    while (!at_end() && !now().is("(")) next();
    while (!at_end() && !now().is(")")) forget(), next();
    next();
  }

  UnitValue read_expression(int min_precedence) {
    UnitValue left = read_unary();
    for (;;) {
      const LuaOperator* op = lua_operator(now());
      if (op == nullptr || op->precedence <= min_precedence) return left;
      next();
      const UnitValue right =
          read_expression(op->right_associative ? op->precedence - 1 : op->precedence);
      left = units_.combine(*op, left, right);
    }
  }

  UnitValue read_unary() {
    const std::size_t start = position_;
    if (now().is("-")) {
      next();
      UnitValue value = read_expression(kLuaUnaryPrecedence);
      value.token = start;
      return value;
    }
    if (now().is("not") || now().is("#")) {
      next();
      read_expression(kLuaUnaryPrecedence);
      return {Unit::unknown, 0, start};
    }
    return read_primary();
  }

  UnitValue read_primary() {
    const std::size_t start = position_;
    const LuaToken& token = now();
    UnitValue value{Unit::unknown, 0, start};
    if (token.kind == LuaToken::Kind::number) {
      const bool is_zero = std::strtod(std::string(token.text).c_str(), nullptr) == 0.0;
      value.unit = is_zero ? Unit::zero : Unit::number;
      value.is_literal = true;
      next();
      return value;
    }
    if (token.is("{")) {
      read_table(nullptr);
    } else if (token.is("function")) {
      skip_function_head();
      walk(1);
    } else if (accept("(")) {
      value = read_expression(0);
      accept(")");
    } else if (token.kind == LuaToken::Kind::name) {
      value = read_name();
    } else {
      next();
    }
    value.token = start;
    return read_suffixes(value);
  }

  /// A known name, or an unknown one; behind what it consists of.
  UnitValue read_name() {
    const std::string_view name = now().text;
    const std::string_view field = ahead(1).is(".") ? ahead(2).text : std::string_view();
    const auto known = [&](const auto& types) -> std::optional<UnitValue> {
      const auto it = types.find(field);
      if (it == types.end()) return std::nullopt;
      position_ += 3;
      return unit_of(it->second);
    };
    std::optional<UnitValue> found;
    if (!field.empty() && name == outline_.row_name()) found = known(names_.needs);
    if (!field.empty() && name == outline_.params_name()) found = known(names_.params);
    if (found) return *found;
    if (!field.empty() && (name == library_ || name == "math")) return read_library_call();
    next();
    const auto local = locals_.find(std::string(name));
    if (local == locals_.end()) return {};
    UnitValue value = local->second;
    value.is_literal = false;
    return value;
  }

  /// `t.money "1"`, `t.round(x)`, `math.max(a, b)`, `t.fail(...)`.
  UnitValue read_library_call() {
    position_ += 2;
    const std::string_view function = now().text;
    next();
    if (function == "money") return read_arguments(), UnitValue{Unit::money, names_.currency_scale};
    if (function == "percent" || function == "ratio")
      return read_arguments(), UnitValue{Unit::ratio};
    if (function == "decimal") return read_arguments(), UnitValue{Unit::decimal};
    const bool has_message = function == "fail" || function == "warn" || function == "band";
    if (has_message && now().is("(")) check_template();
    const bool keeps_unit = function == "round" || function == "share" || function == "abs" ||
                            function == "max" || function == "min" || function == "floor" ||
                            function == "ceil" || function == "sum" || function == "times" ||
                            function == "round_to" || function == "clamp";
    const UnitValue first = read_arguments();
    return keeps_unit ? first : UnitValue{};
  }

  /// Behind the arguments of a call, if there is one; gives the first argument.
  UnitValue read_arguments() {
    if (now().kind == LuaToken::Kind::text) return next(), UnitValue{};
    if (now().is("{")) return read_table(nullptr), UnitValue{};
    if (!accept("(")) return {};
    UnitValue first;
    for (bool is_first = true; !at_end() && !now().is(")"); is_first = false) {
      const std::size_t before = position_;
      const UnitValue value = read_expression(0);
      if (is_first) first = value;
      if (!accept(",") && position_ == before) next();
    }
    next();
    return first;
  }

  UnitValue read_suffixes(UnitValue value) {
    for (;;) {
      const LuaToken& token = now();
      if (token.is(".") || token.is(":")) {
        next();
        next();
      } else if (token.is("[")) {
        next();
        read_expression(0);
        accept("]");
      } else if (token.is("(") || token.is("{") || token.kind == LuaToken::Kind::text) {
        read_arguments();
      } else {
        return value;
      }
      value.unit = Unit::unknown;
    }
  }

  /// Types of the columns that fields of a table under `key` stand for.
  const std::map<std::string, Type, std::less<>>* columns_of(std::string_view key) const {
    if (key == "given") return &names_.needs;
    if (key == "expect") return &names_.returns;
    return nullptr;
  }

  void read_table(const std::map<std::string, Type, std::less<>>* columns) {
    next();
    while (!at_end() && !now().is("}")) {
      const std::size_t before = position_;
      if (now().kind == LuaToken::Kind::name && ahead(1).is("=")) {
        read_field(columns);
      } else if (accept("[")) {
        read_expression(0);
        accept("]");
        accept("=");
        read_expression(0);
      } else if (starts_expression(now()) || now().is("function")) {
        read_expression(0);
      }
      if (!accept(",") && !accept(";") && position_ == before) next();
    }
    next();
  }

  void read_field(const std::map<std::string, Type, std::less<>>* columns) {
    const std::string key(now().text);
    next();
    next();
    if (now().is("{") && columns_of(key) != nullptr) return read_table(columns_of(key));
    const UnitValue value = read_expression(0);
    if (columns == nullptr) return;
    if (const auto column = columns->find(key); column != columns->end())
      units_.give(key, column->second, value);
  }

  /// `t.fail(code, "... {name} ...", row)`: each name must be a column or parameter of the rule.
  void check_template() {
    const std::size_t text = now().is("(") && ahead(2).is(",") ? position_ + 3 : 0;
    if (text == 0 || text + 3 >= tokens_.size() || tokens_[text].kind != LuaToken::Kind::text)
      return;
    const bool fills_row = tokens_[text + 1].is(",") && !outline_.row_name().empty() &&
                           tokens_[text + 2].is(outline_.row_name()) && tokens_[text + 3].is(")");
    if (!fills_row) return;
    const std::string_view content = text_content(tokens_[text]);
    for (std::size_t open = content.find('{'); open != std::string_view::npos;
         open = content.find('{', open + 1)) {
      const std::size_t close = content.find('}', open);
      if (close == std::string_view::npos) return;
      check_template_name(std::string(content.substr(open + 1, close - open - 1)), tokens_[text]);
    }
  }

  void check_template_name(const std::string& name, const LuaToken& token) {
    if (!is_identifier(name) || names_.needs.contains(name) || names_.params.contains(name)) return;
    std::vector<std::string> known;
    for (const auto& [column, type] : names_.needs) known.push_back(column);
    for (const auto& [param, type] : names_.params) known.push_back(param);
    diagnostics_.error(position_of(outline_.file(), token),
                       "the message names {" + name + "}, which is neither in needs nor in params",
                       did_you_mean(name, known));
  }

  const RuleOutline& outline_;
  const LintNames& names_;
  Diagnostics& diagnostics_;
  UnitJudge units_;
  std::string library_;
  std::map<std::string, UnitValue> locals_;
};

/// Whether columns may be read that the source does not name: pairs(row), row[name].
bool finds_columns_by_name(const RuleOutline& outline) {
  const std::vector<LuaToken>& tokens = outline.tokens();
  for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
    if (tokens[i].is("pairs")) return true;
    if (tokens[i].is("[") && tokens[i - 1].is(outline.row_name()) &&
        tokens[i + 1].kind == LuaToken::Kind::name)
      return true;
  }
  return false;
}

/// `.column` anywhere, or a text that is its name or a message with it.
bool mentions(const RuleOutline& outline, const std::string& column) {
  const std::vector<LuaToken>& tokens = outline.tokens();
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    if (tokens[i].is(column) && tokens[i - 1].is(".")) return true;
    if (tokens[i].kind != LuaToken::Kind::text) continue;
    const std::string_view text = text_content(tokens[i]);
    if (text == column || text.find("{" + column + "}") != text.npos ||
        text.find("{" + column + ":") != text.npos)
      return true;
  }
  return false;
}

}  // namespace

void warn_of_unread_columns(const RuleOutline& outline, const LintNames& names,
                            Diagnostics& diagnostics) {
  if (finds_columns_by_name(outline)) return;
  for (const auto& [column, type] : names.needs)
    if (!mentions(outline, column))
      diagnostics.warning(outline.position("needs." + column),
                          "column '" + column + "' is needed and never read",
                          "leave it out of needs: a row without a value in it is not judged");
}

void lint_rule(const RuleOutline& outline, const LintNames& names, Diagnostics& diagnostics) {
  Lint(outline, names, diagnostics).run();
}

}  // namespace tallymill
