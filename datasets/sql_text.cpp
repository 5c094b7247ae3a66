#include "datasets/sql_text.h"

#include <algorithm>

#include "core/text.h"

namespace tallymill {
namespace {

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_part(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// One walk over an SQL text that knows what is quoted or commented.
class Scanner {
 public:
  explicit Scanner(std::string_view sql) : sql_(sql) {}

  std::vector<SqlParameter> parameters() {
    while (at_ < sql_.size()) step();
    return std::move(found_);
  }

 private:
  char here(std::size_t ahead = 0) const {
    return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0';
  }

  void step() {
    const char c = here();
    if (c == '\'' || c == '"') return skip_quoted(c);
    if (c == '-' && here(1) == '-') return skip_past("\n");
    if (c == '/' && here(1) == '*') return skip_comment();
    if (c == '$' && skip_dollar_quote()) return;
    if ((c == ':' || c == '$') && is_name_start(here(1)) && may_be_parameter(c))
      return take_parameter();
    if (c == ':' && here(1) == ':') {
      at_ += 2;
      last_ = ':';
      return;
    }
    if (c == '[' || c == '{') ++depth_;
    if (c == ']' || c == '}') --depth_;
    if (!is_blank(c)) last_ = c;
    ++at_;
  }

  void take_parameter() {
    std::size_t end = at_ + 1;
    while (end < sql_.size() && is_name_part(sql_[end])) ++end;
    found_.push_back({std::string(sql_.substr(at_ + 1, end - at_ - 1)), at_, end - at_});
    at_ = end;
    last_ = 'x';
  }

  /// Inside brackets a colon after a value is a slice or ends a field's name.
  bool may_be_parameter(char mark) const {
    if (mark == '$') return at_ == 0 || !is_name_part(sql_[at_ - 1]);
    if (depth_ <= 0) return true;
    return !(is_name_part(last_) || last_ == '\'' || last_ == '"' || last_ == ')' || last_ == ']');
  }

  /// Doubled quotes are two quoted parts side by side, which comes to the same.
  void skip_quoted(char quote) {
    const bool escapes = quote == '\'' && (last_ == 'e' || last_ == 'E') && at_ > 0 &&
                         (sql_[at_ - 1] == 'e' || sql_[at_ - 1] == 'E') &&
                         (at_ < 2 || !is_name_part(sql_[at_ - 2]));
    for (++at_; at_ < sql_.size() && sql_[at_] != quote; ++at_)
      if (escapes && sql_[at_] == '\\') ++at_;
    ++at_;
    last_ = quote;
  }

  void skip_past(std::string_view end) {
    const std::size_t found = sql_.find(end, at_);
    at_ = found == std::string_view::npos ? sql_.size() : found + end.size();
  }

  /// SQL comments nest.
  void skip_comment() {
    int open = 0;
    while (at_ < sql_.size()) {
      if (here() == '/' && here(1) == '*') {
        ++open;
        at_ += 2;
      } else if (here() == '*' && here(1) == '/') {
        --open;
        at_ += 2;
        if (open == 0) return;
      } else {
        ++at_;
      }
    }
  }

  /// `$$...$$` and `$tag$...$tag$`.
  bool skip_dollar_quote() {
    std::size_t end = at_ + 1;
    while (end < sql_.size() && is_name_part(sql_[end])) ++end;
    if (end >= sql_.size() || sql_[end] != '$') return false;
    const std::string_view tag = sql_.substr(at_, end + 1 - at_);
    at_ = end + 1;
    skip_past(tag);
    last_ = '\'';
    return true;
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  int depth_ = 0;
  char last_ = '\0';  ///< the last byte that is not blank
  std::vector<SqlParameter> found_;
};

}  // namespace

std::vector<SqlParameter> sql_parameters(std::string_view sql) { return Scanner(sql).parameters(); }

std::string replace_sql_parameters(
    std::string_view sql,
    const std::function<std::optional<std::string>(const SqlParameter&)>& value) {
  std::string result;
  std::size_t copied = 0;
  for (const SqlParameter& parameter : sql_parameters(sql)) {
    const std::optional<std::string> text = value(parameter);
    if (!text) continue;
    result += sql.substr(copied, parameter.offset - copied);
    result += *text;
    copied = parameter.offset + parameter.length;
  }
  result += sql.substr(copied);
  return result;
}

std::vector<std::string> quoted(const std::vector<std::string>& names) {
  std::vector<std::string> identifiers;
  for (const std::string& name : names) identifiers.push_back(quote_identifier(name));
  return identifiers;
}

std::string sql_lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

}  // namespace tallymill
