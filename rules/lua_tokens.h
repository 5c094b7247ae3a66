#pragma once

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

/// The content of a text token; escapes stay as written.
std::string_view text_content(const LuaToken& token);

}  // namespace tallymill
