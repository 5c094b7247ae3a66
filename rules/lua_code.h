#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "rules/lua_tokens.h"

namespace tallymill {

/// An expression of Lua source, as the tokens from `first` up to `end`.
struct LuaExpression {
  enum class Kind {
    constant,  ///< a number, text, true, false, nil
    name,
    field,     ///< `base.name`, `base:name`; token `op` is the name
    index,     ///< `base[key]`
    call,      ///< callee, then arguments
    table,     ///< its values; keys[i] is the token of the i-th one's name, or 0
    function,  ///< function(...) ... end
    unary,     ///< token `op`, operand
    binary,    ///< left, token `op`, right
    group,     ///< (inner)
  };
  Kind kind = Kind::constant;
  std::size_t first = 0, end = 0;
  std::size_t op = 0;
  std::vector<std::size_t> children = {};  ///< of LuaCode::expressions()
  std::vector<std::size_t> keys = {};
  std::size_t function = 0;  ///< of LuaCode::functions(), in which it stands
};

struct LuaStatement {
  enum class Kind { call, assign, local, give_back };
  Kind kind = Kind::call;
  std::size_t first = 0, end = 0;            ///< tokens
  std::vector<std::string_view> names = {};  ///< local: what it declares
  std::vector<std::size_t> values = {};      ///< expressions; call: the one
  std::size_t function = 0;
  bool is_last = false;  ///< the last one of its function's own block
};

/// A function body; number 0 is the file itself.
struct LuaFunction {
  std::size_t first = 0, end = 0;  ///< tokens, `function` and `end` included
  std::vector<std::string_view> parameters = {};
  std::size_t parent = 0;
};

/// The shape of a Lua 5.1 source that Lua accepts: a recursive-descent reader of its whole grammar.
/// Where it meets something else it goes on behind it. The source must outlive it.
class LuaCode {
 public:
  explicit LuaCode(std::string_view source);

  std::string_view source() const { return source_; }
  const std::vector<LuaToken>& tokens() const { return tokens_; }
  const std::vector<LuaExpression>& expressions() const { return expressions_; }
  const std::vector<LuaStatement>& statements() const { return statements_; }
  const std::vector<LuaFunction>& functions() const { return functions_; }
  /// What if, elseif, while and until test.
  const std::vector<std::size_t>& conditions() const { return conditions_; }

  /// The source from token `first` up to `end`, as written.
  std::string_view text(std::size_t first, std::size_t end) const;
  std::size_t offset(std::size_t token) const;

 private:
  friend class LuaReader;
  std::string_view source_;
  std::vector<LuaToken> tokens_;
  std::vector<LuaExpression> expressions_;
  std::vector<LuaStatement> statements_;
  std::vector<LuaFunction> functions_;
  std::vector<std::size_t> conditions_;
};

}  // namespace tallymill
