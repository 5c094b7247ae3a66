#include "rules/rule_units.h"

#include "core/text.h"

namespace tallymill {
namespace {

using Unit = UnitValue::Unit;

bool is_exact(Unit unit) { return unit == Unit::money || unit == Unit::decimal; }

}  // namespace

UnitValue unit_of(const Type& type) {
  if (type.kind == TypeKind::money) return {Unit::money, type.scale};
  if (type.kind == TypeKind::decimal) return {Unit::decimal, type.scale};
  if (type.kind == TypeKind::ratio) return {Unit::ratio};
  return {};
}

UnitValue UnitJudge::combine(const LuaOperator& op, const UnitValue& left,
                             const UnitValue& right) const {
  const bool adds = op.symbol == "+" || op.symbol == "-" || op.symbol == "%";
  if (op.is_comparison() || adds) check_units(op.is_comparison(), left, right);
  if (op.symbol == "*" && left.unit == Unit::money && right.unit == Unit::money)
    diagnostics_.error(at(left), "money times money is no amount",
                       "multiply by a ratio or a count, or use t.share");
  UnitValue result{Unit::unknown, 0, left.token};
  if (op.is_logical() || adds) {
    const bool left_counts = left.unit != Unit::zero && left.unit != Unit::unknown;
    const UnitValue& stronger = left_counts ? left : right;
    const bool agree =
        left.unit == right.unit || left.unit == Unit::zero || right.unit == Unit::zero;
    if (agree) result.unit = stronger.unit, result.scale = stronger.scale;
  } else if (op.symbol == "*" || op.symbol == "/") {
    const bool scales = right.unit == Unit::number || right.unit == Unit::ratio;
    if (scales) result.unit = left.unit, result.scale = left.scale;
    if (op.symbol == "*" && is_exact(right.unit) && left.unit == Unit::number)
      result.unit = right.unit, result.scale = right.scale;
    if (op.symbol == "/" && left.unit == Unit::money && right.unit == Unit::money)
      result.unit = Unit::ratio;
  }
  return result;
}

void UnitJudge::give(const std::string& column, const Type& type, const UnitValue& value) const {
  const UnitValue exact = unit_of(type);
  if (value.unit == Unit::number && value.is_literal && is_exact(exact.unit))
    report_bare(value, exact, "column '" + column + "' is ", " and is given");
}

void UnitJudge::check_units(bool compares, const UnitValue& left, const UnitValue& right) const {
  const std::string verb = compares ? " and is compared with" : " and is combined with";
  if (is_exact(left.unit) && right.unit == Unit::number)
    report_bare(right, left, written(left) + " is ", verb);
  else if (left.unit == Unit::number && is_exact(right.unit))
    report_bare(left, right, written(right) + " is ", verb);
  else if ((left.unit == Unit::money && right.unit == Unit::ratio) ||
           (left.unit == Unit::ratio && right.unit == Unit::money))
    diagnostics_.error(at(left), "money" + verb.substr(4) + " a ratio",
                       "turn the ratio into money first: t.share(amount, ratio)");
}

void UnitJudge::report_bare(const UnitValue& number, const UnitValue& exact,
                            const std::string& subject, const std::string& verb) const {
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

/// A short operand as it is written, to name it in a message.
std::string UnitJudge::written(const UnitValue& value) const {
  const std::vector<LuaToken>& tokens = outline_.tokens();
  const LuaToken& token = tokens[value.token];
  if (token.is("(")) return "the expression";
  if (token.is("-")) return "-" + std::string(tokens[value.token + 1].text);
  const bool is_field = token.kind == LuaToken::Kind::name && tokens[value.token + 1].is(".");
  if (is_field) {
    const bool is_call = tokens[value.token + 3].is("(");
    return std::string(token.text) + "." + std::string(tokens[value.token + 2].text) +
           (is_call ? "(...)" : "");
  }
  return std::string(token.text);
}

SourcePosition UnitJudge::at(const UnitValue& value) const {
  SourcePosition where = position_of(outline_.file(), outline_.tokens()[value.token]);
  where.length = static_cast<int>(written(value).size());
  return where;
}

}  // namespace tallymill
