#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/source_position.h"
#include "rules/lua_code.h"
#include "rules/rule_file.h"

namespace tallymill {

/// A place in a rule's functions where something is tested: a comparison, or what an if, a while,
/// an `and`, an `or` or a `not` asks for its truth.
struct RuleCondition {
  SourcePosition where;
  std::string text;  ///< as written
  bool is_comparison = false;
  std::string op = {};                ///< of a comparison
  std::string left = {}, right = {};  ///< its operands as written
  std::optional<Type> type = {};      ///< of the operands, where it is known
  std::vector<std::string> left_columns = {}, right_columns = {};
  bool is_clear = true;  ///< no operand can hold a value of a sensitive column
};

/// What the source of a loaded rule says about itself: where it decides, what its expressions are
/// worth, which parts of the file are its logic. The source must outlive it.
class RuleCode {
 public:
  RuleCode(const LoadedRule& rule, int currency_scale, std::set<std::string> sensitive = {});

  const LuaCode& lua() const { return lua_; }
  std::size_t currency_scale() const { return static_cast<std::size_t>(scale_); }
  const std::vector<RuleCondition>& conditions() const { return conditions_; }

  /// The source with every condition handed to tm_seen(number, value) or, a comparison, to
  /// tm_compare(number, left, right), which give back what the condition is. Lines stay.
  std::string instrumented() const;

  /// Whether `token` belongs to the rule's logic: its functions, the file's own functions and
  /// values, the defaults of its parameters; but not its name, needs or tests.
  bool is_logic(std::size_t token) const;
  /// Whether `token` is a text that people read: the message of a finding, the doc of a parameter.
  bool is_prose(std::size_t token) const;
  /// The call of the library a literal stands in, e.g. money for `t.money "1"`; empty: a bare one.
  std::string literal_kind(std::size_t token) const;

  SourcePosition position(std::size_t first, std::size_t end) const;

 private:
  struct Span {
    std::size_t first, end;
    bool holds(std::size_t token) const { return first <= token && token < end; }
  };
  struct Edit {
    std::string before, after;
    bool is_operator = false;  ///< replaced by a comma
  };

  void find_parts();
  void find_locals();
  void find_conditions();
  void ask(std::size_t expression);
  void add_condition(std::size_t expression);

  std::optional<Type> type_of(std::size_t expression) const;
  std::optional<Type> type_of_call(const LuaExpression& call) const;
  std::optional<Type> type_of_binary(const LuaExpression& binary) const;
  bool is_clear(std::size_t expression) const;
  void add_columns(std::size_t expression, std::vector<std::string>& columns) const;
  /// The column or parameter a field stands for: "row", name or "p", name; empty if none.
  std::string_view base_of(const LuaExpression& field) const;
  std::string_view library_function(const LuaExpression& call) const;
  const LuaExpression& at(std::size_t expression) const { return lua_.expressions()[expression]; }
  std::string_view text_of(std::size_t expression) const;

  const LoadedRule& rule_;
  int scale_;
  std::set<std::string> sensitive_;
  LuaCode lua_;
  std::string_view row_name_ = "row", params_name_ = "p", library_ = "t";
  std::vector<Span> logic_, other_, prose_;
  std::map<std::size_t, std::string> literals_;  ///< by token
  std::map<std::string_view, Type> locals_;
  std::set<std::string_view> clear_;  ///< names that hold nothing of a row
  std::vector<RuleCondition> conditions_;
  std::set<std::size_t> asked_;  ///< expressions
  std::vector<Edit> edits_;      ///< by token
};

}  // namespace tallymill
