#pragma once

#include <array>
#include <string_view>

#include "rules/lua_tokens.h"

namespace tallymill {

/// A binary operator of Lua 5.1.
struct LuaOperator {
  std::string_view symbol;
  int precedence;  ///< binds tighter than a smaller one; 0: no operator
  bool right_associative;

  bool is_logical() const { return precedence == 1 || precedence == 2; }
  bool is_comparison() const { return precedence == 3; }
};

inline constexpr std::array<LuaOperator, 15> kLuaOperators = {{{"or", 1, false},
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
                                                               {"^", 8, true}}};
/// Of `not`, `#` and the sign.
inline constexpr int kLuaUnaryPrecedence = 7;

/// The operator a token is; null if it is none.
inline const LuaOperator* lua_operator(const LuaToken& token) {
  for (const LuaOperator& candidate : kLuaOperators)
    if (token.is(candidate.symbol)) return &candidate;
  return nullptr;
}

}  // namespace tallymill
