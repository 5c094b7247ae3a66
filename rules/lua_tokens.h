#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace tallymill {

/// One token of Lua 5.1 source. `text` points into the source, quotes included.
struct LuaToken {
  enum class Kind { name, keyword, number, text, symbol, end };
  Kind kind = Kind::end;
  std::string_view text;
  int line = 0;
  int column = 0;  ///< 1-based, in characters
  int length = 1;  ///< characters on its first line

  bool is(std::string_view what) const { return kind != Kind::text && text == what; }
};

/// Comments and white space left out; the last token is `end`. Source that does not lex ends early:
/// Lua itself reports it better.
std::vector<LuaToken> lua_tokens(std::string_view source);

/// Reads tokens one by one; base of the readers of rules' source. It stops at the `end`.
class LuaCursor {
 protected:
  explicit LuaCursor(const std::vector<LuaToken>& tokens) : tokens_(tokens) {}

  const LuaToken& now() const { return tokens_[position_]; }
  const LuaToken& ahead(std::size_t count = 1) const {
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

  const std::vector<LuaToken>& tokens_;
  std::size_t position_ = 0;
};

/// The content of a text token; escapes stay as written.
std::string_view text_content(const LuaToken& token);

}  // namespace tallymill
