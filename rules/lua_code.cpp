#include "rules/lua_code.h"

#include <algorithm>
#include <utility>

#include "rules/lua_operators.h"

namespace tallymill {

/// Fills a LuaCode.
class LuaReader {
 public:
  explicit LuaReader(LuaCode& code) : code_(code) {}

  void run() {
    code_.functions_.push_back({0, code_.tokens_.size() - 1, {}, 0});
    while (!at_end()) {
      const std::size_t before = position_;
      block();
      if (position_ == before) next();
    }
  }

 private:
  using Kind = LuaExpression::Kind;

  const LuaToken& now() const { return code_.tokens_[position_]; }
  const LuaToken& ahead() const {
    return code_.tokens_[std::min(position_ + 1, code_.tokens_.size() - 1)];
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
  bool is_name() const { return now().kind == LuaToken::Kind::name; }

  bool ends_block() const {
    return at_end() || now().is("end") || now().is("else") || now().is("elseif") ||
           now().is("until") || now().is("}") || now().is(")");
  }

  void block() {
    std::size_t last = code_.statements_.size();
    while (!ends_block()) {
      const std::size_t before = position_;
      last = code_.statements_.size();
      statement();
      accept(";");
      if (position_ == before) next();
    }
    // Only a statement of this very block ends where the block does.
    for (std::size_t i = last; i < code_.statements_.size(); ++i)
      if (code_.statements_[i].end == position_ && is_function_block_)
        code_.statements_[i].is_last = true;
  }

  void inner_block() {
    const bool outer = std::exchange(is_function_block_, false);
    block();
    is_function_block_ = outer;
  }

  void condition() { code_.conditions_.push_back(expression()); }

  void statement() {
    if (accept("if")) {
      condition();
      accept("then");
      inner_block();
      while (accept("elseif")) {
        condition();
        accept("then");
        inner_block();
      }
      if (accept("else")) inner_block();
      accept("end");
    } else if (accept("while")) {
      condition();
      accept("do");
      inner_block();
      accept("end");
    } else if (accept("do")) {
      inner_block();
      accept("end");
    } else if (accept("repeat")) {
      inner_block();
      if (accept("until")) condition();
    } else if (accept("for")) {
      while (!at_end() && !now().is("=") && !now().is("in")) next();
      next();
      expressions();
      accept("do");
      inner_block();
      accept("end");
    } else if (now().is("function")) {
      const std::size_t first = position_;
      next();
      while (is_name() || now().is(".") || now().is(":")) next();
      function_body(first);
    } else if (accept("local")) {
      local();
    } else if (now().is("return")) {
      LuaStatement made = open(LuaStatement::Kind::give_back);
      next();
      if (!ends_block() && !now().is(";")) made.values = expressions();
      close(std::move(made));
    } else if (accept("::")) {
      next();
      accept("::");
    } else if (now().is("break")) {
      next();
    } else if (now().is("goto") && ahead().kind == LuaToken::Kind::name) {
      next();
      next();
    } else {
      simple_statement();
    }
  }

  LuaStatement open(LuaStatement::Kind kind) const {
    return {.kind = kind, .first = position_, .function = function_};
  }
  void close(LuaStatement statement) {
    statement.end = position_;
    code_.statements_.push_back(std::move(statement));
  }

  void local() {
    if (now().is("function")) {
      const std::size_t first = position_;
      next();
      next();
      return function_body(first), void();
    }
    LuaStatement made = open(LuaStatement::Kind::local);
    made.first = position_ - 1;
    do {
      made.names.push_back(now().text);
      next();
    } while (accept(","));
    if (accept("=")) made.values = expressions();
    close(std::move(made));
  }

  /// A call or an assignment.
  void simple_statement() {
    LuaStatement made = open(LuaStatement::Kind::call);
    if (!starts_expression()) return next();
    made.values.push_back(suffixed());
    while (accept(",")) suffixed();
    if (accept("=")) {
      made.kind = LuaStatement::Kind::assign;
      made.values = expressions();
    }
    close(std::move(made));
  }

  bool starts_expression() const {
    using TokenKind = LuaToken::Kind;
    const LuaToken& token = now();
    return token.kind == TokenKind::name || token.kind == TokenKind::number ||
           token.kind == TokenKind::text || token.is("(") || token.is("{") || token.is("-") ||
           token.is("#") || token.is("not") || token.is("nil") || token.is("true") ||
           token.is("false") || token.is("...") || token.is("function");
  }

  std::vector<std::size_t> expressions() {
    std::vector<std::size_t> list{expression()};
    while (accept(",")) list.push_back(expression());
    return list;
  }

  std::size_t add(LuaExpression expression) {
    expression.end = position_;
    expression.function = function_;
    code_.expressions_.push_back(std::move(expression));
    return code_.expressions_.size() - 1;
  }

  std::size_t expression(int min_precedence = 0) {
    const std::size_t first = position_;
    std::size_t left = unary();
    for (;;) {
      const LuaOperator* op = lua_operator(now());
      if (op == nullptr || op->precedence <= min_precedence) return left;
      const std::size_t at = position_;
      next();
      const std::size_t right =
          expression(op->right_associative ? op->precedence - 1 : op->precedence);
      left = add({.kind = Kind::binary, .first = first, .op = at, .children = {left, right}});
    }
  }

  std::size_t unary() {
    if (!now().is("-") && !now().is("not") && !now().is("#")) return suffixed();
    const std::size_t first = position_;
    next();
    const std::size_t operand = expression(kLuaUnaryPrecedence);
    return add({.kind = Kind::unary, .first = first, .op = first, .children = {operand}});
  }

  std::size_t suffixed() {
    const std::size_t first = position_;
    std::size_t value = primary();
    for (;;) {
      if (now().is(".") || now().is(":")) {
        next();
        const std::size_t name = position_;
        next();
        value = add({.kind = Kind::field, .first = first, .op = name, .children = {value}});
      } else if (accept("[")) {
        const std::size_t key = expression();
        accept("]");
        value = add({.kind = Kind::index, .first = first, .children = {value, key}});
      } else if (now().is("(") || now().is("{") || now().kind == LuaToken::Kind::text) {
        std::vector<std::size_t> children{value};
        for (const std::size_t argument : arguments()) children.push_back(argument);
        value = add({.kind = Kind::call, .first = first, .children = std::move(children)});
      } else {
        return value;
      }
    }
  }

  std::vector<std::size_t> arguments() {
    if (!accept("(")) return {primary()};
    std::vector<std::size_t> list;
    if (!now().is(")")) list = expressions();
    accept(")");
    return list;
  }

  std::size_t primary() {
    const std::size_t first = position_;
    if (now().is("{")) return table();
    if (now().is("function")) {
      next();
      return function_body(first);
    }
    if (accept("(")) {
      const std::size_t inner = expression();
      accept(")");
      return add({.kind = Kind::group, .first = first, .children = {inner}});
    }
    const Kind kind = is_name() ? Kind::name : Kind::constant;
    if (starts_expression()) next();
    return add({.kind = kind, .first = first});
  }

  std::size_t table() {
    LuaExpression made{.kind = Kind::table, .first = position_};
    next();
    while (!at_end() && !now().is("}")) {
      const std::size_t before = position_;
      std::size_t key = 0;
      if (is_name() && ahead().is("=")) {
        key = position_;
        next();
        next();
      } else if (accept("[")) {
        expression();
        accept("]");
        accept("=");
      }
      made.keys.push_back(key);
      made.children.push_back(expression());
      if (!accept(",") && !accept(";") && position_ == before) next();
    }
    next();
    return add(std::move(made));
  }

  /// From the parameter list to behind `end`; `first` is the token where the function starts.
  std::size_t function_body(std::size_t first) {
    const std::size_t outer = std::exchange(function_, code_.functions_.size());
    const bool outer_block = std::exchange(is_function_block_, true);
    code_.functions_.push_back({.first = first, .parent = outer});
    while (!at_end() && !now().is(")")) {
      if (is_name()) code_.functions_[function_].parameters.push_back(now().text);
      next();
    }
    next();
    block();
    accept("end");
    code_.functions_[function_].end = position_;
    function_ = outer;
    is_function_block_ = outer_block;
    return add({.kind = Kind::function, .first = first});
  }

  LuaCode& code_;
  std::size_t position_ = 0;
  std::size_t function_ = 0;
  bool is_function_block_ = true;
};

LuaCode::LuaCode(std::string_view source) : source_(source), tokens_(lua_tokens(source)) {
  LuaReader(*this).run();
}

std::size_t LuaCode::offset(std::size_t token) const {
  const std::string_view text = tokens_[token].text;
  return text.empty() ? source_.size() : static_cast<std::size_t>(text.data() - source_.data());
}

std::string_view LuaCode::text(std::size_t first, std::size_t end) const {
  if (end <= first) return {};
  const std::size_t from = offset(first);
  return source_.substr(from, offset(end - 1) + tokens_[end - 1].text.size() - from);
}

}  // namespace tallymill
