#pragma once

#include <cstddef>
#include <string>

#include "core/diagnostics.h"
#include "datasets/type.h"
#include "rules/lua_operators.h"
#include "rules/rule_outline.h"

namespace tallymill {

/// What an expression of a rule is worth, as far as its tokens tell.
struct UnitValue {
  enum class Unit { unknown, zero, number, money, decimal, ratio };
  Unit unit = Unit::unknown;
  int scale = 0;
  std::size_t token = 0;  ///< where it starts, in the outline's tokens
  bool is_literal = false;
};

/// The unit of a column or parameter of this type; unknown where units do not matter.
UnitValue unit_of(const Type& type);

/// Says which unit an operation gives, and reports operations that mix units: money or a decimal
/// with a bare number other than 0, money times money, money with a ratio.
class UnitJudge {
 public:
  UnitJudge(const RuleOutline& outline, Diagnostics& diagnostics)
      : outline_(outline), diagnostics_(diagnostics) {}

  /// The value of `left op right`.
  UnitValue combine(const LuaOperator& op, const UnitValue& left, const UnitValue& right) const;
  /// Judges `column = value` where a test of the rule gives or expects columns.
  void give(const std::string& column, const Type& type, const UnitValue& value) const;

 private:
  void check_units(bool compares, const UnitValue& left, const UnitValue& right) const;
  void report_bare(const UnitValue& number, const UnitValue& exact, const std::string& subject,
                   const std::string& verb) const;
  std::string written(const UnitValue& value) const;
  SourcePosition at(const UnitValue& value) const;

  const RuleOutline& outline_;
  Diagnostics& diagnostics_;
};

}  // namespace tallymill
