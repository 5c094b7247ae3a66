#include "rules/lua_tokens.h"

#include <algorithm>
#include <array>

#include "core/utf8.h"

namespace tallymill {
namespace {

constexpr std::array<std::string_view, 21> kKeywords = {
    "and",   "break", "do",  "else", "elseif", "end",    "false", "for",  "function", "if",   "in",
    "local", "nil",   "not", "or",   "repeat", "return", "then",  "true", "until",    "while"};
constexpr std::array<std::string_view, 7> kLongSymbols = {
    "...", "..", "==", "~=", "<=", ">=", "::"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_letter(c) || is_digit(c); }

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  std::vector<LuaToken> run() {
    while (skip_blank()) {
      const std::size_t length = token_length();
      if (length == 0) break;
      add(length);
    }
    tokens_.push_back({LuaToken::Kind::end, {}, line_, column(), 1});
    return std::move(tokens_);
  }

 private:
  char at(std::size_t offset) const { return offset < source_.size() ? source_[offset] : '\0'; }

  int column() const {
    return static_cast<int>(
               count_characters(source_.substr(line_start_, position_ - line_start_))) +
           1;
  }

  void advance(std::size_t length) {
    for (const std::size_t end = position_ + length; position_ < end; ++position_) {
      if (source_[position_] == '\n') {
        ++line_;
        line_start_ = position_ + 1;
      }
    }
  }

  /// Bytes of `[[...]]` or `[==[...]==]` at `offset`; 0 if there is none.
  std::size_t long_bracket(std::size_t offset) const {
    if (at(offset) != '[') return 0;
    std::size_t level = 0;
    while (at(offset + 1 + level) == '=') ++level;
    if (at(offset + 1 + level) != '[') return 0;
    const std::string close = "]" + std::string(level, '=') + "]";
    const std::size_t end = source_.find(close, offset + level + 2);
    return end == std::string_view::npos ? 0 : end + close.size() - offset;
  }

  std::size_t comment_length() const {
    const std::size_t bracket = long_bracket(position_ + 2);
    if (bracket > 0) return bracket + 2;
    const std::size_t end = source_.find('\n', position_);
    return (end == std::string_view::npos ? source_.size() : end) - position_;
  }

  /// False at the end of the source.
  bool skip_blank() {
    while (position_ < source_.size()) {
      const char c = source_[position_];
      if (c == '-' && at(position_ + 1) == '-')
        advance(comment_length());
      else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v')
        advance(1);
      else
        return true;
    }
    return false;
  }

  std::size_t quoted_length() const {
    const char quote = source_[position_];
    for (std::size_t i = position_ + 1; i < source_.size(); ++i) {
      if (source_[i] == '\\')
        ++i;
      else if (source_[i] == quote)
        return i + 1 - position_;
    }
    return 0;
  }

  std::size_t number_length() const {
    std::size_t i = position_;
    while (is_word(at(i)) || at(i) == '.' ||
           ((at(i) == '+' || at(i) == '-') && (at(i - 1) == 'e' || at(i - 1) == 'E')))
      ++i;
    return i - position_;
  }

  std::size_t token_length() {
    const char c = source_[position_];
    if (is_letter(c)) {
      std::size_t i = position_;
      while (is_word(at(i))) ++i;
      const std::string_view word = source_.substr(position_, i - position_);
      const bool is_keyword =
          std::find(kKeywords.begin(), kKeywords.end(), word) != kKeywords.end();
      kind_ = is_keyword ? LuaToken::Kind::keyword : LuaToken::Kind::name;
      return word.size();
    }
    if (is_digit(c) || (c == '.' && is_digit(at(position_ + 1)))) {
      kind_ = LuaToken::Kind::number;
      return number_length();
    }
    kind_ = LuaToken::Kind::text;
    if (c == '"' || c == '\'') return quoted_length();
    if (const std::size_t bracket = long_bracket(position_); bracket > 0) return bracket;
    kind_ = LuaToken::Kind::symbol;
    for (std::string_view symbol : kLongSymbols)
      if (source_.substr(position_, symbol.size()) == symbol) return symbol.size();
    return 1;
  }

  void add(std::size_t length) {
    const std::string_view text = source_.substr(position_, length);
    const std::string_view first_line = text.substr(0, text.find('\n'));
    tokens_.push_back(
        {kind_, text, line_, column(), static_cast<int>(count_characters(first_line))});
    advance(length);
  }

  std::string_view source_;
  std::size_t position_ = 0;
  std::size_t line_start_ = 0;
  int line_ = 1;
  LuaToken::Kind kind_ = LuaToken::Kind::end;
  std::vector<LuaToken> tokens_;
};

}  // namespace

std::vector<LuaToken> lua_tokens(std::string_view source) { return Lexer(source).run(); }

std::string_view text_content(const LuaToken& token) {
  std::string_view text = token.text;
  if (text.size() < 2) return text;
  if (text[0] != '[') return text.substr(1, text.size() - 2);
  const std::size_t open = text.find('[', 1) + 1;
  return text.substr(open, text.size() - 2 * open);
}

}  // namespace tallymill
