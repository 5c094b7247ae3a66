#include "rules/rule_lint.h"

#include <array>
#include <cstdlib>
#include <optional>
#include <vector>

#include "core/text.h"

namespace tallymill {
namespace {

/// What an expression is worth, as far as tokens tell.
struct Value {
  enum class Unit { unknown, zero, number, money, decimal, ratio };
  Unit unit = Unit::unknown;
  int scale = 0;
  std::size_t token = 0;  ///< where it starts
  bool is_literal = false;
};
using Unit = Value::Unit;

struct Operator {
  std::string_view symbol;
  int precedence;
  bool right_associative;
};
constexpr std::array<Operator, 16> kOperators = {{{"or", 1, false},
                                                  {"and", 2, false},
                                                  {"<", 3, false},
                                                  {">", 3, false},
                                                  {"<=", 3, false},
                                                  {">=", 3, false},
                                                  {"~=", 3, false},
                                                  {"==", 3, false},
                                                  {"..", 4, true},
                                                  {"+", 5, false},
                                                  {"-", 5, false},
                                                  {"*", 6, false},
                                                  {"/", 6, false},
                                                  {"%", 6, false},
                                                  {"^", 8, true},
                                                  {"", 0, false}}};
constexpr int kUnaryPrecedence = 7;

bool is_exact_unit(Unit unit) { return unit == Unit::money || unit == Unit::decimal; }

Value value_of(const Type& type) {
  if (type.kind == TypeKind::money) return {Unit::money, type.scale};
  if (type.kind == TypeKind::decimal) return {Unit::decimal, type.scale};
  if (type.kind == TypeKind::ratio) return {Unit::ratio};
  return {};
}

/// A recursive-descent reader of expressions inside a flat walk over statements. It never fails:
/// Lua has already accepted the file.
class Lint {
 public:
  Lint(const RuleOutline& outline, const LintNames& names, Diagnostics& diagnostics)
      : outline_(outline), tokens_(outline.tokens()), names_(names), diagnostics_(diagnostics) {
    for (std::size_t i = 0; i + 3 < tokens_.size(); ++i)
      if (tokens_[i].is("local") && tokens_[i + 2].is("=") && tokens_[i + 3].is("require"))
        library_ = tokens_[i + 1].text;
  }

  void run() {
    while (!at_end()) walk(0);
  }

 private:
  const LuaToken& now() const { return tokens_[position_]; }
  const LuaToken& ahead(std::size_t count) const {
    return tokens_[std::min(position_ + count, tokens_.size() - 1)];
  }
  bool at_end() const { return now().kind == LuaToken::Kind::end; }
  void next() {
    if (!at_end()) ++position_;
  }
  bool accept(std::string_view symbol) {
    if (!now().is(symbol)) return false;
    next();
    return true;
  }

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

  static const Operator& operator_of(const LuaToken& token) {
    for (const Operator& candidate : kOperators)
      if (token.is(candidate.symbol)) return candidate;
    return kOperators.back();
  }

  Value read_expression(int min_precedence) {
    Value left = read_unary();
    for (;;) {
      const Operator& op = operator_of(now());
      if (op.precedence == 0 || op.precedence <= min_precedence) return left;
      next();
      const Value right = read_expression(op.right_associative ? op.precedence - 1 : op.precedence);
      left = combine(op, left, right);
    }
  }

  Value read_unary() {
    const std::size_t start = position_;
    if (now().is("-")) {
      next();
      Value value = read_expression(kUnaryPrecedence);
      value.token = start;
      return value;
    }
    if (now().is("not") || now().is("#")) {
      next();
      read_expression(kUnaryPrecedence);
      return {Unit::unknown, 0, start};
    }
    return read_primary();
  }

  Value read_primary() {
    const std::size_t start = position_;
    const LuaToken& token = now();
    Value value{Unit::unknown, 0, start};
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
  Value read_name() {
    const std::string_view name = now().text;
    const std::string_view field = ahead(1).is(".") ? ahead(2).text : std::string_view();
    const auto known = [&](const auto& types) -> std::optional<Value> {
      const auto it = types.find(field);
      if (it == types.end()) return std::nullopt;
      position_ += 3;
      return value_of(it->second);
    };
    std::optional<Value> found;
    if (!field.empty() && name == outline_.row_name()) found = known(names_.needs);
    if (!field.empty() && name == outline_.params_name()) found = known(names_.params);
    if (found) return *found;
    if (!field.empty() && (name == library_ || name == "math")) return read_library_call();
    next();
    const auto local = locals_.find(std::string(name));
    if (local == locals_.end()) return {};
    Value value = local->second;
    value.is_literal = false;
    return value;
  }

  /// `t.money "1"`, `t.round(x)`, `math.max(a, b)`, `t.fail(...)`.
  Value read_library_call() {
    position_ += 2;
    const std::string_view function = now().text;
    next();
    if (function == "money") return read_arguments(), Value{Unit::money, names_.currency_scale};
    if (function == "percent" || function == "ratio") return read_arguments(), Value{Unit::ratio};
    if (function == "decimal") return read_arguments(), Value{Unit::decimal};
    const bool has_message = function == "fail" || function == "warn" || function == "band";
    if (has_message && now().is("(")) check_template();
    const bool keeps_unit = function == "round" || function == "share" || function == "abs" ||
                            function == "max" || function == "min" || function == "floor" ||
                            function == "ceil";
    const Value first = read_arguments();
    return keeps_unit ? first : Value{};
  }

  /// Behind the arguments of a call, if there is one; gives the first argument.
  Value read_arguments() {
    if (now().kind == LuaToken::Kind::text) return next(), Value{};
    if (now().is("{")) return read_table(nullptr), Value{};
    if (!accept("(")) return {};
    Value first;
    for (bool is_first = true; !at_end() && !now().is(")"); is_first = false) {
      const std::size_t before = position_;
      const Value value = read_expression(0);
      if (is_first) first = value;
      if (!accept(",") && position_ == before) next();
    }
    next();
    return first;
  }

  Value read_suffixes(Value value) {
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
    const Value value = read_expression(0);
    if (columns == nullptr || value.unit != Unit::number || !value.is_literal) return;
    const auto column = columns->find(key);
    if (column == columns->end() || !is_exact_unit(value_of(column->second).unit)) return;
    report_bare(value, value_of(column->second), "column '" + key + "' is ", " and is given");
  }

  Value combine(const Operator& op, const Value& left, const Value& right) {
    const bool compares = op.precedence == 3;
    const bool adds = op.symbol == "+" || op.symbol == "-" || op.symbol == "%";
    if (compares || adds) check_units(compares, left, right);
    if (op.symbol == "*" && left.unit == Unit::money && right.unit == Unit::money)
      diagnostics_.error(at(left), "money times money is no amount",
                         "multiply by a ratio or a count, or use t.share");
    Value result{Unit::unknown, 0, left.token};
    if (op.precedence <= 2 || adds) {
      const bool left_counts = left.unit != Unit::zero && left.unit != Unit::unknown;
      const Value& stronger = left_counts ? left : right;
      const bool agree =
          left.unit == right.unit || left.unit == Unit::zero || right.unit == Unit::zero;
      if (agree) result.unit = stronger.unit, result.scale = stronger.scale;
    } else if (op.symbol == "*" || op.symbol == "/") {
      const bool scales = right.unit == Unit::number || right.unit == Unit::ratio;
      if (scales) result.unit = left.unit, result.scale = left.scale;
      if (op.symbol == "*" && is_exact_unit(right.unit) && left.unit == Unit::number)
        result.unit = right.unit, result.scale = right.scale;
      if (op.symbol == "/" && left.unit == Unit::money && right.unit == Unit::money)
        result.unit = Unit::ratio;
    }
    return result;
  }

  void check_units(bool compares, const Value& left, const Value& right) {
    const std::string verb = compares ? " and is compared with" : " and is combined with";
    if (is_exact_unit(left.unit) && right.unit == Unit::number)
      report_bare(right, left, written(left) + " is ", verb);
    else if (left.unit == Unit::number && is_exact_unit(right.unit))
      report_bare(left, right, written(right) + " is ", verb);
    else if ((left.unit == Unit::money && right.unit == Unit::ratio) ||
             (left.unit == Unit::ratio && right.unit == Unit::money))
      diagnostics_.error(at(left), "money" + verb.substr(4) + " a ratio",
                         "turn the ratio into money first: t.share(amount, ratio)");
  }

  void report_bare(const Value& number, const Value& exact, const std::string& subject,
                   const std::string& verb) {
    const std::string text = written(number);
    const bool is_money = exact.unit == Unit::money;
    std::string message = subject + (is_money ? "money" : "a decimal") + verb;
    const std::string shown = number.is_literal ? text : "...";
    const std::string literal =
        is_money ? "t.money \"" + shown + "\""
                 : "t.decimal(\"" + shown + "\", " + std::to_string(exact.scale) + ")";
    if (!number.is_literal) {
      diagnostics_.error(at(number), message + " a bare number", "make it " + literal);
      return;
    }
    message += " the bare number " + text;
    const auto units = parse_integer(text);
    if (units && exact.scale > 0)
      message += ", which means " + format_decimal(units.value, exact.scale);
    diagnostics_.error(at(number), message, "write " + literal);
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

  /// A short operand as it is written, to name it in a message.
  std::string written(const Value& value) const {
    const LuaToken& token = tokens_[value.token];
    if (token.is("(")) return "the expression";
    if (token.is("-")) return "-" + std::string(tokens_[value.token + 1].text);
    const bool is_field = token.kind == LuaToken::Kind::name && tokens_[value.token + 1].is(".");
    if (is_field) {
      const bool is_call = tokens_[value.token + 3].is("(");
      return std::string(token.text) + "." + std::string(tokens_[value.token + 2].text) +
             (is_call ? "(...)" : "");
    }
    return std::string(token.text);
  }

  SourcePosition at(const Value& value) const {
    SourcePosition where = position_of(outline_.file(), tokens_[value.token]);
    where.length = static_cast<int>(written(value).size());
    return where;
  }

  const RuleOutline& outline_;
  const std::vector<LuaToken>& tokens_;
  const LintNames& names_;
  Diagnostics& diagnostics_;
  std::string library_;
  std::map<std::string, Value> locals_;
  std::size_t position_ = 0;
};

}  // namespace

void lint_rule(const RuleOutline& outline, const LintNames& names, Diagnostics& diagnostics) {
  Lint(outline, names, diagnostics).run();
}

}  // namespace tallymill
