#include "core/time/date_language.h"

#include <array>
#include <charconv>

#include "core/ascii.h"
#include "core/error.h"
#include "core/text.h"

namespace tallymill {

namespace {

constexpr int kDeepest = 32;

/// Why an expression cannot be evaluated; ends its evaluation.
struct Problem {
  TextProblem text;
};

const DateFunction* find_function(std::string_view name) {
  for (const DateFunction& function : date_functions())
    if (function.name == name) return &function;
  return nullptr;
}

/// Days for dates and times, periods for periods, else numbers.
DateValue add(const DateValue& left, const DateValue& right, int sign) {
  if (sign < 0 && std::holds_alternative<Date>(left) && std::holds_alternative<Date>(right))
    return std::int64_t{std::get<Date>(left).days} - std::get<Date>(right).days;
  const auto* count = std::get_if<std::int64_t>(&right);
  if (count == nullptr)
    throw Error(ErrorClass::config, "only a whole number can be added or taken away, got " +
                                        std::string(kind_name(right)));
  std::int64_t signed_count = 0;
  if (__builtin_mul_overflow(*count, sign, &signed_count))
    throw Error(ErrorClass::config, "a number is too large");
  if (const auto* number = std::get_if<std::int64_t>(&left)) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(*number, signed_count, &sum))
      throw Error(ErrorClass::config, "a number is too large");
    return sum;
  }
  const std::array<DateValue, 2> arguments{left, signed_count};
  if (const auto* period = std::get_if<Period>(&left)) {
    if (signed_count > 4'000'000 || signed_count < -4'000'000)
      throw Error(ErrorClass::config, "the result leaves the years 1 to 9999");
    return period->next(static_cast<int>(signed_count));
  }
  return find_function("add_days")->call(arguments, {});
}

DateValue multiply(const DateValue& left, const DateValue& right) {
  const auto* a = std::get_if<std::int64_t>(&left);
  const auto* b = std::get_if<std::int64_t>(&right);
  if (a == nullptr || b == nullptr)
    throw Error(ErrorClass::config, "'*' multiplies whole numbers, got " +
                                        std::string(kind_name(left)) + " and " +
                                        std::string(kind_name(right)));
  std::int64_t product = 0;
  if (__builtin_mul_overflow(*a, *b, &product))
    throw Error(ErrorClass::config, "a number is too large");
  return product;
}

/// Reads and evaluates one expression in one go: they are short, and evaluated once.
/// Without a scope it only notes what would be asked for.
class Evaluator {
 public:
  Evaluator(std::string_view text, std::size_t begin, const DateScope* scope, DateNeeds& needs)
      : text_(text), at_(begin), scope_(scope), needs_(needs) {}

  /// Up to and including the closing brace.
  DateValue evaluate() {
    DateValue value = sum();
    if (peek() != '}') fail(at_, 1, at_ < text_.size() ? unexpected() : "'${' is not closed");
    ++at_;
    return value;
  }
  std::size_t end() const { return at_; }

 private:
  [[noreturn]] void fail(std::size_t offset, std::size_t length, std::string message,
                         std::string hint = {}) const {
    throw Problem{{std::min(offset, text_.size()), std::max<std::size_t>(1, length),
                   std::move(message), std::move(hint)}};
  }
  std::string unexpected() const {
    return "'" + std::string(text_.substr(at_, 1)) + "' is not expected here in '${...}'";
  }

  char peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  /// Errors of values get the place of the part that gave them.
  template <class Compute>
  DateValue computed(std::size_t begin, Compute compute) {
    if (scope_ == nullptr) return std::int64_t{0};
    try {
      return compute();
    } catch (const Error& error) {
      fail(begin, at_ - begin, error.message());
    }
  }

  DateValue sum() {
    const std::size_t begin = (peek(), at_);
    DateValue value = product();
    while (peek() == '+' || peek() == '-') {
      const int sign = text_[at_++] == '+' ? 1 : -1;
      const DateValue right = product();
      value = computed(begin, [&] { return add(value, right, sign); });
    }
    return value;
  }

  DateValue product() {
    const std::size_t begin = (peek(), at_);
    DateValue value = unary();
    while (take('*')) {
      const DateValue right = unary();
      value = computed(begin, [&] { return multiply(value, right); });
    }
    return value;
  }

  DateValue unary() {
    const std::size_t begin = (peek(), at_);
    if (++depth_ > kDeepest) fail(begin, 1, "the expression is nested too deep");
    DateValue value;
    if (take('-')) {
      const DateValue operand = unary();
      value = computed(begin, [&] { return multiply(operand, std::int64_t{-1}); });
    } else {
      value = primary();
    }
    --depth_;
    return value;
  }

  DateValue primary() {
    const char c = peek();
    if (is_digit(c)) return number();
    if (c == '\'' || c == '"') return literal(c);
    if (is_name_start(c)) return name();
    if (take('(')) {
      DateValue value = sum();
      if (!take(')')) fail(at_, 1, "')' is expected here in '${...}'");
      return value;
    }
    fail(at_, 1,
         at_ < text_.size() && c != '}' ? unexpected() : "a value is expected here in '${...}'",
         "write e.g. ${period} or ${format(period_last_day, 'yyyyMMdd')}");
  }

  DateValue number() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    std::int64_t value = 0;
    if (std::from_chars(text_.data() + begin, text_.data() + at_, value).ec != std::errc())
      fail(begin, at_ - begin, "a number is too large");
    return value;
  }

  DateValue literal(char quote) {
    const std::size_t begin = at_;
    const std::size_t end = text_.find(quote, begin + 1);
    if (end == std::string_view::npos) fail(begin, 1, "a quote is not closed in '${...}'");
    at_ = end + 1;
    return std::string(text_.substr(begin + 1, end - begin - 1));
  }

  /// "period", "param:rate", "add_months".
  std::string_view identifier() {
    const std::size_t begin = at_;
    while (at_ < text_.size() &&
           (is_name_start(text_[at_]) || is_digit(text_[at_]) || text_[at_] == ':'))
      ++at_;
    return text_.substr(begin, at_ - begin);
  }

  DateValue name() {
    const std::size_t begin = at_;
    const std::string_view word = identifier();
    const DateFunction* function = find_function(word);
    if (peek() == '(') {
      if (function == nullptr) unknown(begin, word, true);
      ++at_;
      return call(*function, begin, arguments());
    }
    if (function != nullptr && function->least == 0) return call(*function, begin, {});
    if (function != nullptr)
      fail(begin, word.size(), "'" + std::string(word) + "' is a function",
           "write " + std::string(word) + "(" + std::string(function->arguments) + ")");
    return value_of(begin, word);
  }

  std::vector<DateValue> arguments() {
    std::vector<DateValue> values;
    if (take(')')) return values;
    do values.push_back(sum());
    while (take(','));
    if (!take(')')) fail(at_, 1, "')' or ',' is expected here in '${...}'");
    return values;
  }

  DateValue call(const DateFunction& function, std::size_t begin,
                 const std::vector<DateValue>& values) {
    needs_.calendar = needs_.calendar || function.asks_calendar;
    needs_.zone = needs_.zone || function.asks_zone;
    if (values.size() < function.least || values.size() > function.most)
      fail(begin, at_ - begin,
           std::string(function.name) + " cannot take " + std::to_string(values.size()) +
               " arguments",
           "write " + std::string(function.name) + "(" + std::string(function.arguments) + ")");
    return computed(begin, [&] { return function.call(values, *scope_); });
  }

  DateValue value_of(std::size_t begin, std::string_view word) {
    if (word == "scheduled") needs_.due = true;
    if (scope_ == nullptr) return std::int64_t{0};
    const Period& period = scope_->period;
    if (word == "period") return period;
    if (word == "period_first_day") return period.first_day();
    if (word == "period_last_day") return period.last_day();
    if (word == "period_end") return LocalTime::at(period.last_day(), kSecondsPerDay);
    if (word == "year") return std::int64_t{period.first_day().year()};
    if (word == "month") return format_time(LocalTime::at(period.first_day()), "MM");
    if (word == "partition") return scope_->partition;
    if (word == "scheduled") return scheduled(begin, word);
    constexpr std::string_view kParam = "param:";
    if (word.starts_with(kParam) && scope_->param)
      if (auto value = scope_->param(std::string(word.substr(kParam.size())))) return *value;
    unknown(begin, word, false);
  }

  DateValue scheduled(std::size_t begin, std::string_view word) const {
    if (scope_->scheduled) return *scope_->scheduled;
    if (scope_->is_open) return LocalTime::at(scope_->period.last_day(), kSecondsPerDay);
    fail(begin, word.size(),
         "there is no scheduled time: no fire of a schedule is known to be for " +
             scope_->period.text(),
         "use period_end, or look at 'tallymill next' of the graph");
  }

  [[noreturn]] void unknown(std::size_t begin, std::string_view word, bool is_call) const {
    std::vector<std::string> known;
    if (!is_call) known = date_names();
    if (!is_call && scope_ != nullptr)
      for (const std::string& name : scope_->param_names) known.push_back("param:" + name);
    const std::size_t names = known.size();
    for (const DateFunction& function : date_functions()) known.emplace_back(function.name);
    const std::string meant = did_you_mean(word, known);
    if (!is_call) known.resize(names);
    fail(begin, word.size(),
         std::string("unknown ") + (is_call ? "function" : "name") + " '" + std::string(word) +
             "' in '${...}'",
         !meant.empty() ? meant
                        : (is_call ? "known functions: " : "known names: ") + join(known, ", "));
  }

  std::string_view text_;
  std::size_t at_;
  const DateScope* scope_;
  DateNeeds& needs_;
  int depth_ = 0;
};

constexpr std::string_view kOpening = "${";

/// Where to go on after an expression that failed: behind its brace, else at the text's end.
std::size_t behind(std::string_view text, std::size_t begin) {
  const std::size_t end = text.find('}', begin);
  return end == std::string_view::npos ? text.size() : end + 1;
}

}  // namespace

const std::vector<std::string>& date_names() {
  static const std::vector<std::string> names{
      "period", "period_first_day", "period_last_day", "period_end", "year",
      "month",  "partition",        "scheduled"};
  return names;
}

std::optional<std::string> expand_dates(std::string_view text, const DateScope& scope,
                                        std::vector<TextProblem>& problems) {
  std::string result;
  DateNeeds ignored;
  const std::size_t known = problems.size();
  std::size_t from = 0;
  for (std::size_t at; (at = text.find(kOpening, from)) != std::string_view::npos;) {
    result += text.substr(from, at - from);
    const std::size_t begin = at + kOpening.size();
    try {
      Evaluator evaluator(text, begin, &scope, ignored);
      result += to_text(evaluator.evaluate());
      from = evaluator.end();
    } catch (const Problem& problem) {
      problems.push_back(problem.text);
      from = behind(text, begin);
    }
  }
  result += text.substr(std::min(from, text.size()));
  return problems.size() == known ? std::optional(std::move(result)) : std::nullopt;
}

DateNeeds needs_of(std::string_view text) {
  DateNeeds needs;
  std::size_t from = 0;
  for (std::size_t at; (at = text.find(kOpening, from)) != std::string_view::npos;) {
    from = at + kOpening.size();
    try {
      Evaluator evaluator(text, from, nullptr, needs);
      evaluator.evaluate();
      from = evaluator.end();
    } catch (const Problem&) {
      continue;  // whoever expands the text reports it
    }
  }
  return needs;
}

}  // namespace tallymill
