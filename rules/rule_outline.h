#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/source_position.h"
#include "rules/lua_tokens.h"

namespace tallymill {

/// Where the keys of a rule file's table stand, read from its tokens, so that a problem of a value
/// is reported at `needs.gift` and not at the file.
class RuleOutline {
 public:
  RuleOutline(std::string file, std::string_view source);

  /// The place of a path such as "name", "needs.gift", "tests[2].given.gift"; of its nearest parent
  /// if it is not written out; of line 1 if nothing is known.
  SourcePosition position(std::string_view path) const;

  /// The literal a parameter's default is written as: "money" for `x = t.money "1"`, "decimal(4)"
  /// for `x = t.decimal("0.1250", 4)`; empty if it is none.
  std::string param_literal(const std::string& name) const;

  /// Names of the rule function's parameters: row and p by convention; empty if not given.
  const std::string& row_name() const { return row_name_; }
  const std::string& params_name() const { return params_name_; }

  const std::vector<LuaToken>& tokens() const { return tokens_; }
  const std::string& file() const { return file_; }

 private:
  std::size_t read_table(std::size_t open, const std::string& path);
  std::size_t skip_value(std::size_t from) const;
  std::string literal_at(std::size_t name) const;
  void read_function(std::size_t at);

  std::string file_;
  std::vector<LuaToken> tokens_;
  std::map<std::string, SourcePosition, std::less<>> positions_;
  std::map<std::string, std::string> literals_;  ///< by path
  std::string row_name_, params_name_;
};

SourcePosition position_of(const std::string& file, const LuaToken& token);

}  // namespace tallymill
