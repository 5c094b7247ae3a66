#include "rules/rule_outline.h"

namespace tallymill {
namespace {

bool opens(const LuaToken& token) {
  return token.is("(") || token.is("{") || token.is("[") || token.is("function") ||
         token.is("if") || token.is("do") || token.is("repeat");
}

bool closes(const LuaToken& token) {
  return token.is(")") || token.is("}") || token.is("]") || token.is("end") || token.is("until");
}

bool is_rule_kind(const LuaToken& token) {
  return token.kind == LuaToken::Kind::name && token.text.ends_with("_rule");
}

}  // namespace

SourcePosition position_of(const std::string& file, const LuaToken& token) {
  return {file, token.line, token.column, token.length};
}

RuleOutline::RuleOutline(std::string file, std::string_view source)
    : file_(std::move(file)), tokens_(lua_tokens(source)) {
  for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
    if (!is_rule_kind(tokens_[i])) continue;
    const std::size_t open = tokens_[i + 1].is("(") ? i + 2 : i + 1;
    if (!tokens_[open].is("{")) continue;
    positions_[""] = position_of(file_, tokens_[i]);
    read_table(open, "");
    return;
  }
}

/// Index of the token behind the value that starts at `from`: a `,`, `;` or the closing brace.
std::size_t RuleOutline::skip_value(std::size_t from) const {
  int depth = 0;
  for (std::size_t i = from; i + 1 < tokens_.size(); ++i) {
    if (depth == 0 && (tokens_[i].is(",") || tokens_[i].is(";") || tokens_[i].is("}"))) return i;
    // `while` and `for` bring a `do`, `elseif` and `else` stay inside their `if`.
    if (opens(tokens_[i])) ++depth;
    if (closes(tokens_[i])) --depth;
  }
  return tokens_.size() - 1;
}

/// Reads the table constructor whose brace is at `open`; gives the index behind its end.
std::size_t RuleOutline::read_table(std::size_t open, const std::string& path) {
  std::size_t i = open + 1;
  for (int count = 0; i + 1 < tokens_.size() && !tokens_[i].is("}");) {
    const LuaToken& first = tokens_[i];
    std::string key;
    if (first.kind == LuaToken::Kind::name && tokens_[i + 1].is("=")) {
      key = path.empty() ? std::string(first.text) : path + "." + std::string(first.text);
      i += 2;
    } else {
      key = path + "[" + std::to_string(++count) + "]";
    }
    positions_.emplace(key, position_of(file_, first));
    const LuaToken& value = tokens_[i];
    if (value.kind == LuaToken::Kind::name && i + 2 < tokens_.size() && tokens_[i + 1].is("."))
      literals_.emplace(key, literal_at(i + 2));
    if (path.empty() && value.is("function")) read_function(i);
    i = value.is("{") ? read_table(i, key) : i;
    i = skip_value(i);
    if (tokens_[i].is(",") || tokens_[i].is(";")) ++i;
  }
  return i + 1 < tokens_.size() ? i + 1 : i;
}

/// The name of a call such as money or decimal(4), whose scale is its second argument.
std::string RuleOutline::literal_at(std::size_t name) const {
  std::string literal(tokens_[name].text);
  const bool has_scale = literal == "decimal" && name + 4 < tokens_.size() &&
                         tokens_[name + 3].is(",") &&
                         tokens_[name + 4].kind == LuaToken::Kind::number;
  return has_scale ? literal + "(" + std::string(tokens_[name + 4].text) + ")" : literal;
}

void RuleOutline::read_function(std::size_t at) {
  if (at + 3 >= tokens_.size() || tokens_[at + 2].kind != LuaToken::Kind::name) return;
  row_name_ = tokens_[at + 2].text;
  if (at + 4 < tokens_.size() && tokens_[at + 3].is(",") &&
      tokens_[at + 4].kind == LuaToken::Kind::name)
    params_name_ = tokens_[at + 4].text;
}

SourcePosition RuleOutline::position(std::string_view path) const {
  for (std::string_view rest = path;;) {
    if (auto it = positions_.find(rest); it != positions_.end() && !rest.empty()) return it->second;
    const std::size_t cut = rest.find_last_of(".[");
    if (cut == std::string_view::npos || cut == 0) break;
    rest = rest.substr(0, cut);
  }
  return {file_, 1, 1, 1};
}

std::string RuleOutline::param_literal(const std::string& name) const {
  auto it = literals_.find("params." + name);
  return it == literals_.end() ? std::string() : it->second;
}

}  // namespace tallymill
