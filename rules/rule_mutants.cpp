#include "rules/rule_mutants.h"

#include <algorithm>
#include <cctype>

#include "core/text.h"
#include "core/time/date.h"

namespace tallymill {
namespace {

using Kind = LuaExpression::Kind;

constexpr std::size_t kLongestShown = 100;

/// What a symbol or word of logic is mistaken for.
constexpr std::pair<std::string_view, std::string_view> kMistakes[] = {
    {"<", "<="},  {"<=", "<"},   {">", ">="},   {">=", ">"},       {"==", "~="},
    {"~=", "=="}, {"and", "or"}, {"or", "and"}, {"true", "false"}, {"false", "true"},
    {"+", "-"},   {"-", "+"},    {"*", "/"},    {"/", "*"},        {"%", "*"}};

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// `digits` plus or minus one in the last place; "-1" for one below "0".
std::string moved(const std::string& digits, int by) {
  std::string result = digits;
  if (by < 0 && result.find_first_not_of('0') == std::string::npos) {
    result.back() = '1';
    return "-" + result;
  }
  for (std::size_t i = result.size(); i-- > 0;) {
    const int digit = result[i] - '0' + by;
    result[i] = static_cast<char>('0' + (digit + 10) % 10);
    if (digit >= 0 && digit <= 9) return result;
  }
  return by > 0 ? "1" + result : result;
}

/// A plain decimal such as "30.00" moved by one in its last place; `scale`: written out to that
/// many fraction digits first. Empty if it is none, or would keep its sign only by luck.
std::string moved_decimal(std::string text, int by, std::size_t scale = 0) {
  const bool is_negative = text.starts_with("-");
  if (is_negative) text.erase(0, 1);
  const std::size_t point = text.find('.');
  std::string whole = text.substr(0, point);
  std::string fraction = point == std::string::npos ? "" : text.substr(point + 1);
  if (!is_digits(whole) || (point != std::string::npos && !is_digits(fraction))) return {};
  if (fraction.size() < scale) fraction.resize(scale, '0');
  std::string digits = moved(whole + fraction, is_negative ? -by : by);
  bool turned = digits.starts_with("-");
  if (turned) digits.erase(0, 1);
  if (!fraction.empty()) digits.insert(digits.size() - fraction.size(), ".");
  return (is_negative != turned ? "-" : "") + digits;
}

class MutantMaker {
 public:
  explicit MutantMaker(const RuleCode& code) : code_(code), lua_(code.lua()) {}

  std::vector<Mutant> make() {
    for (std::size_t token = 0; token + 1 < lua_.tokens().size(); ++token)
      if (code_.is_logic(token) && !code_.is_prose(token)) mutate_token(token);
    for (const LuaStatement& statement : lua_.statements()) remove(statement);
    std::stable_sort(made_.begin(), made_.end(), [](const Mutant& a, const Mutant& b) {
      return std::tie(a.where.line, a.where.column) < std::tie(b.where.line, b.where.column);
    });
    return std::move(made_);
  }

 private:
  void mutate_token(std::size_t at) {
    const LuaToken& token = lua_.tokens()[at];
    const std::string text(token.text);
    if (token.kind == LuaToken::Kind::number) {
      for (const int by : {1, -1}) {
        const std::string other = moved_decimal(text, by);
        replace(at, other.starts_with("-") ? " " + other : other);  // "a-0" is no comment
      }
    } else if (token.kind == LuaToken::Kind::text) {
      mutate_text(at);
    } else if (token.is("not")) {
      replace(at, " ", "not dropped");
    } else {
      // A minus in front of a value is no operator between two.
      if (token.is("-") && !is_between(at)) return;
      for (const auto& [from, to] : kMistakes)
        if (token.is(from)) replace(at, std::string(to));
    }
  }

  bool is_between(std::size_t at) const {
    const auto& all = lua_.expressions();
    return std::any_of(all.begin(), all.end(), [&](const LuaExpression& it) {
      return it.kind == Kind::binary && it.op == at;
    });
  }

  void mutate_text(std::size_t at) {
    const LuaToken& token = lua_.tokens()[at];
    if (token.text[0] == '[') return;
    const std::string quote(1, token.text[0]);
    const std::string content(text_content(token));
    const std::string kind = code_.literal_kind(at);
    const auto quoted = [&](const std::string& text) {
      return text.empty() ? std::string() : quote + text + quote;
    };
    if (kind == "money" || kind == "decimal" || kind == "percent" || kind == "ratio") {
      const std::size_t scale = kind == "money" ? code_.currency_scale() : 0;
      for (const int by : {1, -1}) replace(at, quoted(moved_decimal(content, by, scale)));
    } else if (kind == "date") {
      if (const auto date = parse_date(content))
        for (const int by : {1, -1}) replace(at, quoted(Date{date.value.days + by}.text()));
    } else if (kind.empty() || kind == "fail" || kind == "warn" || kind == "band") {
      replace(at, quote + content + "x" + quote);
    }
  }

  void replace(std::size_t token, const std::string& with, std::string change = {}) {
    const std::string_view old = lua_.tokens()[token].text;
    if (with.empty() || with == old) return;
    if (change.empty()) change = std::string(old) + " to " + std::string(trim(with));
    add(token, token + 1, with, std::move(change));
  }

  void remove(const LuaStatement& statement) {
    using StatementKind = LuaStatement::Kind;
    if (statement.function == 0 || !code_.is_logic(statement.first)) return;
    if (statement.kind == StatementKind::local) return;  // its name would be a global
    const bool gives_nothing = statement.kind == StatementKind::give_back &&
                               (statement.values.empty() ||
                                lua_.text(lua_.expressions()[statement.values[0]].first,
                                          lua_.expressions()[statement.values[0]].end) == "nil");
    if (statement.is_last && gives_nothing) return;  // the same rule without it
    add(statement.first, statement.end, "", "statement removed");
  }

  /// Lines stay: what is taken away leaves its newlines.
  void add(std::size_t first, std::size_t end, const std::string& with, std::string change) {
    const std::string_view old = lua_.text(first, end);
    const std::size_t from = lua_.offset(first);
    std::string put = with;
    if (with.empty())
      put.append(static_cast<std::size_t>(std::count(old.begin(), old.end(), '\n')), '\n');
    const std::string source(lua_.source());
    Mutant mutant{.where = code_.position(first, end), .change = std::move(change)};
    mutant.text = source;
    mutant.text.replace(from, old.size(), put);
    const std::size_t line = source.rfind('\n', from) + 1;  // npos + 1 is 0
    mutant.before = shown_line(source, line);
    mutant.after = with.empty() && trim(mutant.before) == trim(shortened(old))
                       ? ""
                       : shown_line(mutant.text, line);
    made_.push_back(std::move(mutant));
  }

  static std::string shortened(std::string_view text) {
    return std::string(trim(text.substr(0, text.find('\n'))));
  }

  static std::string shown_line(const std::string& text, std::size_t from) {
    std::string line(trim(text.substr(from, text.find('\n', from) - from)));
    if (line.size() > kLongestShown) line = line.substr(0, kLongestShown) + "...";
    return line;
  }

  const RuleCode& code_;
  const LuaCode& lua_;
  std::vector<Mutant> made_;
};

}  // namespace

std::vector<Mutant> make_mutants(const RuleCode& code) { return MutantMaker(code).make(); }

}  // namespace tallymill
